import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidInput } from '../errors';
import { categoriesOf } from '../families/categorical';
import { type FamilyName, familyNames, familyOf, requireMissingCells } from '../families/families-registry';
import type { Missing, Samples } from '../math/table';
import { estimateToJSON } from '../messages/estimate-file';
import { chooseOrder } from '../protocol/choose-order';
import { fitSome } from '../protocol/fit-all';
import { shownName } from '../tables/address';
import { type Coding, codingOf, readCoded } from '../tables/categories';
import { fileError } from '../tables/file-error';
import { type FeatureTable, readTable } from '../tables/read-table';
import { shardFiles, splitTable } from '../tables/split-table';
import type { StandardisedTable } from '../tables/standardise';
import { writeNpy } from '../tables/write-npy';
import {
  inFlags,
  interruption,
  machineOf,
  ofWholeRows,
  ordersTo,
  PENALTY,
  positiveInteger,
  targetsOf,
} from './command-support';
import {
  type ExpertsFlags,
  expertsOptions,
  fitExpertsFiles,
  requireOfExperts,
  responseColumns,
} from './experts-fit-command';
import { byFile, fitEach, requireSameKind, warnOf, weightedWords } from './fit-files';
import { progress, remark, tell } from './output';
import { OutputOption } from './output-files';
import { answerRound } from './round-commands';
import { addTableOptions, missingOption, namesIn, rowOptions, TABLE } from './table-options';
import { unstandardisedFit } from './unstandardised-fit';

interface FitFlags extends ExpertsFlags {
  readonly start?: string;
  readonly machines?: number;
  readonly family: FamilyName;
  readonly noise?: boolean;
  readonly standardise?: boolean;
}

/** The number of machines that choose the order: more would take as long as all fits. */
const MAX_VOTERS = 9;

/** Makes a command `dfmr fit`. */
export function fitCommand(command: Command): void {
  command
    .description(
      'Fit a mixture, or with --response a mixture of experts, to the table of each machine, and write its estimate as the JSON file that the machine sends.',
    )
    .argument('<tables...>', `a file for each machine: ${TABLE}`)
    .addOption(
      new OutputOption(
        '-o, --out <path>',
        'where the estimates go: a file for one machine, a folder for several; - is standard output',
        'of one or many',
      ).makeOptionMandatory(),
    )
    .option('--start <ask>', 'answer a round instead: a few EM steps from the mixture of a file that dfmr round wrote')
    .option('-k, --order <K>', 'the number of components; chosen by BIC if not given', positiveInteger)
    .option(
      '--max-order <K>',
      'the most components that BIC chooses from; 9 if not given, and 6 of experts',
      positiveInteger,
    )
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
    .option(
      '--noise',
      'also fit a share of noise, uniform on the range of the table: rows of no cluster then widen none; Gaussian families only',
    )
    .option(
      '--standardise',
      'fit columns of mean 0 and standard deviation 1, and write the estimate in the units of the table; it matters for spherical-gaussian, whose estimate is diagonal-gaussian then, and changes rounding only in the other Gaussian families, which fit alike in any units',
    )
    .option(...PENALTY)
    .option('--max-iterations <count>', 'the most iterations of EM from each start', positiveInteger, 1000)
    .option(
      '--seed <seed>',
      'a number or a word for the random split and starts; the same seed gives the same estimates',
      '1',
    )
    .option('-w, --workers <count>', 'the number of threads', positiveInteger, availableParallelism())
    .option('--resume', 'keep the estimates that exist, and fit the other machines');
  addTableOptions(expertsOptions(command)).action((tables: readonly string[], flags: FitFlags) =>
    fitTables(tables, flags).catch((error) => {
      const { family, response } = flags;
      throw response || !/gaussian$/.test(family) ? ofWholeRows(error) : error;
    }),
  );
}

