import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidInput } from '../errors';
import type { FamilyName } from '../families/families-registry';
import { progress } from '../jupyter/show/progress';
import { estimateToJSON } from '../messages/estimate-file';
import { chooseOrder } from '../protocol/choose-order';
import { fitAll } from '../protocol/fit-all';
import { type FeatureTable, readTable } from '../tables/read-table';
import { splitTable } from '../tables/split-table';
import { interruption, numberFrom, positiveInteger, writeWhole } from './command-support';
import { addTableOptions, rowOptions, TABLE, type TableFlags } from './table-options';

interface FitFlags extends TableFlags {
  readonly out: string;
  readonly order?: number;
  readonly machines?: number;
  readonly family: FamilyName;
  readonly starts: number;
  readonly penalty?: number;
  readonly maxIterations: number;
  readonly seed: string;
  readonly workers: number;
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** More machines than this have no say in the order: it would take as long as all fits. */
const VOTERS = 9;

/** dfmr fit */
export function addFit(program: Command): void {
  const command = program
    .command('fit')
    .description('Fit a mixture to each machine’s table, and write what the machine sends: its estimate, as JSON.')
    .argument('<tables...>', `one for each machine: ${TABLE}`)
    .requiredOption('-o, --out <path>', 'a file for one machine, a folder for many')
    .option('-k, --order <K>', 'components; chosen by BIC if not given', positiveInteger)
    .option('-m, --machines <m>', 'split one table at random over so many machines, as it is read', positiveInteger)
    .option('-f, --family <name>', 'of the components', 'gaussian')
    .option('--starts <count>', 'k-means++ starts, of which the best is kept', positiveInteger, 10)
    .option('--penalty <a>', 'strength; 1/√n if not given', numberFrom(0))
    .option('--max-iterations <count>', 'of EM from each start, converged or not', positiveInteger, 1000)
    .option('--seed <seed>', 'of the split and of the starts', '1')
    .option('-w, --workers <count>', 'threads', positiveInteger, availableParallelism())
    .option('--resume', 'leave estimates that are there, and fit the other machines')
    .option('--json', 'tell what was done as JSON');
  addTableOptions(command).action(fitTables);
}

async function fitTables(tables: readonly string[], flags: FitFlags): Promise<void> {
  const { out, machines, seed, json } = flags;
  const signal = interruption('the same command with --resume fits the machines that are left');
  if (machines === undefined) return fitFiles(tables, flags, signal);
  const [table] = tables;
  if (tables.length > 1) throw new InvalidInput(`--machines splits one table, but ${tables.length} are given`);
  const directory = mkdtempSync(path.join(tmpdir(), 'dfmr-shards-'));
  try {
    const options = { ...rowOptions(flags), machines, directory, seed, signal, onProgress: progress('reading') };
    const { shards, rows, names, droppedRows } = await splitTable(table, options);
    const left = droppedRows > 0 ? `, ${droppedRows} with missing values left out` : '';
    if (!json) console.log(`${table}: ${rows} rows × ${names.length} columns${left}, split among ${machines} machines`);
    await fitFiles(shards, { ...flags, columns: undefined, label: undefined, header: undefined }, signal, {
      names,
      folder: out,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Fits a file for each machine, a few at a time, so that no more are in memory. */
async function fitFiles(
  files: readonly string[],
  { order, out, family, starts, penalty, maxIterations, seed, workers, resume, json, ...flags }: FitFlags,
  signal: AbortSignal,
  { names: given, folder }: { readonly names?: readonly string[]; readonly folder?: string } = {},
): Promise<void> {
  const machineOf = (file: string) =>
    path
      .basename(file)
      .replace(/(\.gz)?$/, '')
      .replace(/\.[^.]+$/, '');
  const many = folder !== undefined || files.length > 1;
  const targetOf = (file: string) => (many ? path.join(out, `${machineOf(file)}.json`) : out);
  const targets = files.map(targetOf);
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined) throw new InvalidInput(`two tables would write ${twice}: rename one`);
  if (many) mkdirSync(out, { recursive: true });
  const left = files.filter((file) => !existsSync(targetOf(file)));
  if (left.length < files.length && !resume) {
    throw new InvalidInput(
      `${targets.find((target) => existsSync(target))} is there: move it away, or go on after it with --resume`,
    );
  }
  const read = (file: string) => readTable(file, { ...rowOptions(flags), signal });
  const options = { family, starts, maxIterations, seed, workers, signal, ...(penalty !== undefined && { penalty }) };
  const K = order ?? (await chosenOrder(files, read, options, json));
  const bar = progress('fitting');
  const unconverged: string[] = [];
  for (let from = 0; from < left.length; from += workers) {
    const some = left.slice(from, from + workers);
    const tables = await Promise.all(some.map(read));
    const fits = await fitAll(tables, { ...options, order: K }).catch((error: Error) => {
      const [, i, what] = /^machine (\d+): (.*)$/s.exec(error.message) ?? [];
      throw i === undefined ? error : new InvalidInput(`${some[Number(i)]}: ${what}`, { cause: error });
    });
    fits.forEach((fit, i) => {
      const estimate = estimateToJSON(fit, {
        machine: machineOf(some[i]),
        names: given ?? tables[i].names,
        penalty: penalty ?? fit.sampleSize ** -0.5,
      });
      writeWhole(targetOf(some[i]), `${JSON.stringify(estimate)}\n`);
      if (!fit.converged) unconverged.push(targetOf(some[i]));
    });
    bar(Math.min(from + workers, left.length), left.length);
  }
  const told = {
    order: K,
    family,
    fitted: left.map(targetOf),
    left: files.filter((file) => !left.includes(file)).map(targetOf),
    unconverged,
  };
  if (unconverged.length > 0)
    console.error(
      `dfmr: EM did not converge within ${maxIterations} iterations: ${unconverged.join(', ')}; fit them again with more --max-iterations`,
    );
  console.log(
    json
      ? JSON.stringify(told)
      : `${out}: ${left.length} estimates of ${K} ${family} components${told.left.length > 0 ? `; ${told.left.length} were there` : ''}`,
  );
}

async function chosenOrder(
  files: readonly string[],
  read: (file: string) => Promise<FeatureTable>,
  options: {
    family: FamilyName;
    starts: number;
    maxIterations: number;
    seed: string;
    workers: number;
    signal: AbortSignal;
  },
  json?: boolean,
): Promise<number> {
  const tables = await Promise.all(files.slice(0, VOTERS).map(read));
  const { order, reasons } = await chooseOrder(tables, { ...options, onProgress: progress('choosing the order') });
  if (!json) console.log(reasons.join('\n'));
  return order;
}
