/** The look of the live page, beyond that of all pages. */
export const LIVE_STYLE = `
:root { --liar: #b3123f; --honest: #7a828c; --vanilla: #d55e00; --coat: #b87f00; --dfmr: #0072b2; --components: #b0508f; --oracle: #4d545c; }
@media (prefers-color-scheme: dark) { :root { --liar: #ff6b88; --honest: #8d95a0; --vanilla: #ff8a3d; --coat: #e6a82e; --dfmr: #52b3f0; --components: #ea9bcc; --oracle: #aab1ba; } }
.live h2 { font-size: 1.05em; margin: 1.3em 0 0.5em; }
.live > h2 { font-size: 1.35em; margin: 2em 0 0.6em; }
.live .note, .live figcaption { color: var(--quiet); font: 13.5px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; margin: 0.5em 0 0; }
.live svg { display: block; width: 100%; font: 12.5px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
:where(.live button) { color: inherit; cursor: pointer; } .live button { font: 14px/1.4 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.live :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
#lab { display: grid; grid-template-columns: minmax(0, 1.75fr) minmax(280px, 1fr); gap: 20px 36px; margin: 1.6em 0 1.2em; scroll-margin-top: 12px; }
.panel h2:first-child { margin-top: 0; }
#map { border: 1px solid var(--line); border-radius: 10px; background: color-mix(in srgb, var(--shade) 55%, var(--paper)); }
.key { display: inline-block; width: 22px; height: 0; border-top: 2px solid; margin: 0 4px 0 10px; vertical-align: 0.25em; }
.key:first-child { margin-left: 0; }
.key.truth { border-top-style: dashed; border-color: var(--ink); } .key.sent { border-color: var(--honest); } .key.liar { border-color: var(--liar); }
.rows { fill: none; stroke: var(--quiet); stroke-width: 2.6; stroke-linecap: round; opacity: 0.28; }
.sent { fill: none; stroke: var(--honest); stroke-width: 1; opacity: 0.4; }
.machine.liar .sent { stroke: var(--liar); opacity: 0.55; }
.machine.looked-at .sent { stroke-width: 2.5; opacity: 1; }
ellipse.truth { fill: none; stroke: var(--ink); stroke-width: 1.6; stroke-dasharray: 6 4; }
.merged { stroke-width: 2.6; fill: currentColor; stroke: currentColor; } .cross { fill: none; stroke: currentColor; stroke-width: 2.2; }
.vanilla { color: var(--vanilla); } .coat { color: var(--coat); } .dfmr { color: var(--dfmr); } .components { color: var(--components); } .oracle { color: var(--oracle); }
line.lie { stroke: var(--liar); stroke-width: 1.5; stroke-dasharray: 2 4; stroke-linecap: round; }
.idle { opacity: 0.35; }
.handle, .handle * { touch-action: none; }
.handle { cursor: grab; user-select: none; -webkit-user-select: none; outline: none; }
.handle:active { cursor: grabbing; }
.handle .reach { fill: transparent; }
.handle .grip { fill: var(--liar); stroke: var(--paper); stroke-width: 2.5; }
.handle text { fill: var(--paper); font-weight: 650; pointer-events: none; }
.handle.chosen .reach { fill: var(--liar); fill-opacity: 0.14; }
.handle:focus-visible .reach { stroke: var(--accent); stroke-width: 2.5; outline: none; }
.errors { display: grid; gap: 2px; }
.live .rule { display: grid; grid-template-columns: 12px 8.6em minmax(40px, 1fr) 3.4em; align-items: center; gap: 8px; width: 100%; padding: 4px 6px; margin: 0 -6px; border: 0; border-radius: 6px; background: none; text-align: left; }
.rule:hover { background: var(--shade); }
.rule .swatch { width: 12px; height: 12px; border-radius: 50%; border: 2px solid currentColor; }
.rule[aria-pressed='true'] .swatch { background: currentColor; }
.rule .title, .rule .value { color: var(--ink); }
.rule .value { text-align: right; font-variant-numeric: tabular-nums; }
.rule .bar { height: 9px; border-radius: 5px; background: var(--line); overflow: hidden; }
.rule .bar span { display: block; height: 100%; min-width: 2px; border-radius: 5px; background: currentColor; }
.slider { display: grid; grid-template-columns: 1fr auto; gap: 0 10px; margin: 0 0 8px; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.slider output { color: var(--quiet); font-variant-numeric: tabular-nums; }
.slider input { grid-column: 1 / -1; width: 100%; margin: 2px 0 0; accent-color: var(--accent); height: 22px; }
.choose { display: flex; align-items: center; gap: 6px; margin: 0 0 8px; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.choose span { flex: 1; }
.choose button { min-width: 38px; padding: 3px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); }
.choose button[aria-pressed='true'] { background: var(--liar); border-color: var(--liar); color: var(--paper); }
.live .verdict { margin: 1em 0 0; font-size: 0.96em; }
.answers { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 8px 44px; }
#distances .ball { fill: var(--dfmr); opacity: 0.1; }
#distances .axis { stroke: var(--ink); stroke-width: 1; }
#distances text { fill: var(--quiet); }
#distances line.radius { stroke: var(--dfmr); stroke-width: 1.6; stroke-dasharray: 2 3; } #distances line.threshold { stroke: var(--dfmr); stroke-width: 2; }
#distances text.radius, #distances text.threshold { fill: var(--dfmr); font-weight: 600; }
.dot { fill: var(--honest); fill-opacity: 0.85; stroke: var(--paper); stroke-width: 1; } .dot.liar { fill: var(--liar); } .dot.out { fill-opacity: 0.4; }
.dot.looked-at { stroke: var(--ink); stroke-width: 2.5; }
.chips { display: grid; grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); gap: 6px; }
.live .chip { padding: 4px 0 6px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); text-align: center; font-variant-numeric: tabular-nums; }
.chip:hover { border-color: var(--quiet); }
.chip[aria-pressed='true'] { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.chip .number { display: inline-block; min-width: 2.1em; line-height: 1.7; border-radius: 1em; }
.chip.liar .number { color: var(--liar); font-weight: 650; }
.chip.out .number { text-decoration: line-through; text-decoration-thickness: 2px; }
.chip.centre .number { box-shadow: inset 0 0 0 2px var(--dfmr); }
.chip .parts { display: flex; justify-content: center; gap: 3px; }
.parts span { width: 8px; height: 8px; border-radius: 2px; border: 1.5px solid var(--components); }
.parts .used { background: var(--components); }
.story { min-height: 4.5em; margin: 0.8em 0 0; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.scenes { padding: 0; list-style: none; }
.scenes li { display: grid; grid-template-columns: 17em minmax(0, 1fr); gap: 6px 24px; align-items: start; margin: 0 0 1.1em; }
.scenes p { margin: 0.15em 0 0; font-size: 0.96em; line-height: 1.55; }
.live .scene { padding: 6px 14px; border: 1px solid var(--accent); border-radius: 8px; background: none; color: var(--accent); font-weight: 600; }
.live .scene:hover { background: color-mix(in srgb, var(--accent) 10%, transparent); }
@media (max-width: 820px) {
  #lab { display: block; } .plane { display: contents; } .plane figcaption { margin-bottom: 1.2em; }
  #map { position: sticky; top: 6px; z-index: 1; }
  .panel h2:first-child { margin-top: 1.3em; } .answers, .scenes li { grid-template-columns: minmax(0, 1fr); } .story { min-height: 0; } .scene { justify-self: start; }
}
@media (prefers-reduced-motion: no-preference) { .rule .bar span { transition: width 0.15s; } }
@media (pointer: coarse) { .slider input { height: 32px; } .live .rule { padding: 8px 6px; } .live .chip { padding: 6px 0 9px; } .choose button { padding: 7px 14px; } }
`;
