import { escapeHtml } from '../../page/html';
import type { Progress } from '../../work/work';
import { displayTransient, inNotebook } from './display';

/** Reports how far a long computation is: by a `Progress`, or by `done` of `total`. The last call has both the same. */
export interface ReportProgress {
  (progress: Progress): void;
  (done: number, total: number): void;
}

/** Milliseconds between two updates: ten a second look smooth and cost nothing. */
const UPDATE_INTERVAL = 100;

/** Milliseconds between two lines in a pipe: a log of a night has some hundreds. */
const LINE_INTERVAL = 30_000;

/** Milliseconds after which the time that is left is shown: before, it would jump about. */
const TIME_LEFT_DELAY = 5000;

let bars = 0;

/**
 * A live progress bar: below the cell in a notebook, on standard error in a terminal, and a line every half
 * minute in a pipe. A bar goes away when all is done, so that executed notebooks keep results only.
 * @param label stands before the numbers; the name of the stage, if not given
 * @returns what `onProgress` of the library's functions takes
 * @example
 * import { progress } from 'dfmr/notebook';
 * const estimates = await fitAll(tables, { order: 3, workers: 1, onProgress: progress('fitting') });
 * estimates.length; // 5: meanwhile, the cell shows how far it is
 */
export function progress(label?: string): ReportProgress {
  const draw = inNotebook() ? notebookBar() : process.stderr.isTTY ? terminalBar() : linesInPipe();
  let current: string | undefined;
  let start = performance.now();
  let last = Number.NEGATIVE_INFINITY;
  return (given: Progress | number, of?: number) => {
    const { stage, done, total }: Progress =
      typeof given === 'number' ? { stage: 'working', done: given, total: of ?? given } : given;
    const now = performance.now();
    if (current !== undefined && stage !== current) start = now; // each stage has a pace of its own
    current = stage;
    if (done < total && now - last < UPDATE_INTERVAL) return;
    last = now;
    draw(label ?? stage, done, total, timeLeft(now - start, done, total));
  };
}

/** Draws how far a computation is, and how long it will take if that is known. */
type Draw = (label: string, done: number, total: number, left: string) => void;

/** ", about 3 min left"; nothing at first, and at the end. */
export function timeLeft(elapsed: number, done: number, total: number): string {
  if (elapsed < TIME_LEFT_DELAY || done <= 0 || done >= total) return '';
  const seconds = (elapsed * (total - done)) / done / 1000;
  if (seconds < 90) return `, about ${Math.ceil(seconds)} s left`;
  return seconds < 5400
    ? `, about ${Math.round(seconds / 60)} min left`
    : `, about ${(seconds / 3600).toFixed(1)} h left`;
}

function notebookBar(): Draw {
  const id = `dfmr-progress-${process.pid}-${bars++}`;
  let shown = false;
  return (label, done, total, left) => {
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

function terminalBar(): Draw {
  const width = 30; // characters
  return (label, done, total, left) => {
    const filled = Math.round((width * done) / total);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    process.stderr.write(done >= total ? '\r\x1b[K' : `\r\x1b[K${label} ${bar} ${done} of ${total}${left}`);
  };
}

/** What goes to a log: no line for what is short, and none that is overwritten. */
function linesInPipe(): Draw {
  let last = performance.now();
  return (label, done, total, left) => {
    const now = performance.now();
    if (done >= total || now - last < LINE_INTERVAL) return;
    last = now;
    process.stderr.write(`${label}: ${done} of ${total}${left}\n`);
  };
}
