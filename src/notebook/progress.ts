import { displayTransient, inNotebook } from './display';
import { escapeHtml } from './html';

/** Tell how far a long computation is; the last call is (total, total). Fits the library's `onProgress` options. */
export type ReportProgress = (done: number, total: number) => void;

const SHORTEST_INTERVAL = 100; // milliseconds between two updates
const WORTH_TELLING = 5000; // milliseconds after which the time that is left can be told

let bars = 0;

/**
 * A live progress bar: below the cell in a notebook, on standard error in a terminal, nothing at all in a pipe. It goes away
 * when all is done, so that executed notebooks keep results only.
 */
export function progress(label: string): ReportProgress {
  const draw = inNotebook() ? notebookBar(label) : process.stderr.isTTY ? terminalBar(label) : () => {};
  const start = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - last < SHORTEST_INTERVAL) return;
    last = now;
    draw(done, total, timeLeft(now - start, done, total));
  };
}

/** Draws how far a computation is, and how long it will take, where that is known. */
type Draw = (done: number, total: number, left: string) => void;

/** ", about 3 min left"; nothing at first, and at the end. */
export function timeLeft(elapsed: number, done: number, total: number): string {
  if (elapsed < WORTH_TELLING || done <= 0 || done >= total) return '';
  const seconds = (elapsed * (total - done)) / done / 1000;
  if (seconds < 90) return `, about ${Math.ceil(seconds)} s left`;
  return seconds < 5400
    ? `, about ${Math.round(seconds / 60)} min left`
    : `, about ${(seconds / 3600).toFixed(1)} h left`;
}

function notebookBar(label: string): Draw {
  const id = `dfmr-progress-${process.pid}-${bars++}`;
  let shown = false;
  return (done, total, left) => {
    if (done >= total && !shown) return;
    displayTransient(
      id,
      done >= total ? { 'text/html': '', 'text/plain': '' } : barBundle(label, done, total, left),
      shown,
    );
    shown = true;
  };
}

function barBundle(label: string, done: number, total: number, left: string): Record<string, string> {
  const text = `${label}: ${done} of ${total}${left}`;
  const html = `<progress value="${done}" max="${total}" style="width:300px;vertical-align:middle"></progress> ${escapeHtml(text)}`;
  return { 'text/html': html, 'text/plain': text };
}

function terminalBar(label: string): Draw {
  const width = 30;
  return (done, total, left) => {
    const filled = Math.round((width * done) / total);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    process.stderr.write(done >= total ? '\r\x1b[K' : `\r\x1b[K${label} ${bar} ${done} of ${total}${left}`);
  };
}
