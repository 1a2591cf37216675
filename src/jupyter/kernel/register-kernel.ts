import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { REPOSITORY } from '../repository';

/**
 * Registers this package's kernel for the current user. VS Code needs it: it doesn't look at JUPYTER_PATH, nor does it know
 * what {resource_dir} means, so its kernelspec must hold absolute paths.
 * @returns what was done, line by line
 */
export function registerKernel(): string[] {
  const kernelspec = {
    argv: [
      process.execPath,
      path.join(REPOSITORY, 'dist/jupyter/kernel/kernel.js'),
      '--config-path',
      '{connection_file}',
    ],
    display_name: 'TypeScript (tslab)',
    language: 'typescript',
    interrupt_mode: 'signal',
  };
  const directory = path.join(userDataDirectory(), 'kernels', 'tslab');
  const file = path.join(directory, 'kernel.json');
  const earlier = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const text = `${JSON.stringify(kernelspec, null, 2)}\n`;
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(file, text);
  const replaced =
    earlier !== '' && earlier !== text ? ['It replaces another one of that name, which was:', earlier] : [];
  return [`Registered the kernel "${kernelspec.display_name}": ${file}`, ...replaced];
}

function userDataDirectory(): string {
  if (process.env.JUPYTER_DATA_DIR) return process.env.JUPYTER_DATA_DIR;
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library/Jupyter');
  if (process.platform === 'win32') return path.join(process.env.APPDATA ?? os.homedir(), 'jupyter');
  return path.join(process.env.XDG_DATA_HOME ?? path.join(os.homedir(), '.local/share'), 'jupyter');
}
