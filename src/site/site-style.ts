/** What the pages of the site have beyond those that stand alone: the navigation, cards, the reference. */
export const SITE_STYLE = `
.bar, .turn, .card, .filter, .kind, .entry-list, .toc, .fields, .from, .source { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.bar { border-bottom: 1px solid var(--line); font-size: 14px; line-height: 1.4; }
.bar nav { max-width: 1080px; margin: 0 auto; padding: 10px 24px; display: flex; flex-wrap: wrap; gap: 4px 20px; }
.bar a { color: var(--quiet); text-decoration: none; }
.bar a:first-child { color: var(--ink); font-weight: 650; letter-spacing: -0.01em; }
.bar a:hover, .bar a[aria-current] { color: var(--accent); }
h1 { overflow-wrap: anywhere; }
main:has(> .wide) { max-width: 1080px; }
.turn { display: flex; justify-content: space-between; gap: 24px; margin: 3.5em 0 0; padding-top: 16px; border-top: 1px solid var(--line); font-size: 14px; line-height: 1.45; }
.turn a { text-decoration: none; flex: 0 1 48%; }
.turn a span { display: block; color: var(--quiet); font-size: 13px; }
.turn a.next { text-align: right; margin-left: auto; }
.beginning { max-width: 812px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 20px; margin: 1em 0 2em; }
.card { display: flex; flex-direction: column; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; color: var(--ink); text-decoration: none; font-size: 15px; line-height: 1.4; background: var(--paper); }
a.card:hover { border-color: var(--accent); }
.card img { width: 100%; height: 170px; object-fit: cover; object-position: top; }
.card .blank { height: 170px; border-bottom: 1px solid var(--line); background: var(--shade); }
.card .says { border-top: 1px solid var(--line); padding: 12px 16px 14px; }
.card .number { color: var(--quiet); font-size: 13px; display: block; }
.card p { margin: 0.4em 0 0; color: var(--quiet); font-size: 13.5px; }
.card pre { margin: 0; padding: 10px 14px; border-top: 1px solid var(--line); background: var(--shade); font-size: 12px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; margin-top: auto; }
.cards.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
.large .card img { height: 260px; object-fit: contain; object-position: center; }
.large .card .number a { color: inherit; }
.large .card code { font-size: 13.5px; }
.large .card pre code { font-size: 12px; }
.large .card figure { border-bottom: 1px solid var(--line); }
.prose a:not(.name) code { background: none; padding: 0; }
.prose a.name { text-decoration: none; }
.from { color: var(--quiet); font-size: 13.5px; margin: -0.6em 0 1.6em; }
@media (prefers-color-scheme: dark) { .still, .prose :not(picture) > img[src$='.png'] { filter: invert(0.91) hue-rotate(180deg); } }
.ways { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); gap: 4px 28px; padding: 0; margin: 0; list-style: none; }
.ways li { margin: 0 0 0.7em; }
.filter { width: 100%; padding: 9px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink); font-size: 16px; margin: 0 0 1em; }
.filter:focus { outline: 2px solid var(--accent); outline-offset: -1px; }
.entry-list { list-style: none; padding: 0; margin: 0 0 1.6em; font-size: 14.5px; line-height: 1.5; }
.entry-list li { padding: 4px 0; border-bottom: 1px solid var(--line); display: grid; grid-template-columns: minmax(0, 17em) minmax(0, 1fr); gap: 0 18px; }
.entry-list li p { margin: 0; color: var(--quiet); }
.entry-list a { text-decoration: none; overflow-wrap: anywhere; }
.entry-list [hidden], [hidden] { display: none !important; }
.entry { margin: 0 0 2.4em; padding-top: 0.6em; border-top: 1px solid var(--line); }
.entry > h3 { margin: 0.6em 0 0.5em; overflow-wrap: anywhere; font-size: 1.2em; }
.entry .kind { color: var(--quiet); font-weight: 400; font-size: 13px; margin-left: 8px; letter-spacing: 0; }
.entry .source { float: right; font-size: 12.5px; color: var(--quiet); margin-top: 1.1em; text-decoration: none; }
.entry .source:hover { color: var(--accent); }
pre.signature { margin: 0 0 0.9em; padding: 10px 14px; background: var(--shade); border-radius: 6px; font-size: 13px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.signature a { text-decoration: none; }
.fields { font-size: 14.5px; line-height: 1.5; margin: 0 0 1em; }
.fields dt { margin-top: 0.5em; font-weight: 400; overflow-wrap: anywhere; }
.fields dt code { font-size: 13px; }
.fields dt code b { font-weight: 650; }
.fields dd { margin: 0 0 0.4em 1.4em; }
.fields dd p { margin: 0 0 0.3em; }
.fields h4, .entry h4 { margin: 1em 0 0.3em; font-size: 13px; color: var(--quiet); font-weight: 600; letter-spacing: 0; }
.default { color: var(--quiet); }
:target { scroll-margin-top: 12px; }
.entry:target > h3, .cell:target { background: color-mix(in srgb, var(--accent) 10%, transparent); }
.toc { font-size: 14px; columns: 3 200px; list-style: none; padding: 0; margin: 0 0 2em; line-height: 1.6; }
.toc a { text-decoration: none; overflow-wrap: anywhere; }
.lines { counter-reset: line; }
.lines > span { display: block; padding-left: 3.6em; text-indent: -3.6em; min-height: 1.5em; }
.lines > span::before { counter-increment: line; content: counter(line); display: inline-block; width: 2.6em; margin-right: 1em; text-align: right; text-indent: 0; color: var(--quiet); opacity: 0.6; user-select: none; }
.lines > span:target { background: color-mix(in srgb, var(--accent) 14%, transparent); }
.prose pre { max-width: 100%; }
@media (max-width: 600px) { .bar nav { padding: 9px 16px; gap: 2px 15px; } .entry-list li { grid-template-columns: minmax(0, 1fr); } .prose table { font-size: 13px; } th, td { padding: 5px 8px; } .cards { gap: 12px; } a.card { flex-direction: row; } a.card img, a.card .blank { width: 116px; height: auto; min-height: 84px; flex: none; border-right: 1px solid var(--line); } a.card .says { border-top: 0; padding: 10px 14px; } .large .card img { height: auto; max-height: 260px; } }
@media print { .bar, .turn, .filter { display: none; } }
`;
