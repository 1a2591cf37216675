import { Piscina } from 'piscina';

/** Threads that have had no work for so many milliseconds end. */
const IDLE = 30_000;

const pools = new Map<string, Piscina>();

/**
 * Up to so many threads that run a worker's file, kept for the calls that follow: they have compiled what they run. Idle ones end
 * after a while, and do not keep a process alive.
 */
export function poolOf<Task, Result>(filename: string, threads: number): Piscina<Task, Result> {
  const key = `${threads} ${filename}`;
  let pool = pools.get(key);
  if (!pool) {
    pool = new Piscina({ filename, minThreads: 0, maxThreads: threads, idleTimeout: IDLE });
    pool.on('error', () => {}); // what a thread says after it was stopped; the failure of a task is told by the task
    pools.set(key, pool);
  }
  return pool as Piscina<Task, Result>;
}
