import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { InvalidInput, messageOf, refusalOf } from '../errors';
import { described } from '../math/checks';
import { emptyRows } from '../math/missing-cells';
import { parseJson } from '../messages/parse-json';
import { type Mixture, mixtureFromJSON, withNoise } from '../mixture/mixture';
import { type Noise, rangeOf } from '../mixture/noise';
import { classify, NOISE_LABEL, noiseProbabilities, responsibilities } from '../mixture/posterior';
import { shownName } from '../tables/address';
import { readCoded } from '../tables/categories';
import { type OpenSource, openSource } from '../tables/open-source';
import type { FeatureTable } from '../tables/read-table';
import { numbersOf, type OpenTable } from '../tables/rows';
import { listed } from '../tables/source';
import { inFlags, interruption } from './command-support';
import { expertsIn, predictRows } from './experts-classify';
import { progress, remark, tell } from './output';
import { OutputOption } from './output-files';
import { rowLines } from './row-lines';
import { addTableOptions, missingOption, namesIn, rowOptions, TABLE, type TableFlags } from './table-options';

interface ClassifyFlags extends TableFlags {
  readonly mixture: string;
  readonly out: string;
  readonly probabilities?: boolean;
  readonly level: number;
  readonly keep?: string;
}

/** Reads a probability. */
function probability(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be above 0 and below 1, such as 0.95.');
  return value;
}

/** Makes a command `dfmr classify`. */
export function classifyCommand(command: Command): void {
  command
    .description(
      'Write the most probable component of each row of a table, which may be larger than memory; -1 is noise. By a mixture of experts, write what each row’s response is predicted to be, and, if the table has it, the most probable expert.',
    )
    .argument('<table>', TABLE)
    .requiredOption('--mixture <file>', 'the mixture: a file that dfmr aggregate or dfmr fit wrote')
    .addOption(
      new OutputOption(
        '-o, --out <file>',
        'a CSV file with a line for each row of the table, without a cluster where the row was left out; - is standard output',
      ).makeOptionMandatory(),
    )
    .option('--keep <names>', 'columns of the table that are copied before the clusters, separated by commas')
    .option(
      '-p, --probabilities',
      'also write the probability of each component, and of noise if the mixture has noise; of experts, given the response if the table has it',
    )
    .option('--level <p>', 'by a mixture of experts: the probability of the intervals', probability, 0.95);
  addTableOptions(command).action(classifyRows);
}

async function classifyRows(file: string, flags: ClassifyFlags): Promise<void> {
  const signal = interruption();
  const experts = expertsIn(flags.mixture);
  if (experts) return predictRows(file, experts, flags, signal);
  const { mixture, features, categories } = mixtureIn(flags.mixture);
  const chosen = rowOptions(flags);
  const options = {
    ...chosen,
    columns: inOrder(features, chosen.columns),
    signal,
    onProgress: progress('classifying'),
  };
  const open = await openSource(file, options);
  try {
    const table = categories ? codedBlocks(await readCoded(file, { categories }, options)) : numbersOf(open, options);
    if (table.names.length !== mixture.dimension)
      throw new InvalidInput(
        `${shownName(file)} has ${table.names.length} columns, but the mixture has ${mixture.dimension} features: choose the columns with --columns`,
      );
    for (const note of table.notes) remark(`dfmr: ${inFlags(note)}`);
    await writeClusters(table, open, mixture, flags);
  } finally {
    open.close();
  }
}

/**
 * The columns in the order of the mixture's features.
 * @throws InvalidInput if they are others than the features
 */
function inOrder(features: readonly string[] | undefined, columns: readonly string[] | undefined) {
  if (!features || !columns) return columns ?? features;
  const others = columns.filter((name) => !features.includes(name));
  if (others.length > 0 && columns.length === features.length && !features.every(isNumbered))
    throw new InvalidInput(
      `--columns has ${listed(others)}, but the mixture's features are ${listed(features)}: name these, in any order, or rename the columns`,
    );
  return others.length === 0 && new Set(columns).size === features.length ? features : columns;
}

/** Whether a feature had no name when the mixture was fitted. */
const isNumbered = (name: string): boolean => /^column \d+$/.test(name);

