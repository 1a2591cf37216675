import { median } from '../math/quantile';
import { type Peer, startPeers } from './peers';

/** Work that the library and its peers do. */
export interface Timed {
  /** does the work once */
  readonly run: () => unknown;
  /** what each peer is asked; none, if no peer does such work */
  readonly tasks: readonly object[];
  /** the peers' language: Python if not given */
  readonly language?: 'R';
}

/** A row of the table; of several tasks, the fastest counts. */
export interface Comparison extends Timed {
  readonly work: string;
  readonly peer: string;
  readonly goal: string;
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

/** Times of the library and of those peers that are installed, in interleaved runs of one process each. */
export async function timesOf(
  { run, tasks, language }: Timed,
  rounds: number,
): Promise<{ readonly own: readonly number[]; readonly others: readonly (readonly number[])[] }> {
  const peers = startPeers(tasks, language);
  const ready: Peer[] = [];
  for (const [i, one] of peers.entries()) {
    if ((await one.ask(JSON.stringify(tasks[i]))) === 'ready') ready.push(one);
  }
  for (const start = performance.now(); performance.now() - start < WARM_UP_TIME; ) run();
  const own: number[] = [];
  const others = ready.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    own.push(milliseconds(run));
    for (const [i, one] of ready.entries()) others[i].push(Number(await one.ask('run')));
  }
  for (const one of peers) one.end();
  return { own, others };
}

/** A row of the table. */
export async function compared({ work, peer, goal, ...timed }: Comparison): Promise<string> {
  const { own, others } = await timesOf(timed, ROUNDS);
  const best = others.toSorted((a, b) => Math.min(...a) - Math.min(...b))[0];
  const ratio = best ? `**${short(Math.min(...best) / Math.min(...own))}**` : '';
  const missing = timed.tasks.length > 0 ? 'not installed' : '';
  return `| ${work} | ${leastAndMedian(own)} | ${peer} | ${best ? leastAndMedian(best) : missing} | ${ratio} | ${goal} |`;
}
