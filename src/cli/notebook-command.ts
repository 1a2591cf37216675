import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { hasJupyter } from '../jupyter/kernel/jupyter-environment';
import { REGISTERED, registerKernel } from '../jupyter/kernel/register-kernel';
import { REPOSITORY } from '../jupyter/repository';
import { readNotebook, writeNotebook } from '../jupyter/runner/notebook-file';
import { folderOf, installLine } from '../registry/packages';
import { tell } from './output';
import { starterNotebook } from './starter-notebook';

/** Makes a command `dfmr notebook`. */
export function notebookCommand(command: Command): void {
  command
    .description(
      'Copy the tutorials and their data to a folder of yours, or, where the package has none, write a notebook to start from; and register their kernel with Jupyter.',
    )
    .argument('[folder]', 'the folder, made if needed; nothing in it is overwritten', 'dfmr-tutorials')
    .action((folder: string) => {
      const hasTutorials = existsSync(path.join(REPOSITORY, 'notebooks'));
      const copied = hasTutorials
        ? ['notebooks', 'data'].flatMap((part) => copyNew(path.join(REPOSITORY, part), path.join(folder, part)))
        : writeStarter(folder);
      linkPackages(folder);
      const tutorials = path.join(folder, 'notebooks');
      const missing = installLine(['tslab', 'plotly.js-dist']);
      const jupyter = ['lab', 'notebook'].find(hasJupyter);
      const open =
        jupyter === undefined
          ? `Without Jupyter: cd ${tutorials} && npx dfmr run *.ipynb --html`
          : `Open them with Jupyter: cd ${tutorials} && jupyter ${jupyter}`;
      tell(
        [
          `${copied.length} ${copied.length === 1 ? 'file was' : 'files were'} written to ${folder}; what existed already is left as it is.`,
          ...(hasTutorials ? [] : [whereTutorialsAre()]),
          ...registerKernel(),
          ...(missing === undefined ? [] : [`The kernel needs what is not installed with dfmr: ${missing}`]),
          open,
        ],
        { folder, copied },
      );
    });
}

/** The package in which this code is. */
const packageFile = () => JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8'));

function whereTutorialsAre(): string {
  const { homepage } = packageFile();
  return `The tutorials are in the folder notebooks/ of the repository of dfmr${homepage ? ` (${homepage})` : ''}: the package has a notebook to start from.`;
}

function writeStarter(folder: string): string[] {
  const file = path.join(folder, 'notebooks', 'start.ipynb');
  if (existsSync(file)) return [];
  mkdirSync(path.dirname(file), { recursive: true });
  writeNotebook(file, starterNotebook(REGISTERED));
  return [file];
}

/** What Git ignores and what Jupyter leaves beside notebooks stays. */
const WANTED = /\.(ipynb|npy|csv|json|md|bin|png|sh|py|R|yaml)$|^(Snakefile|sbatch)$/;

/** Copies files that are not there yet; their paths. Notebooks are for the kernel that is registered. */
function copyNew(from: string, to: string): string[] {
  return readdirSync(from).flatMap((name) => {
    const [source, target] = [path.join(from, name), path.join(to, name)];
    if (statSync(source).isDirectory()) return /^(kernels|\.)/.test(name) ? [] : copyNew(source, target);
    if (!WANTED.test(name) || name.endsWith('.actual.ipynb') || existsSync(target)) return [];
    mkdirSync(to, { recursive: true });
    if (name.endsWith('.ipynb')) {
      const notebook = readNotebook(source);
      writeNotebook(target, { ...notebook, metadata: { ...notebook.metadata, kernelspec: REGISTERED } });
    } else copyFileSync(source, target);
    return [target];
  });
}

/** Lets cells in the folder import this package, and those that the tutorials use, by their names; and `npx dfmr` find the command. */
function linkPackages(folder: string): void {
  const modules = path.join(folder, 'node_modules');
  const { name, bin, dependencies, peerDependencies } = packageFile();
  const link = (of: string, target: string) => {
    const at = path.join(modules, of);
    if (lstatSync(at, { throwIfNoEntry: false })) return;
    mkdirSync(path.dirname(at), { recursive: true });
    symlinkSync(target, at, 'junction');
  };
  link(name, REPOSITORY);
  for (const of of Object.keys({ ...dependencies, ...peerDependencies })) {
    const found = folderOf(of);
    if (found) link(of, found);
  }
  const command = path.join(modules, '.bin', name);
  if (existsSync(command)) return;
  mkdirSync(path.dirname(command), { recursive: true });
  const file = path.join(REPOSITORY, bin[name]);
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${file}" "$@"\n`);
  writeFileSync(`${command}.cmd`, `@"${process.execPath}" "${file}" %*\r\n`);
  chmodSync(command, 0o755);
}
