import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registerKernel } from './register-kernel';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-kernel-'));
const before = process.env.JUPYTER_DATA_DIR;
beforeAll(() => {
  process.env.JUPYTER_DATA_DIR = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env.JUPYTER_DATA_DIR;
  else process.env.JUPYTER_DATA_DIR = before;
  rmSync(folder, { recursive: true });
});
const file = (name: string) => path.join(folder, name);
const launch = (cwd: string) =>
  spawnSync(process.execPath, [file('kernels/dfmr/launch.cjs'), '--config-path', 'c.json'], { cwd, encoding: 'utf8' });

it('registers a kernel named dfmr, and leaves the tslab of the user alone', () => {
  mkdirSync(file('kernels/tslab'), { recursive: true });
  writeFileSync(file('kernels/tslab/kernel.json'), 'mine');
  expect(registerKernel()).toEqual([`Registered the kernel "TypeScript (dfmr)": ${file('kernels/dfmr/kernel.json')}`]);
  const spec = JSON.parse(readFileSync(file('kernels/dfmr/kernel.json'), 'utf8'));
  expect(spec).toEqual({
    argv: [process.execPath, file('kernels/dfmr/launch.cjs'), '--config-path', '{connection_file}'],
    display_name: 'TypeScript (dfmr)',
    language: 'typescript',
    interrupt_mode: 'signal',
  });
  expect(readFileSync(file('kernels/tslab/kernel.json'), 'utf8')).toBe('mine');
});

it('starts the kernel of the nearest dfmr if the registered one was moved, else says what to do', () => {
  registerKernel();
  const launcher = file('kernels/dfmr/launch.cjs');
  const text = readFileSync(launcher, 'utf8');
  const moved = text.replace(/^const registered = .*$/m, "const registered = '/moved/kernel.js';");
  expect(moved).not.toBe(text);
  writeFileSync(launcher, moved);
  const none = launch(folder);
  expect([none.status, none.stderr]).toEqual([1, expect.stringMatching(/^dfmr is no longer at \/moved\/kernel\.js/)]);
  expect(none.stderr).toMatch(/Register its kernel again where it is now: npm run kernel in its repository/);

  mkdirSync(file('project/node_modules/dfmr/dist/jupyter/kernel'), { recursive: true });
  mkdirSync(file('project/notebooks'));
  const near = file('project/node_modules/dfmr/dist/jupyter/kernel/kernel.js');
  writeFileSync(near, "console.log(process.argv.slice(2).join(' '));");
  const found = launch(file('project/notebooks'));
  expect([found.status, found.stdout]).toEqual([0, '--config-path c.json\n']);
});
