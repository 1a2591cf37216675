import { spawn } from 'node:child_process';
import { hasJupyter, jupyterEnvironment } from '../jupyter/kernel/jupyter-environment';
import { REPOSITORY } from '../jupyter/repository';

// Opens Jupyter at the repository's root with the repository's own kernel; nothing is registered anywhere.

const INSTALL = `Jupyter is not installed. Any of these gives it:

  pip install jupyterlab
  conda install -c conda-forge jupyterlab
  sudo apt-get install jupyter-notebook        (Debian, Ubuntu)

Without Jupyter, \`npm start\` executes the first notebook and writes it as a page.`;

const command = ['lab', 'notebook'].find(hasJupyter);
if (command === undefined) {
  console.error(INSTALL);
  process.exitCode = 1;
} else {
  const jupyter = spawn('jupyter', [command, ...process.argv.slice(2)], {
    cwd: REPOSITORY,
    env: jupyterEnvironment(),
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {}); // Jupyter gets it too, asks whether to stop, and we stop with it
  jupyter.on('exit', (code) => process.exit(code ?? 0));
}
