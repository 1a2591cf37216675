import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { need } from '../../registry/packages';
import type { WorkOptions } from '../../work/work';
import { REGISTERED } from '../kernel/register-kernel';
import type { CellReply, CellRequest } from './child';
import { type Cell, hasTag, joinText, type Notebook, type Output, readNotebook, splitText } from './notebook-file';

/** How a notebook is executed; `onProgress` is called after each code cell. */
export interface ExecuteOptions extends WorkOptions {
  /**
   * a cell that takes more seconds than this fails, and the notebook with it
   * @defaultValue 600
   */
  readonly timeoutSeconds?: number;
}

/** What came out of executing a notebook. */
export interface Execution {
  file: string;
  notebook: Notebook;
  /** the cell that failed, counted from 1 among all cells, and why; the cells after it were not executed */
  failure?: { cell: number; code: string; message: string };
  seconds: number;
}

const KERNELSPEC = { display_name: 'TypeScript (tslab)', language: 'typescript', name: 'tslab' };

const LANGUAGE = {
  codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
  file_extension: '.ts',
  mimetype: 'text/typescript',
  name: 'typescript',
};

/**
 * Executes a notebook's code cells in a process of its own, in the notebook's directory. The file is only read: the executed
 * notebook is returned. The outputs hold neither times nor random names. Cells with the tag `raises-exception` may fail, those
 * with `skip-execution` are skipped.
 * @throws DamagedFile if the file is not a notebook, InvalidInput if tslab is not installed, and the signal's reason when it aborts
 */
export async function executeNotebook(file: string, options: ExecuteOptions = {}): Promise<Execution> {
  const { timeoutSeconds = 600, onProgress, signal } = options;
  signal?.throwIfAborted();
  need('running a notebook', ['tslab']);
  const start = performance.now();
  const notebook = readNotebook(file);
  const ids = uniqueIds(notebook.cells);
  const cells = notebook.cells.map((cell, i) => prepare(cell, ids[i] as string));
  const runs = cells.filter(
    (cell) => cell.cell_type === 'code' && !hasTag(cell, 'skip-execution') && codeOf(cell).trim() !== '',
  );
  const kernel = startKernel(path.dirname(path.resolve(file)));
  const abort = () => void kernel.stop();
  signal?.addEventListener('abort', abort);
  let failure: Execution['failure'];
  try {
    for (const [i, cell] of runs.entries()) {
      const { ok, outputs } = await kernel.run(codeOf(cell), timeoutSeconds);
      signal?.throwIfAborted();
      cell.execution_count = i + 1;
      cell.outputs = outputs;
      onProgress?.({ stage: 'cells', done: i + 1, total: runs.length });
      if (!ok && (kernel.ended() || !hasTag(cell, 'raises-exception'))) {
        failure = { cell: cells.indexOf(cell) + 1, code: codeOf(cell), message: errorMessage(outputs) };
        break;
      }
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    await kernel.stop();
  }
  const metadata = { ...notebook.metadata, kernelspec: kernelspecOf(notebook), language_info: LANGUAGE };
  const executed = { cells, metadata, nbformat: 4, nbformat_minor: Math.max(5, notebook.nbformat_minor) };
  return { file, notebook: executed, failure, seconds: (performance.now() - start) / 1000 };
}

/** Notebooks of the kernel that is registered stay so. */
function kernelspecOf({ metadata }: Notebook): object {
  return (metadata.kernelspec as { name?: unknown } | undefined)?.name === REGISTERED.name ? REGISTERED : KERNELSPEC;
}

/** An id for each cell, all different, as nbformat 4.5 demands: the cell's own unless an earlier cell has it, else its number. */
function uniqueIds(cells: readonly Cell[]): string[] {
  const own = cells.map(({ id }) => id);
  const taken = new Set(own);
  return own.map((id, i) => {
    if (typeof id === 'string' && id !== '' && own.indexOf(id) === i) return id;
    let numbered = `cell-${i + 1}`;
    while (taken.has(numbered)) numbered += '-new';
    taken.add(numbered);
    return numbered;
  });
}

/** A copy without outputs. */
function prepare(cell: Cell, id: string): Cell {
  const source = splitText(joinText(cell.source));
  if (cell.cell_type !== 'code') return { ...cell, id, source };
  const { execution: _times, ...metadata } = cell.metadata;
  return { ...cell, id, source, metadata, execution_count: null, outputs: [] };
}

function codeOf(cell: Cell): string {
  return joinText(cell.source);
}

function errorMessage(outputs: readonly Output[]): string {
  const error = outputs.find((output) => output.output_type === 'error');
  return error?.traceback.join('\n') ?? 'the cell failed without an error';
}

interface Kernel {
  run(code: string, timeoutSeconds: number): Promise<CellReply>;
  ended(): boolean;
  stop(): Promise<void>;
}

function startKernel(directory: string): Kernel {
  const env = { ...process.env, DFMR_FUSED: 'no' }; // the same outputs on all versions of Node
  const child = fork(require.resolve('./child'), [], { cwd: directory, env, silent: true });
  let log = ''; // what escapes the collected outputs, such as the last words of a process that runs out of memory
  child.stdout?.on('data', (chunk) => (log += chunk));
  child.stderr?.on('data', (chunk) => (log += chunk));
  let ended: string | undefined;
  const closed = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      ended = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
      resolve();
    });
  });
  return {
    async run(code, timeoutSeconds) {
      const reply = await firstOf(child, closed, { code }, timeoutSeconds);
      if (reply === 'timeout') {
        child.kill('SIGKILL');
        await closed;
        return died('Timeout', `the cell did not finish in ${timeoutSeconds} s`);
      }
      if (reply) return reply;
      const lastWords = log.trim().split('\n').slice(-5);
      return died('KernelDied', [`the notebook's process ${ended}`, ...lastWords].join('\n').trim());
    },
    ended: () => ended !== undefined,
    async stop() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** The reply to a cell, 'timeout', or undefined if the process ended instead. */
function firstOf(
  child: ChildProcess,
  closed: Promise<void>,
  request: CellRequest,
  timeoutSeconds: number,
): Promise<CellReply | 'timeout' | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('timeout'), timeoutSeconds * 1000);
    const settle = (result: CellReply | 'timeout' | undefined): void => {
      clearTimeout(timer);
      child.off('message', settle);
      resolve(result);
    };
    child.once('message', settle);
    closed.then(() => settle(undefined));
    child.send(request, () => {}); // if it can't be sent, the process has ended, and `closed` resolves
  });
}

function died(ename: string, evalue: string): CellReply {
  return { ok: false, outputs: [{ output_type: 'error', ename, evalue, traceback: [`${ename}: ${evalue}`] }] };
}
