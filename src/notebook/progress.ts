import { displayTransient, inNotebook } from './display';
import { escapeHtml } from './html';

/** Tell how far a long computation is; the last call is (total, total). Fits the library's `onProgress` options. */
export type ReportProgress = (done: number, total: number) => void;

const SHORTEST_INTERVAL = 100; // milliseconds between two updates

let bars = 0;

/**
 * A live progress bar: below the cell in a notebook, on standard error in a terminal, nothing at all in a pipe. It goes away
 * when all is done, so that executed notebooks keep results only.
 */
export function progress(label: string): ReportProgress {
  const draw = inNotebook() ? notebookBar(label) : process.stderr.isTTY ? terminalBar(label) : () => {};
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - last < SHORTEST_INTERVAL) return;
    last = now;
    draw(done, total);
  };
}

function notebookBar(label: string): ReportProgress {
  const id = `dfmr-progress-${process.pid}-${bars++}`;
  let shown = false;
  return (done, total) => {
    if (done >= total && !shown) return;
    displayTransient(id, done >= total ? { 'text/html': '', 'text/plain': '' } : barBundle(label, done, total), shown);
    shown = true;
  };
}

function barBundle(label: string, done: number, total: number): Record<string, string> {
  const text = `${label}: ${done} of ${total}`;
  const html = `<progress value="${done}" max="${total}" style="width:300px;vertical-align:middle"></progress> ${escapeHtml(text)}`;
  return { 'text/html': html, 'text/plain': text };
}

function terminalBar(label: string): ReportProgress {
  const width = 30;
  return (done, total) => {
    const filled = Math.round((width * done) / total);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    process.stderr.write(done >= total ? '\r\x1b[K' : `\r\x1b[K${label} ${bar} ${done} of ${total}`);
  };
}
