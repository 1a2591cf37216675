import { Piscina } from 'piscina';

const pools = new Map<string, Piscina>();

/**
 * So many threads that run a worker's file, kept for the calls that follow: they have compiled what they run. Idle ones do not
 * keep a process alive.
 */
export function poolOf<Task, Result>(filename: string, threads: number): Piscina<Task, Result> {
  const key = `${threads} ${filename}`;
  let pool = pools.get(key);
  if (!pool) {
    pool = new Piscina({ filename, minThreads: threads, maxThreads: threads });
    pool.on('error', () => {}); // what a thread says after it was stopped; the failure of a task is told by the task
    pools.set(key, pool);
  }
  return pool as Piscina<Task, Result>;
}
