import path from 'node:path';
import { type Coat, coat } from '../../aggregate/coat';
import { withinThreshold } from '../../aggregate/dfmr';
import { honestOf } from '../../aggregate/oracle';
import { reduce } from '../../aggregate/reduce';
import { trim } from '../../aggregate/trim';
import { adjustedRandIndex } from '../../distance/adjusted-rand-index';
import { type DistanceMatrix, distancesAmong } from '../../distance/distance-matrix';
import { l2DistanceMatrix } from '../../distance/l2';
import { transportDistanceMatrix } from '../../distance/transport-distance';
import { InvalidInput } from '../../errors';
import { type Fit, fit } from '../../estimate/fit';
import { described, requirePositiveInteger } from '../../math/checks';
import { median } from '../../math/quantile';
import { randomOrder, type Seed } from '../../math/random';
import { takeRows } from '../../math/table';
import type { Mixture } from '../../mixture/mixture';
import { classify } from '../../mixture/posterior';
import { sixDigits } from '../../study/repetition';
import { runRepetitions, type StudyKind, type StudyOptions } from '../../study/repetitions';
import type { Results, ResultsFormat, Task } from '../../study/results-file';
import { readNistFeatures } from './nist-features';

/** The study of Table 2, and of what helps if machines have few images. Plain JSON. */
export interface NistDesign {
  /** the folder with the features */
  readonly features: string;
  /** m */
  readonly machines: number;
  /** K */
  readonly order: number;
  /** each n, the digits of a machine */
  readonly sampleSizes: readonly number[];
  /** the digits that the mixtures cluster, which no machine has */
  readonly test: number;
  /** the letters that a failed machine has learned */
  readonly letters: number;
  /** k-means++ starts of an honest machine; a failed one has one, and up to 50 accelerated iterations */
  readonly starts: number;
  /** α, each in [0, ½); ⌊α m⌋ machines fail, the same and more as α grows */
  readonly fractions: readonly number[];
  /** h, each above 0: L² distances of densities smoothed so much, beside the plain one */
  readonly smoothings: readonly number[];
  /** ρ, each from 1 on, with the plain L² distance and a reduction that starts at the COAT */
  readonly inflationFactors: readonly number[];
  /** ρ with every distance, with reductions from the COAT and from all kept estimates; 1 with the plain distance, too */
  readonly compared: number;
  /** ρ with the transport distance, which hardly varies between honest machines */
  readonly transported: number;
  /** what all draws are made from */
  readonly seed: Seed;
}

/**
 * The design of Table 2, which notebook 08 explains.
 * @example
 * import { nistDesign } from 'dfmr/nist';
 * nistDesign.machines; // 30
 */
export const nistDesign: NistDesign = {
  features: 'data',
  machines: 30,
  order: 10,
  sampleSizes: [1660],
  test: 8118,
  letters: 5000,
  starts: 3,
  fractions: [0, 0.1, 0.2, 0.3, 0.4],
  smoothings: [0.5, 1, 2],
  inflationFactors: [1, 1.1, 1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6, 8, 10],
  compared: 1.35,
  transported: 1.1,
  seed: 1,
};

/** What a method did with the digits. */
export interface NistRow {
  /** n */
  readonly sampleSize: number;
  /** α */
  readonly fraction: number;
  /** between estimates: 'L²', 'L², h = 0.5' or 'transport' */
  readonly distance: string;
  /** where reductions start: at the COAT, or at every estimate that is reduced, one after another */
  readonly starts: 'one' | 'all';
  /** 'DFMR(1.35)', 'COAT' …; 'Local' is the median of all machines before any fails, 'Letters' of those that fail at the largest α */
  readonly method: string;
  /** with the classes of the test digits */
  readonly ari: number;
  /** of DFMR, how many machines were kept and how many of them had failed; else null */
  readonly kept: number | null;
  /** how many of the kept machines had failed */
  readonly keptFailed: number | null;
  /** of COAT, the distances of the farthest honest and the nearest failed machine in radii; else null */
  readonly farthestHonest: number | null;
  /** the distance of the nearest failed machine, in radii */
  readonly nearestFailed: number | null;
}

