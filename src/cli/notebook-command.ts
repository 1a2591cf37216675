import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { registerKernel } from '../jupyter/kernel/register-kernel';
import { REPOSITORY } from '../jupyter/repository';
import { tell } from './output';

/** Makes a command `dfmr notebook`. */
export function notebookCommand(command: Command): void {
  command
    .description('Copy the tutorials and their data to a folder of yours, and register their kernel with Jupyter.')
    .argument('[folder]', 'the folder, made if needed; nothing in it is overwritten', 'dfmr-tutorials')
    .action((folder: string) => {
      const copied = ['notebooks', 'data'].flatMap((part) =>
        copyNew(path.join(REPOSITORY, part), path.join(folder, part)),
      );
      linkPackages(folder);
      tell(
        [
          `${copied.length} files were copied to ${folder}; what existed already is left as it is.`,
          ...registerKernel(),
          `Open them with Jupyter: cd ${path.join(folder, 'notebooks')} && jupyter lab`,
        ],
        { folder, copied },
      );
    });
}

/** What Git ignores and what Jupyter leaves beside notebooks stays. */
const WANTED = /\.(ipynb|npy|csv|json|md|bin|png|sh|py|R|yaml)$|^(Snakefile|sbatch)$/;

/** Copies files that are not there yet; their paths. */
function copyNew(from: string, to: string): string[] {
  return readdirSync(from).flatMap((name) => {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    if (statSync(source).isDirectory()) return /^(kernels|\.)/.test(name) ? [] : copyNew(source, target);
    if (!WANTED.test(name) || name.endsWith('.actual.ipynb') || existsSync(target)) return [];
    mkdirSync(to, { recursive: true });
    copyFileSync(source, target);
    return [target];
  });
}

/** Lets cells in the folder import this package, and those that the tutorials use, by their names. */
function linkPackages(folder: string): void {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules, { recursive: true });
  const { name, dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8'),
  );
  const link = (of: string, target: string) => {
    const at = path.join(modules, of);
    if (lstatSync(at, { throwIfNoEntry: false })) return;
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(target, at, 'junction');
  };
  link(name, REPOSITORY);
  for (const of of Object.keys({ ...dependencies, ...peerDependencies })) {
    const [found] = (require.resolve.paths(of) ?? []).map((base) => path.join(base, of)).filter((at) => existsSync(at));
    if (found) link(of, found);
  }
}
