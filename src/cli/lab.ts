import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../errors';
import { fetchEngine } from '../jupyter/engines';
import { withDenoKernel } from '../jupyter/kernel/deno-kernelspec';
import { hasJupyter, jupyterEnvironment } from '../jupyter/kernel/jupyter-environment';
import { REPOSITORY } from '../jupyter/repository';

// Opens Jupyter at the repository's root with the repository's own kernel, and with Deno's by `--deno`; nothing is registered anywhere.

const INSTALL = `Jupyter is not installed. Any of these gives it:

  pip install jupyterlab
  conda install -c conda-forge jupyterlab
  sudo apt-get install jupyter-notebook        (Debian, Ubuntu)

Without Jupyter, \`npm start\` executes the first notebook and writes it as a page.`;

const DENO = `
Deno's kernel is beside tslab's: in a notebook, choose Kernel, Change kernel, TypeScript (Deno). What it cannot do:

  types are not checked: const n: number = 'two' passes
  ■ ends a computation, but a cell that awaits hangs: restart the kernel
  of very many outputs in a row, the last may be missing

.github/docs/other-kernels.md has more.
`;

const given = process.argv.slice(2);
const command = ['lab', 'notebook'].find(hasJupyter);
if (command === undefined) fail(INSTALL);
else if (!given.includes('--deno')) open(command, given, jupyterEnvironment());
else openWithDeno(command);

function openWithDeno(part: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-deno-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  try {
    const environment = withDenoKernel(jupyterEnvironment(), folder, fetchEngine('deno'));
    console.log(DENO);
    open(
      part,
      given.filter((one) => one !== '--deno'),
      environment,
    );
  } catch (error) {
    fail(messageOf(error));
  }
}

function open(part: string, options: readonly string[], env: NodeJS.ProcessEnv): void {
  const jupyter = spawn('jupyter', [part, ...options], { cwd: REPOSITORY, env, stdio: 'inherit' });
  process.on('SIGINT', () => {}); // Jupyter gets it too, asks whether to stop, and we stop with it
  jupyter.on('exit', (code) => process.exit(code ?? 0));
}

function fail(why: string): void {
  console.error(why);
  process.exitCode = 1;
}