/** What one repetition of the study of Table 2 found. */
export interface NistRepetition extends Task {
  /** an answer for each n, share, distance, start and method */
  readonly rows: readonly NistRow[];
}

export const nistFormat: ResultsFormat<NistDesign, NistRepetition> = {
  version: 'nist-1',
  checked: checkedNistDesign,
  isResult: (_, { setting, repetition, rows } = {} as NistRepetition) =>
    setting === 0 &&
    Number.isInteger(repetition) &&
    Array.isArray(rows) &&
    rows.every((row) => Number.isFinite(row?.ari)),
};

const kind: StudyKind<NistDesign, NistRepetition> = {
  ...nistFormat,
  repeat: (design, _, repetition) => repeatNist(design, repetition),
  worker: path.join(__dirname, 'nist-study-worker'),
  isPortable: () => true,
  work: () => [1],
};

/**
 * Runs the study of Table 2 on all cores, as `runStudy` does a simulation: the same results however often it was stopped.
 * @param design `nistDesign`, or one with other numbers
 * @param options how often, in which file, and on how many threads
 * @returns the design and all repetitions; `summariseNist` makes medians of them
 * @throws InvalidInput if the design is invalid, or not that of the file, or the features are not there; the signal's reason when it aborts
 * @example
 * import { nistDesign, runNistStudy } from 'dfmr/nist';
 * const small = {
 *   ...nistDesign,
 *   features: 'features',
 *   machines: 4,
 *   order: 3,
 *   sampleSizes: [50],
 *   test: 60,
 *   letters: 60,
 *   starts: 1,
 *   fractions: [0.3],
 *   smoothings: [0.5],
 *   inflationFactors: [1.3],
 * };
 * const { repetitions } = await runNistStudy(small, { repetitions: 1, workers: 1 });
 * repetitions[0].rows.find(({ method }) => method === 'COAT')?.ari; // 0.902
 */
export async function runNistStudy(
  design: NistDesign,
  options: StudyOptions,
): Promise<Results<NistDesign, NistRepetition>> {
  return runRepetitions(design, kind, options);
}

function checkedNistDesign(design: NistDesign): NistDesign {
  const { machines, order, letters, starts, test, compared, transported, seed } = design;
  for (const [name, value] of Object.entries({ machines, order, letters, starts, test }))
    requirePositiveInteger(name, value);
  if (machines < 3) throw new InvalidInput(`machines is ${machines}: fewer than 3 have no majority`);
  for (const [name, [isSound, what]] of Object.entries(LISTS)) {
    const values = design[name as keyof typeof LISTS];
    const sound = Array.isArray(values) && values.length > 0 && values.every(isSound);
    if (!sound || new Set(values).size < values.length)
      throw new InvalidInput(`${name} is ${described(values)}: a list of ${what} is needed, each once`);
  }
  for (const [name, value] of Object.entries({ compared, transported }))
    if (!isFactor(value)) throw new InvalidInput(`${name} is ${described(value)}: it must be a number from 1 on`);
  if (!(Number.isFinite(seed) || typeof seed === 'string'))
    throw new InvalidInput(`the seed is ${described(seed)}: a number or a word is needed`);
  return design;
}

const isFactor = (rho: number) => rho >= 1 && rho < Infinity;

/** What the values of each list must be. */
const LISTS: {
  readonly [name in 'sampleSizes' | 'fractions' | 'smoothings' | 'inflationFactors']: readonly [
    (value: number) => boolean,
    string,
  ];
} = {
  sampleSizes: [(n) => Number.isInteger(n) && n >= 1, 'positive integers'],
  fractions: [(alpha) => alpha >= 0 && alpha < 0.5, 'numbers from 0 to below ½'],
  smoothings: [(h) => h > 0 && h < Infinity, 'numbers above 0'],
  inflationFactors: [isFactor, 'numbers from 1 on'],
};

