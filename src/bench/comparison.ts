import { median } from '../math/quantile';
import { type Peer, startPeers } from './peers';

/** A row of the table: work that the library and its peers do. */
export interface Comparison {
  readonly work: string;
  readonly peer: string;
  readonly goal: string;
  /** does the work once */
  readonly run: () => unknown;
  /** what a peer is asked; of several tasks, the fastest counts; none, if no peer does such work */
  readonly tasks: readonly object[];
  /** the peer's language: Python if not given */
  readonly language?: 'R';
}

/** A row whose inputs are made only if it is wanted. */
export interface LazyComparison {
  readonly work: string;
  readonly make: () => Omit<Comparison, 'work'>;
}

/** Interleaved runs of each side. */
export const ROUNDS = 9;

/** Milliseconds for which the work runs before it is timed, so that it is compiled. */
const WARM_UP_TIME = 400;

/** The milliseconds that a run takes. */
export function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** A time with three digits. */
export const short = (time: number): string => `${Number(time.toPrecision(3))}`;

/** The least of some times, and their median. */
export const leastAndMedian = (times: readonly number[]): string =>
  `${short(Math.min(...times))} (${short(median(times))})`;

/** A row of the table: times of the library and of its peers, in interleaved runs of one process each. */
export async function compared(comparison: Comparison): Promise<string> {
  const { work, peer, goal, run, tasks, language } = comparison;
  const peers = startPeers(tasks, language);
  const ready: Peer[] = [];
  for (const [i, one] of peers.entries()) {
    if ((await one.ask(JSON.stringify(tasks[i]))) === 'ready') ready.push(one);
  }
  for (const start = performance.now(); performance.now() - start < WARM_UP_TIME; ) run();
  const own: number[] = [];
  const others = ready.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    own.push(milliseconds(run));
    for (const [i, one] of ready.entries()) others[i].push(Number(await one.ask('run')));
  }
  for (const one of peers) one.end();
  const best = others.toSorted((a, b) => Math.min(...a) - Math.min(...b))[0];
  const ratio = best ? `**${short(Math.min(...best) / Math.min(...own))}**` : '';
  return `| ${work} | ${leastAndMedian(own)} | ${peer} | ${best ? leastAndMedian(best) : tasks.length > 0 ? 'not installed' : ''} | ${ratio} | ${goal} |`;
}
