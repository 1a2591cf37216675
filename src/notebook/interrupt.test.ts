import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it } from 'vitest';

const LIBRARY = JSON.stringify(path.resolve(__dirname, '../../dist/notebook/index.js'));

it('aborts what was given the signal, each time the notebook is interrupted', { timeout: 60_000 }, async () => {
  const script = `
    const { interrupted } = require(${LIBRARY});
    setInterval(() => {}, 1000);
    const wait = () => interrupted().addEventListener('abort', (event) => {
      console.log(event.target.reason.message, interrupted() === event.target);
      wait();
    });
    wait();
    console.log('ready', interrupted() === interrupted());`;
  const child = spawn(process.execPath, ['-e', script]);
  const told: string[] = [];
  for (const expected of ['ready true', 'interrupted false', 'interrupted false']) {
    const [chunk] = await once(child.stdout, 'data');
    told.push(String(chunk).trim());
    expect(told.at(-1)).toBe(expected);
    child.kill('SIGINT');
  }
  child.kill('SIGKILL');
});