/** One repetition, by the design's seed alone. */
export async function repeatNist(design: NistDesign, repetition: number): Promise<NistRepetition> {
  const { machines: m, order, sampleSizes, letters: letterCount, starts, fractions, seed } = design;
  const { digits, digitLabels, letters } = readNistFeatures(design.features);
  const named = (what: string) => `${seed}, repetition ${repetition}: ${what}`;
  const shuffled = randomOrder(digits.rows, named('digits'));
  const needed = m * Math.max(...sampleSizes) + design.test;
  if (needed > digits.rows)
    throw new InvalidInput(`there are ${digits.rows} digits, but machines and test need ${needed}: take fewer`);
  if (letterCount > letters.rows)
    throw new InvalidInput(`there are ${letters.rows} letters, but ${letterCount} are asked for`);
  // rows of one class after another, of which a component is far from all at once
  const testRows = shuffled.slice(digits.rows - design.test).sort((i, j) => digitLabels[i] - digitLabels[j] || i - j);
  const test = takeRows(digits, testRows);
  const truth = Int32Array.from(testRows, (row) => digitLabels[row]);
  const ariOf = remembering((mixture: Mixture) => sixDigits(adjustedRandIndex(classify(mixture, test), truth)));
  const medianAri = (fits: readonly Fit[]) => sixDigits(median(fits.map(({ mixture }) => ariOf(mixture))));

  const failures = (fraction: number) => Math.floor(fraction * m + 1e-9); // 0.29 · 100 is 28.999999999999996
  const wrong = Array.from({ length: failures(Math.max(...fractions)) }, (_, i) =>
    fit(takeRows(letters, randomOrder(letters.rows, named(`letters ${i}`)).subarray(0, letterCount)), {
      order,
      penalty: 'published',
      starts: 1,
      initialisation: 'k-means++',
      accelerate: true,
      maxIterations: 50,
      seed: named(`letters ${i}`),
    }),
  );
  const failing = randomOrder(m, named('failures'));
  const lettersAri = medianAri(wrong);
  const rows: NistRow[] = [];
  for (const sampleSize of sampleSizes) {
    const honest = Array.from({ length: m }, (_, i) =>
      fit(takeRows(digits, shuffled.subarray(i * sampleSize, (i + 1) * sampleSize)), {
        order,
        penalty: 'published',
        starts,
        initialisation: 'k-means++',
        seed: named(`machine ${i}`),
      }),
    );
    const localAri = medianAri(honest);
    const methods = comparison(design, [...honest, ...wrong], ariOf);
    for (const fraction of fractions) {
      const failed = failing.slice(0, failures(fraction)).sort();
      const sent = honest.map((_, i) => (failed.includes(i) ? m + failing.indexOf(i) : i));
      const where = { sampleSize, fraction, ...NO_FILTER };
      const reference = { ...where, distance: '', starts: 'one' as const };
      rows.push({ ...reference, method: 'Local', ari: localAri });
      if (failed.length > 0) rows.push({ ...reference, method: 'Letters', ari: lettersAri });
      for (const row of methods(sent, failed)) rows.push({ ...where, ...row });
    }
  }
  return { setting: 0, repetition, rows };
}

/** The same function of an object, which is called once for each. */
function remembering<Given extends object, Found>(of: (given: Given) => Found): (given: Given) => Found {
  const known = new Map<Given, Found>();
  return (given) => {
    const found = known.get(given) ?? of(given);
    known.set(given, found);
    return found;
  };
}

const NO_FILTER = { kept: null, keptFailed: null, farthestHonest: null, nearestFailed: null };

type Found = Omit<NistRow, 'sampleSize' | 'fraction' | keyof typeof NO_FILTER> & Partial<NistRow>;

