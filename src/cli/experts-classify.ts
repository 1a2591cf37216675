import { readFileSync } from 'node:fs';
import { InvalidInput, messageOf } from '../errors';
import { expertsGates, expertsResponsibilities } from '../experts/experts-density';
import { type AnyExperts, expertsFromJSON } from '../experts/model';
import { predictExperts } from '../experts/predict-experts';
import { described } from '../math/checks';
import { type Samples, samplesOf } from '../math/table';
import { parted } from '../protocol/experts-protocol';
import { shownName } from '../tables/address';
import { type OpenSource, openSource } from '../tables/open-source';
import { numbersOf, type OpenTable } from '../tables/rows';
import { progress, tell } from './output';
import { type RowLines, rowLines } from './row-lines';
import { namesIn, rowOptions, type TableFlags } from './table-options';

/** A mixture of experts in a file, and the names of its covariates and responses. */
export interface NamedExperts {
  readonly model: AnyExperts;
  readonly covariates?: readonly string[];
  readonly responses?: readonly string[];
}

/**
 * The mixture of experts in a file that `dfmr aggregate` or `dfmr fit` wrote; undefined if it holds none.
 * @throws InvalidInput if it is not a valid one, naming the file
 */
export function expertsIn(file: string): NamedExperts | undefined {
  const json = unlessNoJson(file);
  const inner = [json?.experts, json?.model, json].find(
    (one) => one?.gates !== undefined && one.coefficients !== undefined,
  );
  if (!inner) return undefined;
  try {
    const model = expertsFromJSON<AnyExperts>(inner);
    const named = (what: string, names: unknown, count: number): readonly string[] | undefined => {
      if (names === undefined) return undefined;
      if (Array.isArray(names) && names.length === count && names.every((one) => typeof one === 'string')) return names;
      throw new InvalidInput(`its ${what} are ${described(names)}: ${count} names are needed`);
    };
    return {
      model,
      covariates: named('covariates', json.covariates ?? json.names, model.covariates),
      responses: named('responses', json.responses, model.responses),
    };
  } catch (cause) {
    throw new InvalidInput(`${file} does not hold a mixture of experts: ${messageOf(cause)}`, { cause });
  }
}

/** The JSON in a file; undefined if there is none, which whoever looks for a mixture in it will say. */
function unlessNoJson(file: string) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The flags that say what is written of each row. */
interface PredictionFlags extends TableFlags {
  readonly out: string;
  readonly level: number;
  readonly probabilities?: boolean;
  readonly keep?: string;
}

/**
 * Writes for each row of a table what a mixture of experts predicts, and, if the table has the responses, of which expert the row is.
 * @throws InvalidInput if the table lacks a covariate
 */
export async function predictRows(
  file: string,
  experts: NamedExperts,
  flags: PredictionFlags,
  signal: AbortSignal,
): Promise<void> {
  if (flags.missing === 'em')
    throw new InvalidInput(
      '--missing em is of mixtures without a response: leave rows with gaps out by --missing drop',
    );
  const { model } = experts;
  const { table, open, hasResponses } = await opened(file, experts, flags, signal);
  const counts = new Array<number>(model.order).fill(0);
  let [rows, dropped] = [0, 0];
  const keep = flags.keep === undefined ? [] : namesIn(flags.keep);
  let lines: RowLines | undefined;
  try {
    lines = rowLines(flags.out, headOf(experts, hasResponses, flags), open, keep);
    for await (const block of table.blocks()) {
      dropped += block.dropped;
      rows += block.rows;
      const samples = samplesOf(block.data, block.rows, table.names.length);
      const { x, y } = hasResponses ? parted(samples, model.responses) : { x: samples };
      const responsibilities = y && expertsResponsibilities(model, x, y);
      const clusters = responsibilities && clustersOf(responsibilities, model.order);
      for (const k of clusters ?? []) counts[k]++;
      await lines.add(block, cellsOf(model, { x, responsibilities, clusters }, flags));
    }
    await lines.end();
  } catch (error) {
    await lines?.discard();
    throw error;
  } finally {
    table.close();
  }
  const summary = { out: flags.out, rows, dropped, level: flags.level, ...(hasResponses && { counts }) };
  const left = dropped > 0 ? `; ${dropped} with missing values have an empty line` : '';
  const of = hasResponses ? `${rows} rows, predicted and of experts ${counts.join(', ')}` : `${rows} rows, predicted`;
  tell(`${flags.out}: ${of}${left}`, summary);
}

/** The table, its covariates first, and then the responses if it has all of them. */
async function opened(
  file: string,
  { model, covariates, responses }: NamedExperts,
  flags: PredictionFlags,
  signal: AbortSignal,
): Promise<{ readonly table: OpenTable; readonly open: OpenSource; readonly hasResponses: boolean }> {
  const options = { ...rowOptions(flags), signal, onProgress: progress('predicting') };
  const open = await openSource(file, options);
  const there = open.source.columns.map(({ name }) => name);
  const chosen = options.columns ?? covariates;
  const hasResponses = responses?.every((name) => there.includes(name)) ?? false;
  const columns = chosen && hasResponses && responses ? [...chosen, ...responses] : chosen;
  const table = numbersOf(open, { ...options, ...(columns && { columns }) });
  const d = table.names.length - (columns !== chosen ? model.responses : 0);
  if (d === model.covariates) return { table, open, hasResponses: columns !== chosen };
  table.close();
  throw new InvalidInput(
    `${shownName(file)} has ${d} columns of covariates, but the experts have ${model.covariates}: choose the columns with --columns`,
  );
}

/** The names of what is written. */
function headOf(
  { model, responses }: NamedExperts,
  hasResponses: boolean,
  { probabilities }: PredictionFlags,
): string[] {
  const names = Array.from({ length: model.responses }, (_, r) => responses?.[r] ?? `response ${r}`);
  const of = (what: string) => (model.responses === 1 ? [what] : names.map((name) => `${what} ${name}`));
  return [
    ...(hasResponses ? ['cluster'] : []),
    ...names.flatMap((_, r) => ['mean', 'lower', 'upper'].map((what) => of(what)[r])),
    ...(probabilities ? Array.from({ length: model.order }, (_, k) => `p${k}`) : []),
  ];
}

/** The most probable expert of each row. */
function clustersOf(responsibilities: Float64Array, order: number): Int32Array {
  return Int32Array.from({ length: responsibilities.length / order }, (_, j) => {
    const own = responsibilities.subarray(j * order, (j + 1) * order);
    return own.indexOf(Math.max(...own));
  });
}

/** What is written of each row. */
function cellsOf(
  model: AnyExperts,
  {
    x,
    responsibilities,
    clusters,
  }: { readonly x: Samples; readonly responsibilities?: Float64Array; readonly clusters?: Int32Array },
  { level, probabilities }: PredictionFlags,
): (row: number) => number[] {
  if (x.rows === 0) return () => [];
  const { order: K, responses: q } = model;
  const { mean, lower, upper } = predictExperts(model, x, { level });
  const shares = probabilities && (responsibilities ?? expertsGates(model, x));
  return (j) => {
    const cells: number[] = clusters ? [clusters[j]] : [];
    for (let i = j * q; i < (j + 1) * q; i++) cells.push(mean[i], lower[i], upper[i]);
    if (shares) cells.push(...shares.subarray(j * K, (j + 1) * K));
    return cells;
  };
}