async function writeClusters(
  { names, blocks }: OpenTable,
  open: OpenSource,
  given: Mixture,
  { out, probabilities, keep, ...flags }: ClassifyFlags,
): Promise<void> {
  const mixture = given.noise ? await overAllRows(given, given.noise, blocks) : given;
  const counts = new Array<number>(mixture.order).fill(0);
  let noise = 0;
  let [dropped, empty] = [0, 0];
  const ofNoise = mixture.noise ? ['noise'] : [];
  const heads = probabilities ? [...Array.from(counts, (_, k) => `p${k}`), ...ofNoise] : [];
  const lines = rowLines(out, ['cluster', ...heads], open, keep === undefined ? [] : namesIn(keep));
  try {
    for await (const block of blocks()) {
      dropped += block.dropped;
      const samples = { data: block.data, rows: block.rows, columns: names.length };
      const gaps = missingOption(flags);
      const any = block.rows > 0;
      const clusters = any ? classify(mixture, samples, gaps) : new Int32Array();
      const shares = probabilities && any ? responsibilities(mixture, samples, gaps) : undefined;
      const noiseShares =
        probabilities && any && mixture.noise ? noiseProbabilities(mixture, samples, gaps) : undefined;
      empty += flags.missing === 'em' && any ? emptyRows(samples).length : 0;
      await lines.add(block, (j) => {
        const own = shares?.subarray(j * mixture.order, (j + 1) * mixture.order) ?? [];
        return [clusters[j], ...own, ...(noiseShares?.subarray(j, j + 1) ?? [])];
      });
      for (const k of clusters) {
        if (k === NOISE_LABEL) noise++;
        else counts[k]++;
      }
    }
    await lines.end();
  } catch (error) {
    await lines.discard();
    throw error;
  }
  const rows = counts.reduce((sum, count) => sum + count, noise);
  const more = { ...(flags.missing === 'em' && { emptyRows: empty }), counts, ...(mixture.noise && { noise }) };
  if (empty > 0) remark(`dfmr: ${empty} rows without an observed cell are in the cluster of the largest weight`);
  tell(
    `${out}: ${rows} rows in clusters of ${counts.join(', ')}${mixture.noise ? `, and ${noise} of noise` : ''}${dropped > 0 ? `; ${dropped} with missing values have a line without a cluster` : ''}`,
    { out, rows, dropped, ...more },
  );
}

/** A table that is in memory, as those that are read block by block. */
function codedBlocks({ data, rows, names, droppedRows, places, notes }: FeatureTable): OpenTable {
  return {
    names,
    notes,
    close() {},
    async *blocks() {
      yield {
        data,
        rows,
        labels: [],
        dropped: droppedRows,
        places: places ?? Int32Array.from({ length: rows }, (_, i) => i),
      };
    },
  };
}

/**
 * The mixture with its noise on the box that holds all rows too: the machines' boxes are of fewer rows, and the rows that are farthest
 * out would be noise of none.
 */
async function overAllRows(mixture: Mixture, noise: Noise, blocks: OpenTable['blocks']): Promise<Mixture> {
  const [lower, upper] = [noise.lower.slice(), noise.upper.slice()];
  for await (const { data, rows } of blocks()) {
    const range = rangeOf({ data, rows, columns: lower.length });
    lower.forEach((least, i) => {
      lower[i] = Math.min(least, range.lower[i]);
      upper[i] = Math.max(upper[i], range.upper[i]);
    });
  }
  return withNoise(mixture, { ...noise, lower, upper });
}

/** The mixture in a file, the names of its features, and their categories if there were columns of text. */
function mixtureIn(file: string): {
  mixture: Mixture;
  features?: readonly string[];
  categories?: readonly (readonly string[])[];
} {
  try {
    const json = parseJson(readFileSync(file, 'utf8').replace(/^\ufeff/, ''));
    const { features, names, categories } = json;
    const { family, weights, parameters, noise } = json.mixture ?? json;
    const mixture = mixtureFromJSON({ family, weights, parameters, noise });
    const own = features ?? names;
    if (
      own !== undefined &&
      !(Array.isArray(own) && own.length === mixture.dimension && own.every((one) => typeof one === 'string'))
    )
      throw new InvalidInput(`its features are ${described(own)}: ${mixture.dimension} names are needed`);
    const lists =
      Array.isArray(categories) && categories.length === mixture.dimension && categories.every(Array.isArray);
    if (categories !== undefined && !lists)
      throw new InvalidInput(`its categories are ${described(categories)}: ${mixture.dimension} lists are needed`);
    return { mixture, features: own, categories };
  } catch (cause) {
    throw new InvalidInput(`${file} does not hold a mixture: ${refusalOf(cause) ?? messageOf(cause)}`, { cause });
  }
}