async function fitTables(tables: readonly string[], flags: FitFlags): Promise<void> {
  const { out, machines, seed, family, missing, start } = flags;
  requireOfExperts(flags);
  if (start !== undefined) return answerRound(tables, start, flags);
  if (missing === 'em') requireMissingCells(family.startsWith('categorical') ? { name: family } : familyOf(family));
  if (flags.standardise) requireStandardisable(flags);
  const signal = interruption('the same command with --resume fits the machines that are left');
  if (machines === undefined)
    return flags.response ? fitExpertsFiles(tables, flags, signal) : fitFiles(tables, flags, signal);
  const [table] = tables;
  if (tables.length > 1) throw new InvalidInput(`--machines splits one table, but ${tables.length} are given`);
  targetsOf(shardFiles(machines), out, { ...flags, folder: true }); // before the table is read
  const directory = mkdtempSync(path.join(tmpdir(), 'dfmr-shards-'));
  try {
    const chosen = { ...rowOptions(flags), ...responseColumns(flags) };
    const options = { ...chosen, machines, directory, seed, signal, onProgress: progress('reading') };
    const coding = flags.family.startsWith('categorical') ? await codingOf([table], rowOptions(flags)) : undefined;
    const coded = path.join(directory, 'coded.npy');
    const whole = coding && (await readCoded(table, coding, rowOptions(flags)));
    if (whole) writeNpy(coded, withWeightsLast(whole));
    const weightsOf = (d: number) => (flags.weights === undefined ? undefined : `column ${d}`); // the last
    const plain = whole && {
      columns: undefined,
      label: undefined,
      weights: weightsOf(whole.columns),
      header: undefined,
      missingCodes: undefined, // codes of categories are no such codes
    };
    const split = await splitTable(whole ? coded : table, { ...options, ...plain });
    const { shards, rows, names, droppedRows } = whole ? { ...split, ...whole, shards: split.shards } : split;
    for (const note of split.notes) remark(`dfmr: ${inFlags(note)}`);
    const left = droppedRows > 0 ? `, ${droppedRows} with missing values left out` : '';
    tell(`${shownName(table)}: ${rows} rows × ${names.length} columns${left}, split among ${machines} machines`);
    const ofShards = {
      ...flags,
      columns: undefined,
      label: undefined,
      header: undefined,
      missingCode: undefined,
      weights: weightsOf(names.length),
    };
    if (flags.response) return await fitExpertsFiles(shards, ofShards, signal, { names, folder: out });
    await fitFiles(shards, ofShards, signal, {
      coding: coding ?? { names, categories: [] },
      folder: out,
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** @throws InvalidInput if what is fitted has no standardised columns, or no units to go back to */
function requireStandardisable({ family, response }: FitFlags): void {
  if (response)
    throw new InvalidInput(
      '--standardise is of mixtures without a response: leave it out, as fits of experts do so themselves',
    );
  if (!/^(tied-|diagonal-|spherical-)?gaussian$/.test(family))
    throw new InvalidInput(`--standardise is of Gaussian families: leave it out for ${family}`);
}

/** The table, with the weights of its rows, if it has any, as its last column. */
function withWeightsLast({ data, rows, columns: d, weights }: Samples): Samples {
  if (!weights) return { data, rows, columns: d };
  const all = new Float64Array(rows * (d + 1));
  for (let j = 0; j < rows; j++) {
    all.set(data.subarray(j * d, (j + 1) * d), j * (d + 1));
    all[j * (d + 1) + d] = weights[j];
  }
  return { data: all, rows, columns: d + 1 };
}

/** Fits the file of each machine, as many at a time as there are threads, so that only these are in memory. */
async function fitFiles(
  files: readonly string[],
  {
    order,
    out,
    family: named,
    starts,
    noise,
    penalty,
    maxIterations,
    seed,
    workers,
    resume,
    force,
    ...flags
  }: FitFlags,
  signal: AbortSignal,
  { coding: given, folder }: { readonly coding?: Coding; readonly folder?: string } = {},
): Promise<void> {
  const { targetOf, left } = targetsOf(files, out, { folder: folder !== undefined, resume, force });
  const reading = { ...rowOptions(flags), ...(flags.standardise && { standardise: true }), signal };
  const coding = given ?? (named.startsWith('categorical') ? await codingOf(files, reading) : undefined);
  const read = (file: string) => (coding && !given ? readCoded(file, coding, reading) : readTable(file, reading));
  const family = named === 'categorical' ? await countedFamily(files, read) : named;
  const chosen = { ...(penalty !== undefined && { penalty }), ...missingOption(flags) };
  const options = { family, starts, noise, maxIterations, seed, workers, signal, ...chosen };
  const K = order ?? (await chosenOrder(files, read, { ...options, ...ordersTo(flags.maxOrder) }));
  const existing = files.filter((file) => !left.includes(file)).map(targetOf);
  const columns = flags.columns === undefined ? undefined : namesIn(flags.columns);
  const sent = flags.standardise && family === 'spherical-gaussian' ? 'diagonal-gaussian' : family;
  requireSameKind(existing, { order: K, family: sent, names: given?.names ?? columns });
  const fitted = await fitEach(left, {
    workers,
    targetOf,
    read,
    fit: (tables, atOnce) => fitSome(tables, { ...options, order: K }, atOnce),
    message: (fit, file, table) => {
      const strength = typeof penalty === 'number' ? penalty : fit.sampleSize ** -0.5;
      const own = flags.standardise ? unstandardisedFit(fit, table as StandardisedTable, strength) : fit;
      return estimateToJSON(own, {
        machine: machineOf(file),
        names: given?.names ?? table.names,
        ...(coding?.categories.some((list) => list.length > 0) && { categories: coding.categories }),
        penalty: penalty ?? strength,
      });
    },
  });
  const { unconverged, sampleSize, effectiveSampleSize, missing, notes } = fitted;
  const summary = {
    order: K,
    family: sent,
    fitted: left.map(targetOf),
    left: existing,
    unconverged,
    ...(flags.weights !== undefined && { sampleSize, effectiveSampleSize }),
    ...(flags.missing === 'em' && { missing }),
    notes: Array.from(notes, ([note, of]) => ({ note, of })),
  };
  warnOf(fitted, left.length, maxIterations);
  const existed = summary.left.length > 0 ? `; ${summary.left.length} existed already` : '';
  const weighted = flags.weights === undefined ? '' : weightedWords(fitted);
  tell(
    `${out}: ${left.length} ${left.length === 1 ? 'estimate' : 'estimates'} of ${K} ${sent} components${noise ? ' and noise' : ''}${weighted}${existed}`,
    summary,
  );
}

/** The categorical family of the numbers of categories in all tables, which are read one after another. */
async function countedFamily(
  files: readonly string[],
  read: (file: string) => Promise<FeatureTable>,
): Promise<FamilyName> {
  const counts: number[][] = [];
  for (const file of files) {
    try {
      counts.push(categoriesOf([await read(file)]));
    } catch (error) {
      throw fileError(file, error);
    }
  }
  return `categorical(${counts[0].map((_, c) => Math.max(...counts.map((own) => own[c])))})`;
}

async function chosenOrder(
  files: readonly string[],
  read: (file: string) => Promise<FeatureTable>,
  options: {
    family: FamilyName;
    starts: number;
    noise?: boolean;
    maxIterations: number;
    seed: string;
    workers: number;
    missing?: Missing;
    orders?: readonly number[];
    signal: AbortSignal;
  },
): Promise<number> {
  const tables = await Promise.all(files.slice(0, MAX_VOTERS).map(read));
  const work = { ...options, onProgress: progress('choosing the order') };
  const { order, reasons } = await chooseOrder(tables, work).catch(byFile(files));
  tell(reasons);
  return order;
}
