import { DfmrError } from '../errors';
import type { LocalProblem } from '../families/family';
import { missingIn } from '../math/missing-cells';
import { quantiles } from '../math/quantile';
import { randomOrder, type Seed } from '../math/random';
import { countOf, type Samples, takeRows } from '../math/table';
import { type Mixture, withNoise } from '../mixture/mixture';
import { type Box, type Noise, noiseLogDensity, rangeOf } from '../mixture/noise';
import { logDensity, noiseProbabilities } from '../mixture/posterior';
import type { Steps } from '../work/work';
import { type EmResult, emSteps } from './em';

// Where EM starts if there is noise. A component that starts amid the noise may never leave it, so that components are first fitted to
// the rows that lie densest, as if the others were noise, for several shares of these.

/** The shares of the rows that are tried as noise: it takes factors of about two to miss no cluster. */
const SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4];

/** More rows than this are not needed to see where the dense ones lie, and how well each share suits them. */
const MOST_ROWS = 2000;

/** The neighbour whose distance says how dense rows lie around a row (Byers and Raftery 1998). */
const NEIGHBOUR = 10;

/** How many of the shares, those of the highest maxima on some of the rows, are tried on all. */
const MOST_STARTS = 3;

/** How often the rows that are not noise are fitted anew, as long as that leads higher. */
const MOST_ROUNDS = 3;

/** A start is good enough after so many iterations. */
const MOST_ITERATIONS = 200;

/** In pℓ / n, objectives that differ by less are of one maximum. */
const SAME_MAXIMUM = 1e-4;

/** How rows are fitted that noise is beside. */
export interface NoiseSetting<Parameter> {
  readonly seed: Seed;
  /** a_n of all rows */
  readonly penalty: number;
  /** the problem that some of the rows pose, with this penalty */
  readonly pose: (rows: Samples) => LocalProblem<Parameter>;
  /** the rows with values in place of what is missing */
  readonly completed: (rows: Samples) => Samples;
}

/**
 * The starts of EM with noise: the fit without noise, which the fit with noise is then as high as, at least; and fits of the rows that
 * lie densest, for the shares of noise that suit the rows best.
 * @param fitted fits some rows without noise: all of them to the end, others as far as a start needs it
 * @throws what fits without noise throw, if all do
 */
export function* noiseStarts<Parameter>(
  samples: Samples,
  { seed, penalty, pose, completed }: NoiseSetting<Parameter>,
  fitted: (rows: Samples, maxIterations?: number) => Steps<{ readonly mixture: Mixture<Parameter> }>,
): Steps<Mixture<Parameter>[]> {
  const box = rangeOf(samples);
  const beside = (mixture: Mixture<Parameter>, rows: Samples) =>
    withNoise(mixture, { weight: suitedWeight(mixture, rows, box), ...box });
  const some = samples.rows > MOST_ROWS ? takeRows(samples, someRows(samples.rows, seed)) : samples;
  const dense = densestFirst(completed(some));
  const tried: EmResult<Parameter>[] = [];
  const errors: DfmrError[] = [];
  const attempt = function* (rows: readonly number[]): Steps<void> {
    try {
      const { mixture } = yield* fitted(takeRows(some, rows), MOST_ITERATIONS);
      tried.push(yield* maximum(some, pose(some), beside(mixture, some), penalty));
      tried.sort((a, b) => b.penalisedLogLikelihood - a.penalisedLogLikelihood);
    } catch (error) {
      errors.push(refused(error));
    }
  };
  for (const share of SHARES) yield* attempt(dense.slice(0, Math.ceil((1 - share) * some.rows)).sort((i, j) => i - j));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const [best] = tried;
    if (!best) break;
    const noise = noiseProbabilities(best.mixture, some, missingIn(some));
    yield* attempt([...noise.keys()].filter((j) => noise[j] < 0.5));
    if (tried[0] === best) break;
  }
  const lost = (i: number) => tried[i - 1].penalisedLogLikelihood - tried[i].penalisedLogLikelihood;
  const starts = tried.filter((_, i) => i === 0 || lost(i) > SAME_MAXIMUM * countOf(some)).slice(0, MOST_STARTS);
  const mixtures = starts.map(({ mixture }) => mixture);
  try {
    const { mixture } = yield* fitted(samples);
    mixtures.push(beside(mixture, samples));
  } catch (error) {
    errors.push(refused(error));
  }
  if (mixtures.length === 0) throw errors[errors.length - 1];
  return mixtures;
}

