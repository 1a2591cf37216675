/** The look of exported pages: prose first, code quiet, figures as wide as the text. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2328; --quiet: #656d76; --line: #e3e6ea; --shade: #f7f8fa; --accent: #0b5cad; --warn: #9a6700; --error: #b42318; --blush: #fff5f4; }
@media (prefers-color-scheme: dark) { :root { --paper: #161616; --ink: #dcdfe4; --quiet: #9aa2ad; --line: #33373d; --shade: #1f2125; --accent: #6cb2f0; --warn: #d4a72c; --error: #ff8f85; --blush: #2c1a19; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.65 Charter, 'Bitstream Charter', 'Sitka Text', Cambria, Georgia, 'DejaVu Serif', serif; }
main { max-width: 860px; margin: 0 auto; padding: 56px 24px 96px; }
h1, h2, h3, h4 { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; line-height: 1.25; letter-spacing: -0.01em; }
h1 { font-size: 2em; margin: 0 0 0.6em; }
h2 { font-size: 1.35em; margin: 2em 0 0.6em; }
h3 { font-size: 1.1em; margin: 1.6em 0 0.5em; }
p, ul, ol, blockquote { margin: 0 0 0.9em; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
blockquote { padding-left: 1em; border-left: 3px solid var(--line); color: var(--quiet); }
hr { border: 0; border-top: 1px solid var(--line); margin: 2em 0; }
img { max-width: 100%; height: auto; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; }
.prose code { font-size: 0.84em; background: var(--shade); padding: 0.1em 0.3em; border-radius: 3px; }
.prose pre { background: var(--shade); padding: 10px 14px; border-radius: 6px; overflow-x: auto; font-size: 13px; line-height: 1.5; }
.prose pre code { background: none; padding: 0; font-size: inherit; }
.cell { margin: 1.1em 0 1.6em; }
.code { margin: 0; padding: 10px 14px; background: var(--shade); border-radius: 6px; font-size: 13px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
.folded summary { color: var(--quiet); cursor: pointer; font: 13px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.more > summary { margin: 0.4em 0; font-size: 14px; }
.made { color: var(--quiet); font-size: 0.88em; margin-top: -0.6em; }
.verdict { padding: 0.7em 1em; border-left: 3px solid var(--accent); background: var(--shade); }
dt { font-weight: 600; } dd { margin: 0 0 0.6em 1.2em; }
.show-code { float: right; margin: 6px 0 0 16px; padding: 2px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--shade); color: var(--quiet); cursor: pointer; font: 13px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; }
.folded[open] summary { margin-bottom: 4px; }
.code code.hljs { padding: 0; background: none; overflow: visible; }
.output { margin: 0.8em 0 0; }
.output pre { margin: 0; padding: 0 14px; font-size: 13px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
.output pre.stderr { color: var(--warn); }
.output pre.error { color: var(--error); background: var(--blush); padding: 10px 14px; border-radius: 6px; }
figure { margin: 0; }
figcaption { color: var(--quiet) !important; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif !important; }
.dfmr-plot { width: 100%; min-height: 60px; }
table { border-collapse: collapse; margin: 0.4em 0 0.8em; font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', sans-serif; font-variant-numeric: tabular-nums }
.prose:has(table), .output:has(table) { overflow-x: auto; }
.prose th { text-align: left; }
th, td { padding: 5px 14px; border-bottom: 1px solid var(--line); }
thead th { border-bottom: 1.5px solid var(--ink); font-weight: 600; }
math { font-family: 'Latin Modern Math', 'STIX Two Math', 'Cambria Math', 'DejaVu Math TeX Gyre', math; font-size: 1.05em; }
math[display='block'] { margin: 1em 0; overflow-x: auto; overflow-y: hidden; }
@media (max-width: 600px) { body { font-size: 16px; } main { padding: 28px 16px 64px; } h1 { font-size: 1.65em; } .show-code { float: none; display: block; margin: 0 0 14px; } .code, .output pre { font-size: 12px; } }
@media print {
  :root { --paper: #fff; --ink: #1f2328; --quiet: #656d76; --line: #e3e6ea; --shade: #f7f8fa; }
  main { max-width: none; padding: 0; }
  body { font-size: 11pt; }
  .code, .output pre { font-size: 8.5pt; }
  .cell, figure, table { break-inside: avoid; }
  .show-code, .folded:not([open]) { display: none; }
  h1, h2, h3 { break-after: avoid; }
}
`;
