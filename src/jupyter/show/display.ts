import type { MimeBundle } from '../../page/mime-bundle';
import { denoCell } from './deno-kernel';
import type { WriteDisplay } from './write-display';

/** The running cell's output, or undefined outside of a notebook. */
function runningCell(): WriteDisplay | undefined {
  return tslabCell() ?? denoCell();
}

/**
 * The output of tslab's cell. `tslab.display` sends one MIME type at a time, so we use the function under it. It is looked up among
 * the loaded modules: that finds whichever tslab runs the notebook, and a plain Node program that imports this file does not load
 * a TypeScript compiler.
 */
function tslabCell(): WriteDisplay | undefined {
  const file = Object.keys(require.cache).find((name) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(name));
  const jupyter = file === undefined ? undefined : require.cache[file]?.exports;
  return (jupyter as { lastWriteDisplayData: WriteDisplay | null } | undefined)?.lastWriteDisplayData ?? undefined;
}

/** Whether a notebook runs this code. */
export function inNotebook(): boolean {
  return runningCell() !== undefined;
}

/** Shows a MIME bundle below the running cell; outside of a notebook its text goes to standard output. */
export function display(data: MimeBundle): void {
  const write = runningCell();
  if (write) write({ data, metadata: {}, transient: {} }, false);
  else console.log(data['text/plain']);
}

/** Shows a MIME bundle that later calls with the same `id` and `update` replace. The runner drops it, by `metadata.transient`. */
export function displayTransient(id: string, data: MimeBundle, update: boolean): void {
  runningCell()?.({ data, metadata: { transient: true }, transient: { display_id: id } }, update);
}