/** An EM run on some of the rows. */
function* maximum<Parameter>(
  rows: Samples,
  problem: LocalProblem<Parameter>,
  start: Mixture<Parameter>,
  penalty: number,
): Steps<EmResult<Parameter>> {
  const run = emSteps(rows, problem, start, { penalty, tolerance: 1e-6, maxIterations: MOST_ITERATIONS });
  let step = run.next();
  for (; !step.done; step = run.next()) yield { stage: 'fitting', done: step.value, total: MOST_ITERATIONS };
  return step.value;
}

/** The error, if it says that rows or a start cannot be fitted. */
function refused(error: unknown): DfmrError {
  if (error instanceof DfmrError) return error;
  throw error;
}

const someRows = (rows: number, seed: Seed): Int32Array =>
  randomOrder(rows, `${seed}: rows that show noise`).slice(0, MOST_ROWS).sort();

/** The rows by the distance of each to its neighbour, in units of the quartiles of each column, the nearest first. */
function densestFirst({ data, rows, columns: d }: Samples): number[] {
  const column = (i: number) => Float64Array.from({ length: rows }, (_, j) => data[j * d + i]);
  const scales = Array.from({ length: d }, (_, i) => {
    const [least, low, high, most] = quantiles(column(i), [0, 0.25, 0.75, 1]);
    return high > low ? high - low : most - least;
  });
  const scaled = data.map((value, at) => value / scales[at % d]);
  const nearest = new Float64Array(Math.min(NEIGHBOUR, rows - 1)); // squared, ascending
  const last = nearest.length - 1;
  const distances = Float64Array.from({ length: rows }, (_, j) => {
    nearest.fill(Infinity);
    for (let other = 0; other < rows; other++) {
      let squared = other === j ? Infinity : 0;
      for (let i = 0; i < d; i++) squared += (scaled[j * d + i] - scaled[other * d + i]) ** 2;
      if (!(squared < nearest[last])) continue;
      let at = last;
      for (; at > 0 && nearest[at - 1] > squared; at--) nearest[at] = nearest[at - 1];
      nearest[at] = squared;
    }
    return nearest[last];
  });
  return [...distances.keys()].sort((i, j) => distances[i] - distances[j]);
}

/**
 * The noise of a start: on the range of the rows, with the start's weight or, if it has none, with what suits the rows best, but one
 * row's at least, as EM cannot leave 0.
 */
export function noiseBeside<Parameter>(start: Mixture<Parameter>, samples: Samples): Noise {
  const box = rangeOf(samples);
  return {
    weight: start.noise?.weight ?? Math.max(suitedWeight(start, samples, box), 1 / (countOf(samples) + 1)),
    ...box,
  };
}

/** The weight w of noise beside these components that suits the rows best: Σ_j log {(1 − w) f_G(x_j) + w / volume} is concave in w. */
function suitedWeight<Parameter>(mixture: Mixture<Parameter>, samples: Samples, box: Box): number {
  const { weights: counts } = samples;
  const logs = logDensity(withNoise(mixture, undefined), samples, missingIn(samples));
  const uniform = noiseLogDensity(box);
  const odds = logs.map((log) => Math.exp(Math.min(log - uniform, 700)));
  let [low, high] = [0, 1];
  for (let halving = 0; halving < 53; halving++) {
    const w = (low + high) / 2;
    const slope = odds.reduce((sum, one, j) => sum + (counts?.[j] ?? 1) * ((1 - one) / ((1 - w) * one + w)), 0);
    if (slope > 0) low = w;
    else high = w;
  }
  return low;
}
