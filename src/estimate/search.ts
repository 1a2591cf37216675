import { DfmrError, unlessError } from '../errors';
import type { Family, LocalProblem } from '../families/family';
import { randomStream, type Seed } from '../math/random';
import { countOf, type Samples, takeRows } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { expectation } from '../mixture/posterior';
import type { Progress, Steps } from '../work/work';
import { type EmResult, emSteps, ROUNDING_PER_ROW } from './em';
import { kMeansSteps, standardised } from './k-means';
import { beginningOf, membershipOf, mixtureOfMembership, type Posing } from './membership';
import { rearrangements } from './rearrangements';
import { someRows, startKinds } from './start-kinds';

// Short runs of EM from starts of different kinds, in the manner of Biernacki, Celeux and Govaert (2003): what a start is worth
// shows after a few iterations, so that only the best go on.

/** What is searched for, and how widely. */
export interface SearchOptions {
  readonly order: number;
  readonly starts: number;
  readonly seed: Seed;
  /** a_n */
  readonly penalty: number;
  readonly accelerate: boolean;
  /** of a run to its end; short runs take no more, and if it is not above theirs, only the first of them are made */
  readonly maxIterations: number;
}

/** Iterations of every start. */
const FIRST_ITERATIONS = 5;

/** How many starts go on, and for how many iterations. */
export const FINALISTS = 3;
const FURTHER_ITERATIONS = 10;

/** How often the best is rearranged, as long as that makes it better. */
const MAX_ROUNDS = 4;

/** Rearrangements take hundreds of iterations and axes of d × d matrices, and are not made where one of these takes more operations. */
const MAX_OPERATIONS = 5e6;

/** Iterations of every rearrangement, how many go on, and for how many iterations. */
const REARRANGED_ITERATIONS = 2;
const REARRANGED_FINALISTS = 3;
const REARRANGED_FURTHER_ITERATIONS = 8;

/** Runs whose objectives for each row differ by less than this are at the same place. */
const SAME_PER_ROW = 1e-5;

/** Of larger tables as many random rows are searched, or this many for each parameter if that is more. */
const SEARCHED_ROWS = 2000;
const SEARCHED_ROWS_PER_PARAMETER = 5;

type Run<Parameter> = Pick<EmResult<Parameter>, 'mixture' | 'penalisedLogLikelihood'>;

/** The rows that are searched, and all that short runs on them need. */
interface Ground<Parameter> {
  readonly samples: Samples;
  readonly places: Samples;
  readonly family: Family<Parameter>;
  readonly problem: LocalProblem<Parameter>;
  /** the problem whose M-step makes mixtures of memberships, with a penalty if the family has one for these rows */
  readonly beginning: LocalProblem<Parameter>;
  readonly order: number;
  readonly penalty: number;
  readonly accelerate: boolean;
}

/**
 * Starts of EM, the most promising first, all different: every start has a short run, the best go on, and the best of them is
 * rearranged as long as that makes it better, unless the table is large and the best came to one place.
 * @returns what makes each, and how many go on; the others stand by
 * @throws InvalidInput if fewer than `order` rows are distinct
 */
export function* searchSteps<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  pose: Posing<Parameter>,
  options: SearchOptions,
): Steps<{ readonly from: (() => Mixture<Parameter>)[]; readonly enough: number }> {
  const { order, seed } = options;
  const starts = order === 1 ? 1 : options.starts;
  const hasty = options.maxIterations <= FIRST_ITERATIONS + FURTHER_ITERATIONS;
  const ground = groundOf(samples, family, pose, options);
  const operations = Math.max(ground.samples.rows * order * family.size(samples.columns), ground.places.columns ** 3);
  const rounds = order === 1 || hasty || operations > MAX_OPERATIONS ? 0 : MAX_ROUNDS;
  const total = starts + FINALISTS + rounds;
  const progress = (done: number): Progress => ({ stage: 'starting', done, total });
  const first: (() => Mixture<Parameter>)[] = [];
  const runs: Run<Parameter>[] = [];
  for (let s = 0; s < starts; s++) {
    const random = randomStream(`${seed}, start ${s}`, 'starts');
    const made = startKinds[s % startKinds.length](ground.places, order, random);
    const membership = made instanceof Float64Array ? made : yield* told(made, progress(s));
    const maker = () => mixtureOfMembership(membership, ground.samples, family, ground.beginning);
    if (s === 0) first.push(maker);
    runs.push(...(yield* shortRun(ground, maker, Math.min(FIRST_ITERATIONS, options.maxIterations), progress(s))));
  }
  if (runs.length === 0) return { from: first, enough: first.length }; // whose error tells why
  let found: Run<Parameter>[] = [];
  for (const [f, run] of distinct(runs, ground).slice(0, FINALISTS).entries()) {
    const further = hasty ? [] : yield* shortRun(ground, () => run.mixture, FURTHER_ITERATIONS, progress(starts + f));
    found.push(...(further.length > 0 ? further : [run]));
  }
  const ofSome = ground.samples !== samples;
  const several = found.length > 1;
  found = distinct(found, ground);
  // in large tables, starts that came to one place found the greatest maximum; in small ones there are others beside it
  const settled = ofSome && several && found.length === 1;
  for (let round = settled ? rounds : 0; round < rounds; round++) {
    const better = yield* rearranged(ground, found[0], progress(starts + FINALISTS + round));
    if (!better) break;
    found.unshift(better);
    if (round > 0) found.splice(1, 1); // the rearrangement that was rearranged
  }
  yield progress(total);
  const others = distinct(runs, ground).slice(FINALISTS);
  const makers = [...found, ...others].map((run) => () => run.mixture);
  const whole = ofSome ? [yield* clusteringOfAll(samples, family, pose, options)] : [];
  return { from: [...whole, ...makers], enough: whole.length + Math.min(FINALISTS, found.length) };
}

