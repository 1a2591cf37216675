import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { REPOSITORY } from '../repository';

/** The kernel that is registered: beside a tslab that the user has, not in its place. */
export const REGISTERED = { name: 'dfmr', display_name: 'TypeScript (dfmr)', language: 'typescript' } as const;

/** From the folder of the package to the kernel's file. */
const KERNEL = 'dist/jupyter/kernel/kernel.js';

/**
 * Registers this package's kernel for the current user. VS Code needs it: it doesn't look at JUPYTER_PATH, nor does it know
 * what {resource_dir} means, so its kernelspec must hold absolute paths.
 * @returns what was done, line by line
 */
export function registerKernel(): string[] {
  const directory = path.join(userDataDirectory(), 'kernels', REGISTERED.name);
  const launcher = path.join(directory, 'launch.cjs');
  const { display_name, language } = REGISTERED;
  const argv = [process.execPath, launcher, '--config-path', '{connection_file}'];
  const kernelspec = { argv, display_name, language, interrupt_mode: 'signal' };
  const file = path.join(directory, 'kernel.json');
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(launcher, launcherOf(path.join(REPOSITORY, KERNEL)));
  fs.writeFileSync(file, `${JSON.stringify(kernelspec, null, 2)}\n`);
  return [`Registered the kernel "${display_name}": ${file}`];
}

/** What Jupyter starts: the kernel where it was registered, else the one of the dfmr that the notebook's folder has, else what to do. */
const launcherOf = (registered: string): string => `// Written by dfmr: starts its kernel.
const { existsSync } = require('node:fs');
const path = require('node:path');

const registered = ${JSON.stringify(registered)};
const folders = [process.cwd()];
while (path.dirname(folders[0]) !== folders[0]) folders.unshift(path.dirname(folders[0]));
const near = folders.reverse().map((folder) => path.join(folder, 'node_modules/dfmr/${KERNEL}'));
const found = [registered, ...near].find((file) => existsSync(file));
if (found) require(found);
else {
  console.error('dfmr is no longer at ' + registered + ', nor in a node_modules folder above ' + process.cwd() + '.');
  console.error('Register its kernel again where it is now: npm run kernel in its repository, or npx dfmr notebook in a project that has it.');
  process.exitCode = 1;
}
`;

function userDataDirectory(): string {
  if (process.env.JUPYTER_DATA_DIR) return process.env.JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library/Jupyter');
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? os.homedir(), 'jupyter');
  return path.join(process.env.XDG_DATA_HOME ?? path.join(os.homedir(), '.local/share'), 'jupyter');
}
