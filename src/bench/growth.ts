import { dfmrComponents } from '../aggregate/components';
import { reduce } from '../aggregate/reduce';
import { informationDistanceMatrix } from '../distance/information-distance';
import { l2DistanceMatrix } from '../distance/l2';
import { sample } from '../mixture/sample';
import { estimates, population, stored } from './bench-inputs';
import { type Timed, timesOf } from './comparison';
import { emTask } from './em-comparisons';

/** What the time of some work is measured against. */
export type Axis = 'n' | 'K' | 'd' | 'm';

/** The least time of some work at one size. */
export interface GrowthRow {
  readonly axis: Axis;
  /** n, K, d or m */
  readonly size: number;
  readonly work: string;
  /** 'dfmr', or a peer */
  readonly by: string;
  readonly milliseconds: number;
}

/** Of each size, a factor of 16 between the first and the last. */
const SIZES: Readonly<Record<Axis, readonly number[]>> = {
  n: [20_000, 40_000, 80_000, 160_000, 320_000],
  K: [2, 4, 8, 16, 32],
  d: [4, 8, 16, 32, 64],
  m: [25, 50, 100, 200, 400],
};

/** What does not grow. */
const FIXED = { n: 20_000, K: 5, d: 10 };

/** Interleaved runs of each side. */
const ROUNDS = 7;

/** Measures all work at all sizes, one thread each. */
export async function* growthRows(): AsyncGenerator<GrowthRow> {
  for (const axis of ['n', 'K', 'd'] as const)
    for (const size of SIZES[axis])
      yield* measured({ axis, size, work: 'EM iteration' }, 'scikit-learn', emIteration({ ...FIXED, [axis]: size }));
  for (const size of SIZES.m) {
    const machines = estimates(size, FIXED.K, FIXED.d);
    const at = (work: string) => ({ axis: 'm' as const, size, work });
    const tasks = [{ task: 'l2', ...stored(`growth-${size}`, machines) }];
    yield* measured(at('L² matrix'), 'NumPy', { run: () => l2DistanceMatrix(machines), tasks });
    for (const [work, run] of [
      ['information distance', () => informationDistanceMatrix(machines)],
      ['component rule', () => dfmrComponents(machines)],
      ['reduction', () => reduce(machines, { start: machines[0] })],
    ] as const)
      yield* measured(at(work), '', { run, tasks: [] });
  }
}

/** An iteration over rows of K components that lie as far apart whatever d is. */
function emIteration({ n, K, d }: typeof FIXED): Timed {
  const truth = population(K, d, Math.sqrt(FIXED.d / d));
  const { run, task } = emTask(`growth-${n}-${K}-${d}`, sample(truth, n, 1).data, truth);
  return { run, tasks: [{ ...task, threads: 1 }] };
}

async function* measured(
  at: Pick<GrowthRow, 'axis' | 'size' | 'work'>,
  peer: string,
  timed: Timed,
): AsyncGenerator<GrowthRow> {
  const { own, others } = await timesOf(timed, ROUNDS);
  const least = (times: readonly number[]) => Number(Math.min(...times).toPrecision(3));
  yield { ...at, by: 'dfmr', milliseconds: least(own) };
  for (const times of others) yield { ...at, by: peer, milliseconds: least(times) };
}
