import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The environment in which Jupyter finds Deno's kernel, too.
 * @param environment the one without it
 * @param folder where its kernelspec is written: a temporary one, as nothing is registered
 * @param deno the program
 */
export function withDenoKernel(environment: NodeJS.ProcessEnv, folder: string, deno: string): NodeJS.ProcessEnv {
  const kernelspec = {
    argv: [deno, 'jupyter', '--kernel', '--conn', '{connection_file}'],
    display_name: 'TypeScript (Deno)',
    language: 'typescript',
    interrupt_mode: 'message', // a signal would end it
    env: { NO_COLOR: '1' },
  };
  const own = path.join(folder, 'kernels', 'deno');
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'kernel.json'), `${JSON.stringify(kernelspec, null, 2)}\n`);
  return { ...environment, JUPYTER_PATH: [folder, environment.JUPYTER_PATH].filter(Boolean).join(path.delimiter) };
}
