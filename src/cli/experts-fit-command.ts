import { type Command, Option } from 'commander';
import { InvalidInput } from '../errors';
import { type ExpertLawName, expertLawNames } from '../experts/expert-laws';
import { type FitExpertsOptions, gateKinds } from '../experts/fit-experts';
import { described } from '../math/checks';
import { type Samples, samplesOf } from '../math/table';
import { estimateToJSON } from '../messages/estimate-file';
import { type ChooseExpertsOrderOptions, chooseExpertsOrder } from '../protocol/choose-experts-order';
import { type FitAllExpertsOptions, fitSomeExperts } from '../protocol/fit-all-experts';
import { shownName } from '../tables/address';
import { readTable } from '../tables/read-table';
import type { RowOptions } from '../tables/rows';
import { machineOf, ordersTo, targetsOf } from './command-support';
import { byFile, fitEach, requireSameKind, warnOf, weightedWords } from './fit-files';
import { progress, tell } from './output';
import { namesIn, rowOptions, type TableFlags } from './table-options';

/** The flags of a fit of experts. */
export interface ExpertsFlags extends TableFlags {
  readonly out: string;
  readonly response?: readonly string[];
  readonly gates?: FitExpertsOptions['gates'];
  readonly law?: ExpertLawName;
  readonly order?: number;
  readonly maxOrder?: number;
  readonly starts: number;
  readonly penalty?: number | 'published';
  readonly maxIterations: number;
  readonly seed: string;
  readonly workers: number;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** Adds the flags that only fits of experts have. */
export function expertsOptions(command: Command): Command {
  return command
    .option(
      '-y, --response <names>',
      'fit a mixture of experts: lines of this column given the others; of several columns, separated by commas or repeated, planes',
      (text: string, others: readonly string[] = []) => [...others, ...namesIn(text)],
    )
    .addOption(
      new Option(
        '--gates <kind>',
        'of --response: softmax if the probabilities of experts depend on the covariates, constant if not; softmax if not given',
      ).choices([...gateKinds]),
    )
    .addOption(
      new Option(
        '--law <name>',
        'of --response: the law of a response given its expert; gaussian if not given',
      ).choices(expertLawNames()),
    );
}

/** @throws InvalidInput if flags of experts and of mixtures are mixed */
export function requireOfExperts(
  flags: ExpertsFlags & { readonly family: string; readonly noise?: boolean; readonly start?: string },
): void {
  const { response, gates, law, family, noise, start, missing, penalty } = flags;
  const refuse = (flag: string, remedy: string) => {
    throw new InvalidInput(`${flag} ${remedy}`);
  };
  if (!response) {
    if (gates !== undefined) refuse('--gates', 'is of mixtures of experts: name the response by --response');
    if (law !== undefined) refuse('--law', 'is of mixtures of experts: name the response by --response');
    return;
  }
  const twice = response.find((name, i) => response.indexOf(name) < i);
  if (twice !== undefined) refuse(`--response ${described(twice)}`, 'is given twice: name each response once');
  if (family !== 'gaussian')
    refuse(`--family ${family}`, 'is of mixtures without a response: choose the law of experts by --law');
  if (noise) refuse('--noise', 'is of mixtures without a response: leave it out');
  if (start !== undefined) refuse('--start', 'answers rounds, which are of mixtures without a response: leave it out');
  if (missing === 'em')
    refuse('--missing em', 'is of mixtures without a response: leave rows with gaps out by --missing drop');
  if (penalty === 'published') refuse('--penalty published', 'is of mixtures without a response: give a number');
}

/** The columns that are read, if the covariates are named: these and the responses. */
export function responseColumns({
  columns,
  response,
}: Pick<ExpertsFlags, 'columns' | 'response'>): Pick<RowOptions, 'columns'> {
  if (columns === undefined || response === undefined) return {};
  return { columns: [...namesIn(columns).filter((name) => !response.includes(name)), ...response] };
}

/** The number of machines that choose the order: more would take as long as all fits. */
const MAX_VOTERS = 9;

/** A machine's rows, as `fitSomeExperts` takes them. */
interface Rows {
  readonly x: Samples;
  readonly y: Samples;
}

/**
 * Fits a mixture of experts to the file of each machine.
 * @param names of the columns, where files have none; they are then in a folder of their own
 */
export async function fitExpertsFiles(
  files: readonly string[],
  flags: ExpertsFlags,
  signal: AbortSignal,
  { names: given, folder }: { readonly names?: readonly string[]; readonly folder?: string } = {},
): Promise<void> {
  const { out, response = [], gates, law, order, starts, penalty, maxIterations, seed, workers, resume, force } = flags;
  const { targetOf, left } = targetsOf(files, out, { folder: folder !== undefined, resume, force });
  const reading = { ...rowOptions(flags), ...responseColumns(flags), signal };
  const covariates = given
    ? covariatesAmong(given, response, 'the table')
    : await covariatesIn(files[0], response, reading);
  const read = (file: string) => rowsIn(file, { covariates, response, given }, reading);
  const options: FitAllExpertsOptions = {
    ...{ starts, maxIterations, seed, workers, signal },
    ...(gates && { gates }),
    ...(law && { law }),
    ...(typeof penalty === 'number' && { penalty }),
  };
  const K = order ?? (await chosenOrder(files, read, { ...options, ...ordersTo(flags.maxOrder) }));
  const existing = files.filter((file) => !left.includes(file)).map(targetOf);
  requireSameKind(existing, { order: K, family: law ?? 'gaussian', names: covariates });
  const fitted = await fitEach(left, {
    workers,
    targetOf,
    read,
    fit: (machines, atOnce) => fitSomeExperts(machines, { ...options, order: K }, atOnce),
    message: (fit, file) =>
      estimateToJSON(fit, {
        machine: machineOf(file),
        names: covariates,
        responses: response,
        penalty: typeof penalty === 'number' ? penalty : fit.sampleSize ** -0.5,
      }),
  });
  const { unconverged, sampleSize, effectiveSampleSize, notes } = fitted;
  const summary = {
    order: K,
    law: law ?? 'gaussian',
    gates: gates ?? 'softmax',
    responses: response,
    covariates,
    fitted: left.map(targetOf),
    left: existing,
    unconverged,
    ...(flags.weights !== undefined && { sampleSize, effectiveSampleSize }),
    notes: Array.from(notes, ([note, of]) => ({ note, of })),
  };
  warnOf(fitted, left.length, maxIterations);
  const existed = summary.left.length > 0 ? `; ${summary.left.length} existed already` : '';
  const weighted = flags.weights === undefined ? '' : weightedWords(fitted);
  tell(
    `${out}: ${left.length} ${left.length === 1 ? 'estimate' : 'estimates'} of ${K} ${summary.law} experts of ${response.join(', ')} given ${covariates.join(', ')}${weighted}${existed}`,
    summary,
  );
}

/** The columns that are no response. */
function covariatesAmong(names: readonly string[], response: readonly string[], file: string): readonly string[] {
  const missing = response.find((name) => !names.includes(name));
  if (missing !== undefined)
    throw new InvalidInput(
      `--response ${described(missing)}: ${file} has no such column of numbers; it has ${names.map(described).join(', ')}`,
    );
  const covariates = names.filter((name) => !response.includes(name));
  if (covariates.length > 0) return covariates;
  throw new InvalidInput(`${file} has no column but the response: experts need at least one covariate`);
}

async function covariatesIn(
  file: string,
  response: readonly string[],
  options: RowOptions,
): Promise<readonly string[]> {
  const { names } = await readTable(file, options);
  return covariatesAmong(names, response, shownName(file));
}

/** The rows of a file, whose columns are taken by their names. */
async function rowsIn(
  file: string,
  {
    covariates,
    response,
    given,
  }: {
    readonly covariates: readonly string[];
    readonly response: readonly string[];
    readonly given?: readonly string[];
  },
  options: RowOptions,
): Promise<Rows> {
  const wanted = [...covariates, ...response];
  const table = await readTable(file, given ? options : { ...options, columns: wanted });
  const places = wanted.map((name) => (given ?? table.names).indexOf(name));
  const taken = (columns: readonly number[]) => {
    const data = new Float64Array(table.rows * columns.length);
    let at = 0;
    for (let j = 0; j < table.rows; j++) for (const c of columns) data[at++] = table.data[j * table.columns + c];
    return data;
  };
  const [x, y] = [places.slice(0, covariates.length), places.slice(covariates.length)];
  return {
    x: samplesOf(taken(x), table.rows, x.length, table.weights),
    y: samplesOf(taken(y), table.rows, y.length),
  };
}

async function chosenOrder(
  files: readonly string[],
  read: (file: string) => Promise<Rows>,
  options: ChooseExpertsOrderOptions,
): Promise<number> {
  const machines = await Promise.all(files.slice(0, MAX_VOTERS).map(read));
  const work = { ...options, onProgress: progress('choosing the order') };
  const { order, reasons } = await chooseExpertsOrder(machines, work).catch(byFile(files));
  tell(reasons);
  return order;
}
