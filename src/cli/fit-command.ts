import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidInput, messageOf, withMessage } from '../errors';
import { type FamilyName, familyNames } from '../families/families-registry';
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

/** The number of machines that choose the order: more would take as long as all fits. */
const MAX_VOTERS = 9;

/** Adds `dfmr fit`. */
export function addFit(program: Command): void {
  const command = program
    .command('fit')
    .description(
      'Fit a mixture to the table of each machine, and write its estimate as the JSON file that the machine sends.',
    )
    .argument('<tables...>', `a file for each machine: ${TABLE}`)
    .requiredOption('-o, --out <path>', 'where the estimates go: a file for one machine, a folder for several')
    .option('-k, --order <K>', 'the number of components; chosen by BIC if not given', positiveInteger)
    .option(
      '-m, --machines <m>',
      'split one table at random among this many machines while it is read',
      positiveInteger,
    )
    .option('-f, --family <name>', `the family of the components: ${familyNames().join(', ')}`, 'gaussian')
    .option(
      '--starts <count>',
      'how many starts, of different kinds; short runs choose, and the best fit is kept',
      positiveInteger,
      10,
    )
    .option('--penalty <a>', 'the strength of the penalty; 1/√n for n rows if not given', numberFrom(0))
    .option('--max-iterations <count>', 'the most iterations of EM from each start', positiveInteger, 1000)
    .option(
      '--seed <seed>',
      'a number or a word for the random split and starts; the same seed gives the same estimates',
      '1',
    )
    .option('-w, --workers <count>', 'the number of threads', positiveInteger, availableParallelism())
    .option('--resume', 'keep the estimates that exist, and fit the other machines')
    .option('--json', 'print a summary as JSON');
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

/** Fits the file of each machine, as many at a time as there are threads, so that only these are in memory. */
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
  if (twice !== undefined)
    throw new InvalidInput(`the estimates of two tables would both be ${twice}: rename one table`);
  if (many) mkdirSync(out, { recursive: true });
  const left = files.filter((file) => !existsSync(targetOf(file)));
  if (left.length < files.length && !resume) {
    throw new InvalidInput(
      `${targets.find((target) => existsSync(target))} exists: move it away, or keep it and fit the other machines with --resume`,
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
    const fits = await fitAll(tables, { ...options, order: K }).catch(byFile(some));
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
  const summary = {
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
      ? JSON.stringify(summary)
      : `${out}: ${left.length} estimates of ${K} ${family} components${summary.left.length > 0 ? `; ${summary.left.length} existed already` : ''}`,
  );
}

/** Throws an error of one of the machines by the name of its file. */
function byFile(files: readonly string[]): (error: unknown) => never {
  return (error) => {
    const [, machine, what] = /^machine (\d+): (.*)$/s.exec(messageOf(error)) ?? [];
    throw machine === undefined ? error : withMessage(error, `${files[Number(machine)]}: ${what}`);
  };
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
  const tables = await Promise.all(files.slice(0, MAX_VOTERS).map(read));
  const work = { ...options, onProgress: progress('choosing the order') };
  const { order, reasons } = await chooseOrder(tables, work).catch(byFile(files));
  if (!json) console.log(reasons.join('\n'));
  return order;
}
