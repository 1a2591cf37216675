import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { REPOSITORY } from '../repository';

/** The environment in which Jupyter finds the repository's kernel. */
export function jupyterEnvironment(): NodeJS.ProcessEnv {
  const paths = [path.join(REPOSITORY, 'notebooks'), process.env.JUPYTER_PATH ?? ''].filter((entry) => entry !== '');
  return { ...process.env, JUPYTER_PATH: paths.join(path.delimiter) };
}

/** Whether this part of Jupyter, such as 'lab' or 'nbconvert', is installed. */
export function hasJupyter(command: string): boolean {
  return spawnSync('jupyter', [command, '--version'], { stdio: 'ignore' }).status === 0;
}
