import { execSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DfmrError, messageOf } from '../errors';
import { REPOSITORY } from './repository';

const { arch, platform } = process;

/** Engines beside the Node that runs this, as npm has them: the package for this machine, and where the program is in it. */
const ENGINES = {
  deno: {
    name: 'Deno',
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}@2.9.6`,
    program: platform === 'win32' ? 'deno.exe' : 'deno',
  },
  bun: {
    name: 'Bun',
    package: `@oven/bun-${platform === 'win32' ? 'windows' : platform}-${arch === 'arm64' ? 'aarch64' : arch}@1.4.5`,
    program: platform === 'win32' ? 'bin/bun.exe' : 'bin/bun',
  },
  node24: {
    name: 'Node 24',
    package: `node-${platform === 'win32' ? 'win' : platform}-${arch}@24.22.3`,
    program: platform === 'win32' ? 'bin/node.exe' : 'bin/node',
  },
} as const;

/** An engine by its name. */
export type EngineName = keyof typeof ENGINES;

/** The names of the engines that can be fetched. */
export const ENGINE_NAMES = Object.keys(ENGINES) as EngineName[];

/**
 * The program of an engine, which is fetched from npm into the folder .tools/ of the repository (100 to 200 MB) if it is not there.
 * @throws DfmrError if npm does not give it
 */
export function fetchEngine(engine: EngineName): string {
  const { name, package: wanted, program } = ENGINES[engine];
  const folder = path.join(REPOSITORY, '.tools', wanted.replaceAll(/[@/]+/g, '-').replace(/^-/, ''));
  const file = path.join(folder, 'node_modules', wanted.slice(0, wanted.lastIndexOf('@')), program);
  if (existsSync(file)) return file;
  console.error(`Fetching ${name} from npm, once …`);
  mkdirSync(folder, { recursive: true });
  try {
    execSync(`npm install --prefix "${folder}" --ignore-scripts --no-audit --no-fund --loglevel=error ${wanted}`, {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
  } catch (cause) {
    throw new DfmrError(`${name} cannot be fetched: npm does not give ${wanted} here. ${messageOf(cause)}`, { cause });
  }
  return file;
}