/** What makes the mixture of a k-means++ clustering of all rows, which sees what is too rare for some of them. */
function* clusteringOfAll<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  pose: Posing<Parameter>,
  { order, penalty, seed }: SearchOptions,
): Steps<() => Mixture<Parameter>> {
  const scaled = family.clusterScale?.(samples) ?? samples;
  const membership = membershipOf(yield* kMeansSteps(scaled, order, randomStream(seed, 'all rows')), order);
  return () => mixtureOfMembership(membership, samples, family, beginningOf(pose, samples) ?? pose(samples, penalty));
}

/** The best of the rearrangements of a run; undefined if none is better. */
function* rearranged<Parameter>(
  ground: Ground<Parameter>,
  { mixture, penalisedLogLikelihood }: Run<Parameter>,
  progress: Progress,
): Steps<Run<Parameter> | undefined> {
  const { samples, places, family, beginning, order } = ground;
  const responsibilities = new Float64Array(order * samples.rows);
  expectation(mixture, family.logDensity(samples), responsibilities);
  const tried: Run<Parameter>[] = [];
  for (const membership of rearrangements(places, responsibilities, order)) {
    const maker = () => mixtureOfMembership(membership(), samples, family, beginning);
    tried.push(...(yield* shortRun(ground, maker, REARRANGED_ITERATIONS, progress)));
  }
  const further: Run<Parameter>[] = [];
  for (const run of distinct(tried, ground).slice(0, REARRANGED_FINALISTS))
    further.push(...(yield* shortRun(ground, () => run.mixture, REARRANGED_FURTHER_ITERATIONS, progress)));
  const [best] = distinct(further, ground);
  return best?.penalisedLogLikelihood > penalisedLogLikelihood + SAME_PER_ROW * countOf(samples) ? best : undefined;
}

/** Some iterations of EM: the run, or none if it met an error, as where a component shrinks onto a few rows. */
function* shortRun<Parameter>(
  { samples, problem, penalty, accelerate }: Ground<Parameter>,
  start: () => Mixture<Parameter>,
  maxIterations: number,
  progress: Progress,
): Steps<Run<Parameter>[]> {
  try {
    const steps = emSteps(samples, problem, start(), { penalty, tolerance: 0, maxIterations, accelerate });
    return [yield* told(steps, progress)];
  } catch (error) {
    if (error instanceof DfmrError) return [];
    throw error;
  }
}

/** Steps that tell this progress, whatever their own. */
function* told<Result>(steps: Generator<unknown, Result, void>, progress: Progress): Steps<Result> {
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield progress;
  return step.value;
}

/** The runs that are at different places, the best first; of those that are as high, but for rounding, the one made first. */
function distinct<Parameter>(runs: readonly Run<Parameter>[], { samples }: Ground<Parameter>): Run<Parameter>[] {
  const [same, rounding] = [SAME_PER_ROW, ROUNDING_PER_ROW].map((one) => one * countOf(samples));
  const height = ({ penalisedLogLikelihood }: Run<Parameter>) => penalisedLogLikelihood;
  return runs
    .toSorted((a, b) => height(b) - height(a))
    .filter((own, i, all) => i === 0 || height(all[i - 1]) - height(own) > same)
    .map((top) => runs.find((run) => Math.abs(height(run) - height(top)) <= rounding) ?? top);
}

/** The rows that are searched, and their problem. */
function groundOf<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  pose: Posing<Parameter>,
  { order, penalty, seed, accelerate }: SearchOptions,
): Ground<Parameter> {
  const most = Math.max(SEARCHED_ROWS, SEARCHED_ROWS_PER_PARAMETER * order * family.size(samples.columns));
  const some = samples.rows > most ? takeRows(samples, searchedRows(samples, most, seed)) : samples;
  const rows = unlessError(() => pose(some, penalty)) ? some : samples; // a column may be constant in some rows
  const strength = (penalty * countOf(rows)) / countOf(samples); // as strong beside a row as among all
  const problem = pose(rows, strength);
  const beginning = beginningOf(pose, rows) ?? problem;
  const scaled = family.clusterScale?.(rows) ?? rows;
  const places = { ...scaled, data: standardised(scaled) };
  return { samples: rows, places, family, problem, beginning, order, penalty: strength, accelerate };
}

/** Random rows and those at the ends of each column: a row that is far from all others may be a component. */
function searchedRows(samples: Samples, count: number, seed: Seed): Int32Array {
  const { data, rows, columns } = samples;
  const chosen = new Set(someRows(rows, count, randomStream(seed, 'searched rows')));
  for (let c = 0; c < columns; c++) {
    let [low, high] = [-1, -1]; // a cell that is missing is neither
    for (let j = 0; j < rows; j++) {
      const value = data[j * columns + c];
      if (low < 0 ? !Number.isNaN(value) : value < data[low * columns + c]) low = j;
      if (high < 0 ? !Number.isNaN(value) : value > data[high * columns + c]) high = j;
    }
    chosen.add(low).add(high);
  }
  return Int32Array.from(chosen).sort();
}
