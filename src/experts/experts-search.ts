import { DfmrError, InvalidInput, messageOf } from '../errors';
import { randomStream, type Seed } from '../math/random';
import type { Steps } from '../work/work';
import type { Design } from './experts-design';
import type { ExpertsEm, ExpertsRun, Stopping } from './experts-em';
import { expertsStartKinds, randomResponsibilities } from './experts-starts';

// Short runs of EM from starts of different kinds (Biernacki, Celeux and Govaert 2003), as of mixtures: what a start is worth shows
// after a few iterations, so that only the best go on.

/** What is searched for, and how widely. */
export interface ExpertsSearch {
  readonly order: number;
  readonly starts: number;
  readonly seed: Seed;
  readonly stopping: Stopping;
}

/** Iterations of every start, how many go on, and for how many iterations. */
const FIRST_ITERATIONS = 6;
const FINALISTS = 5;
const FURTHER_ITERATIONS = 15;

/** How many runs on some rows are taken on by all. */
const TAKEN_ON = 2;

/** Runs whose objectives for each row differ by less than this are at the same place. */
const SAME_PER_ROW = 1e-5;

/**
 * Runs of EM to their ends: of starts of several kinds, those whose short runs are best and differ.
 * @throws InvalidInput if an expert of every start shrinks onto a few rows, which only penalties of 0 allow
 */
export function* searchedRuns(
  design: Design,
  em: ExpertsEm,
  { order, starts, seed, stopping }: ExpertsSearch,
): Steps<readonly ExpertsRun[]> {
  const within = (maxIterations: number) => ({
    tolerance: 0,
    maxIterations: Math.min(maxIterations, stopping.maxIterations),
  });
  let failure: unknown;
  /** the run, or none if it met an error */
  function* attempted(steps: () => Steps<ExpertsRun>): Steps<ExpertsRun[]> {
    try {
      return [yield* steps()];
    } catch (error) {
      if (!(error instanceof DfmrError)) throw error;
      failure = error;
      return [];
    }
  }
  let runs: ExpertsRun[] = [];
  for (let s = 0; s < (order === 1 ? 1 : starts); s++) {
    const membership = yield* membershipOfStart(design, order, `${seed}, start ${s}`, s);
    const short = within(FIRST_ITERATIONS);
    runs.push(
      ...(yield* attempted(function* () {
        return yield* em.run(yield* em.begin(membership), short);
      })),
    );
  }
  for (const stage of [within(FIRST_ITERATIONS + FURTHER_ITERATIONS), stopping]) {
    const further: ExpertsRun[] = [];
    for (const run of distinct(runs, design)) {
      further.push(...(yield* attempted(() => em.run(run, stage))));
      if (further.length === FINALISTS) break;
    }
    runs = further;
  }
  if (runs.length === 0)
    throw new InvalidInput(
      `${messageOf(failure)}: the likelihood is unbounded there, so use a penalty above 0, such as the default one`,
      { cause: failure },
    );
  return distinct(runs, design);
}

/** Which rows may be of which expert, by the kind whose turn it is; by random responsibilities if too few rows are distinct for it. */
function* membershipOfStart(design: Design, order: number, seed: Seed, turn: number): Steps<Float64Array> {
  if (order === 1) return new Float64Array(design.rows).fill(1);
  const kind = expertsStartKinds[turn % expertsStartKinds.length];
  try {
    return yield* kind(design, order, randomStream(seed, 'experts'));
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    return yield* randomResponsibilities(design, order, randomStream(seed, 'experts'));
  }
}

/** Runs on some rows of which all rows are taken on, the best first. */
export const promising = (runs: readonly ExpertsRun[]): readonly ExpertsRun[] =>
  runs.toSorted((a, b) => b.penalisedLogLikelihood - a.penalisedLogLikelihood).slice(0, TAKEN_ON);

/** The runs that are at different places, the best first. */
function distinct(runs: readonly ExpertsRun[], { count }: Design): ExpertsRun[] {
  return runs
    .toSorted((a, b) => b.penalisedLogLikelihood - a.penalisedLogLikelihood)
    .filter(
      ({ penalisedLogLikelihood: own }, i, all) =>
        i === 0 || all[i - 1].penalisedLogLikelihood - own > SAME_PER_ROW * count,
    );
}
