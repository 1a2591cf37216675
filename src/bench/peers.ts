import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/**
 * glibc keeps what the peers give back, in place of asking the system for new pages, which some virtual machines give out so slowly
 * that peers with large temporary arrays took twice the time.
 */
const KEEPING_MEMORY = { MALLOC_MMAP_THRESHOLD_: '2147483648', MALLOC_TRIM_THRESHOLD_: '8589934592' };

/** A process of Python or R that times what it is asked. */
export class Peer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, script: string) {
    const env = { ...process.env, ...KEEPING_MEMORY };
    this.process = spawn(program, [path.join(__dirname, '../../src/bench', script)], { env });
    this.process.stderr.pipe(process.stderr);
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer has ended: see above');
    return value;
  }

  end(): void {
    this.process.kill();
  }
}

const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import numpy, scipy, sklearn']).status === 0,
);
const hasR = spawnSync('Rscript', ['-e', 'library(mclust); library(jsonlite)']).status === 0;

/** A process for each task, of Python unless R is named; none if it is not installed. */
export function startPeers(tasks: readonly object[], language?: 'R'): Peer[] {
  if (language) return hasR ? tasks.map(() => new Peer('Rscript', 'bench.R')) : [];
  return python ? tasks.map(() => new Peer(python, 'bench.py')) : [];
}
