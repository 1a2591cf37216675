import { readFileSync } from 'node:fs';
import { InvalidInput, messageOf, withMessage } from '../errors';
import { described } from '../math/checks';
import { shortNumber } from '../math/short-number';
import { shownName } from '../tables/address';
import { inFlags, writeWhole } from './command-support';
import { progress, remark } from './output';

/** What is told of a fit, whatever it is a fit of. */
interface FitOfFile {
  readonly sampleSize: number;
  readonly effectiveSampleSize?: number;
  readonly converged: boolean;
  readonly notes: readonly string[];
  readonly missingCells?: number;
  readonly emptyRows?: number;
}

/** What became of the files that were fitted. */
export interface FittedFiles {
  /** where the estimates are whose EM did not converge */
  readonly unconverged: readonly string[];
  /** Σ w of all, and the effective number */
  readonly sampleSize: number;
  readonly effectiveSampleSize: number;
  readonly missing: { readonly cells: number; readonly emptyRows: number };
  /** each note, with the estimates that it is of */
  readonly notes: ReadonlyMap<string, readonly string[]>;
}

/**
 * Fits the file of each machine and writes its estimate as soon as it is there: as many at a time as there are threads, and one more that is
 * read meanwhile, so that only these are in memory.
 */
export async function fitEach<Table, Fit extends FitOfFile>(
  files: readonly string[],
  {
    workers,
    targetOf,
    read,
    fit,
    message,
  }: {
    readonly workers: number;
    readonly targetOf: (file: string) => string;
    readonly read: (file: string) => Promise<Table>;
    /** fits one of some tables that are fitted at once */
    readonly fit: (tables: readonly [Table], atOnce: number) => Promise<readonly Fit[]>;
    /** what the machine of the file sends */
    readonly message: (fit: Fit, file: string, table: Table) => object;
  },
): Promise<FittedFiles> {
  const bar = progress('fitting');
  const atOnce = Math.min(files.length, workers > 1 ? workers + 1 : 1);
  const found = new Array<{ readonly fit: Fit; readonly assumed: readonly string[] }>(files.length);
  const failed = new Map<number, unknown>();
  const waiting = files.entries();
  let done = 0;
  const lane = async () => {
    for (const [i, file] of waiting) {
      if (failed.size > 0) return;
      try {
        const table = await read(file);
        const [one] = await fit([table], atOnce).catch(byFile([file]));
        writeWhole(targetOf(file), `${JSON.stringify(message(one, file, table))}\n`);
        const { notes = [] } = table as { readonly notes?: readonly string[] };
        found[i] = { fit: one, assumed: notes.map(inFlags) };
        bar(++done, files.length);
      } catch (error) {
        failed.set(i, error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  if (failed.size > 0) throw failed.get(Math.min(...failed.keys())); // those before it are done: the same error each time
  return fittedFiles(found, files.map(targetOf));
}

/** What became of the files, in their order. */
function fittedFiles(
  found: readonly { readonly fit: FitOfFile; readonly assumed: readonly string[] }[],
  targets: readonly string[],
): FittedFiles {
  const unconverged: string[] = [];
  let [sampleSize, effectiveSampleSize] = [0, 0];
  const missing = { cells: 0, emptyRows: 0 };
  const notes = new Map<string, string[]>();
  for (const [i, { fit, assumed }] of found.entries()) {
    missing.cells += fit.missingCells ?? 0;
    missing.emptyRows += fit.emptyRows ?? 0;
    if (!fit.converged) unconverged.push(targets[i]);
    sampleSize += fit.sampleSize;
    effectiveSampleSize += fit.effectiveSampleSize ?? fit.sampleSize;
    for (const note of [...assumed, ...fit.notes]) notes.set(note, [...(notes.get(note) ?? []), targets[i]]);
  }
  return { unconverged, sampleSize, effectiveSampleSize, missing, notes };
}

/**
 * That the estimates that are there already are of what is asked for: they are kept, not fitted again.
 * @throws InvalidInput naming the first that is not, and in what it differs
 */
export function requireSameKind(
  existing: readonly string[],
  asked: { readonly order: number; readonly family: string; readonly names?: readonly string[] },
): void {
  for (const file of existing) {
    const there = JSON.parse(readFileSync(file, 'utf8'));
    const own = { order: there.order, family: there.family ?? there.experts?.law, names: there.names };
    for (const what of ['order', 'family', 'names'] as const)
      if (asked[what] !== undefined && JSON.stringify(own[what]) !== JSON.stringify(asked[what]))
        throw new InvalidInput(
          `--resume keeps ${file}, but its ${what === 'names' ? 'columns are' : `${what} is`} ${described(own[what])}, not ${described(asked[what])}: move it away, or give the flags with which it was fitted`,
        );
  }
}

/** Tells, on standard error, what one should know of the estimates. */
export function warnOf({ notes, unconverged }: FittedFiles, count: number, maxIterations: number): void {
  for (const line of noteLines(notes, count)) remark(`dfmr: ${line}`);
  if (unconverged.length > 0)
    remark(
      `dfmr: EM did not converge within ${maxIterations} iterations: ${unconverged.join(', ')}; fit them again with more --max-iterations`,
    );
}

/** What a sentence on weighted rows adds to how many estimates there are. */
export const weightedWords = ({ sampleSize, effectiveSampleSize }: FittedFiles): string =>
  `; the weighted rows count as ${shortNumber(sampleSize, 6)}, and say as much of a mean as ${shortNumber(effectiveSampleSize, 6)} of one weight`;

/** The most notes that are printed in full. */
const MAX_NOTES = 5;

/** What one should know of the estimates, each note with the files that it is of. */
function noteLines(notes: FittedFiles['notes'], count: number): string[] {
  const lines = Array.from(notes, ([note, of]) =>
    of.length === count ? note : `${of.slice(0, 3).join(', ')}${of.length > 3 ? ', …' : ''}: ${note}`,
  );
  const more = lines.length - MAX_NOTES;
  return [...lines.slice(0, MAX_NOTES), ...(more > 0 ? [`and ${more} more such notes, which --json lists`] : [])];
}

/** Throws an error of one of the machines by the name of its file. */
export function byFile(files: readonly string[]): (error: unknown) => never {
  return (error) => {
    const [, machine, what] = /^machine (\d+): (.*)$/s.exec(messageOf(error)) ?? [];
    throw machine === undefined ? error : withMessage(error, `${shownName(files[Number(machine)])}: ${what}`);
  };
}
