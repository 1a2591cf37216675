import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Piscina } from 'piscina';

/** Workers idle for 30 s (in milliseconds) are shut down; pools are reused because a thread compiles its code only once. */
const IDLE_TIMEOUT = 30_000;

const pools = new Map<string, Piscina>();

/**
 * A pool of threads that run a compiled file, kept for the calls that follow. Its threads do not keep a process alive.
 * @param worker the path of the file, without its ending
 * @param threads the most that run at once
 * @throws an error if the file was not built
 */
export function poolOf<Task, Result>(worker: string, threads: number): Piscina<Task, Result> {
  const filename = `${path.resolve(worker)}.js`;
  if (!existsSync(filename))
    throw new Error(
      `there is no ${filename}, which threads run: build first with \`npm run build\`, or set workers to 1`,
    );
  const key = `${threads} ${filename}`;
  let pool = pools.get(key);
  if (!pool) {
    const { Piscina: Pool } = require('piscina') as typeof import('piscina'); // most programs start no thread
    pool = new Pool({ filename, minThreads: 0, maxThreads: threads, idleTimeout: IDLE_TIMEOUT });
    pool.on('error', () => {}); // what a thread reports after it was stopped; the failure of a task rejects the task
    pools.set(key, pool);
  }
  return pool as Piscina<Task, Result>;
}
