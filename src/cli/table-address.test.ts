import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';

// Commands of the build read tables at addresses; nothing that they print or write has the query, which may hold credentials.

const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const SECRET = 'X-Amz-Signature=c0ffee';
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-address-'));
const truth = gaussianMixture({
  weights: [0.5, 0.5],
  means: [[0], [9]],
  covariances: [[[1]], [[1]]],
});
const { data } = sample(truth, 300, 1).data;
const server = createServer(({ url }, answer) => {
  if (url === `/wards/ward%207.csv?${SECRET}`) return void answer.end(`x\n${data.join('\n')}\n`);
  answer.writeHead(404).end();
});
let origin = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(cwd, { recursive: true });
});

/** The server is in this process, so that commands must not block it. */
const dfmr = (...words: string[]) =>
  new Promise<{ status: number; output: string }>((resolve) => {
    execFile(process.execPath, [COMMAND, ...words], { cwd }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, output: stdout + stderr }),
    );
  });

it('dfmr fit, classify and answer read a table at an address, whose file names the machine', async () => {
  const address = `${origin}/wards/ward%207.csv?${SECRET}`;
  const runs = [
    await dfmr('fit', address, '-k', '2', '-o', 'ward-7.json', '--workers', '1'),
    await dfmr('fit', address, '-k', '2', '-m', '2', '-o', 'estimates', '--workers', '1'),
    await dfmr('classify', address, '--mixture', 'ward-7.json', '-o', 'clusters.csv'),
    await dfmr('ask', 'choose-order', '-o', 'ask.json', '--orders', '1-2'),
    await dfmr('answer', address, '--ask', 'ask.json', '-o', 'reply.json'),
  ];
  expect(runs.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0]);
  expect(JSON.parse(readFileSync(path.join(cwd, 'ward-7.json'), 'utf8')).machine).toBe('ward 7');
  expect(readFileSync(path.join(cwd, 'clusters.csv'), 'utf8').trim().split('\n').length).toBe(301);

  const wrong = [
    await dfmr('fit', `${origin}/none.csv?${SECRET}`, '-k', '2', '-o', 'none.json', '--workers', '1'),
    await dfmr('fit', address, '-k', '400', '-o', 'none.json', '--workers', '1'),
    await dfmr('fit', address, address, '-k', '2', '-o', 'none', '--workers', '1'),
    await dfmr('classify', address, '--mixture', address, '-o', 'none.csv'),
    await dfmr('aggregate', address, address, '-o', 'none.json'),
  ];
  expect(wrong.map(({ status }) => status)).toEqual([1, 1, 1, 1, 1]);
  expect(wrong[0].output).toContain('/none.csv: there is nothing at this address');
  const written = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const contents = written.map(
    ({ parentPath, name }) => `${name}\n${readFileSync(path.join(parentPath, name), 'utf8')}`,
  );
  for (const text of [...runs, ...wrong].map(({ output }) => output).concat(contents))
    expect(text).not.toContain('c0ffee');
});