/**
 * Prepares the comparison of all methods, with each distance, on estimates that machines may send: `all[sent[i]]` is what machine i sent.
 * Whatever fails, most distances are between the same estimates, and many methods reduce the same ones, so both are kept.
 */
function comparison(
  { smoothings, inflationFactors, compared, transported }: NistDesign,
  all: readonly Fit[],
  ariOf: (mixture: Mixture) => number,
): (sent: readonly number[], failed: Int32Array) => Found[] {
  const reduced = reductions(all);
  const among = (ofAll: DistanceMatrix) => (sent: readonly number[]) => distancesAmong(ofAll, sent);
  // the median of the variances, by which densities are smoothed, depends on who sent what
  const smoothed = (smoothing: number) => (sent: readonly number[]) =>
    l2DistanceMatrix(sent.map((i) => all[i]), { smoothing }); // biome-ignore format: short
  const plan = [
    { distance: 'L²', between: among(l2DistanceMatrix(all)), factors: [1, compared], whole: true },
    ...smoothings.map((h) => ({ distance: `L², h = ${h}`, between: smoothed(h), factors: [compared], whole: false })),
    {
      distance: 'transport',
      between: among(transportDistanceMatrix(all)),
      factors: [transported, compared],
      whole: false,
    },
  ];

  return (sent, failed) => {
    const found: Found[] = [];
    const estimates = sent.map((i) => all[i]);
    for (const { distance, between, factors, whole } of plan) {
      const centre = coat(estimates, { distanceMatrix: between(sent) });
      const put = (method: string, starts: 'one' | 'all', mixture: Mixture, counts: Partial<NistRow> = {}) =>
        found.push({ distance, starts, method, ari: ariOf(mixture), ...counts });
      const reduction = (machines: Int32Array, starts: 'one' | 'all') =>
        reduced(
          Array.from(machines, (i) => sent[i]),
          starts === 'one' ? sent[centre.index] : undefined,
        );
      const putDfmr = (factor: number, starts: 'one' | 'all') => {
        const { kept } = withinThreshold(centre, factor);
        const counts = { kept: kept.length, keptFailed: kept.filter((i) => failed.includes(i)).length };
        put(`DFMR(${factor})`, starts, reduction(kept, starts), counts);
      };
      put('COAT', 'one', centre.mixture, endsOf(centre, failed));
      for (const factor of new Set([...factors, ...(whole ? inflationFactors : [])])) putDfmr(factor, 'one');
      for (const factor of new Set(factors)) putDfmr(factor, 'all');
      if (!whole) continue;
      put('Trim', 'one', trim(estimates, { start: centre.mixture }).mixture);
      for (const [rule, machines] of [
        ['Oracle', honestOf(sent.length, failed)],
        ['Vanilla', Int32Array.from(sent.keys())],
      ] as const)
        for (const starts of ['one', 'all'] as const) put(rule, starts, reduction(machines, starts));
    }
    return found;
  };
}

/** Reductions of some of the estimates, from one of them or from each of those that are reduced. */
function reductions(all: readonly Fit[]) {
  const known = new Map<string, Mixture>();
  return (which: readonly number[], start?: number): Mixture => {
    const key = `${which} from ${start ?? 'every'}`;
    const options = start === undefined ? ({ from: 'every' } as const) : { start: all[start] };
    const found =
      known.get(key) ??
      reduce(
        which.map((i) => all[i]),
        options,
      ).mixture;
    known.set(key, found);
    return found;
  };
}

/** The farthest honest and the nearest failed machine, in radii. */
function endsOf({ distances, radius }: Coat<unknown>, failed: Int32Array) {
  const ratios = Array.from(distances, (distance) => distance / radius);
  const farthestHonest = sixDigits(Math.max(...ratios.filter((_, i) => !failed.includes(i))));
  const nearestFailed = failed.length > 0 ? sixDigits(Math.min(...ratios.filter((_, i) => failed.includes(i)))) : null;
  return { farthestHonest, nearestFailed };
}
