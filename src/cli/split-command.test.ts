import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { commandIn } from './command.fixture';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const at = (file: string) => path.join(cwd, file);
const dfmr = commandIn(cwd);
const read = (file: string) => readFileSync(at(file), 'utf8');
const shardsIn = (folder: string) =>
  readdirSync(at(folder))
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => `${folder}/${name}`);
const contents = (folder: string) => shardsIn(folder).map((file) => [path.basename(file), read(file)]);

const truth = gaussianMixture({
  weights: [0.5, 0.5],
  means: [
    [0, 1e-9],
    [9, 1],
  ],
  covariances: [
    [
      [1, 0],
      [0, 1 / 3],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ],
});
const { data, rows } = sample(truth, 203, 1).data;
writeFileSync(
  at('all.csv'),
  `x,"y, or ""why""",count,kind\n${Array.from({ length: rows }, (_, j) => `${data[2 * j]},${data[2 * j + 1]},${1 + (j % 3)},"k, ${j}"\n`).join('')}`,
);
const columns = ['--label', 'kind', '--weights', 'count'];

describe('dfmr split', () => {
  it('makes the shards that dfmr fit --machines fits, so that estimates are equal to the byte', async () => {
    const split = await dfmr('split', 'all.csv', '-m', '3', '--seed', 'word', ...columns, '-o', 'shards');
    expect([split.status, split.stderr]).toEqual([0, '']);
    expect(split.stdout).toBe('shards: 3 shards of all.csv, 203 rows × 2 columns\n');
    expect(read('shards/shard-1.csv').split('\n')[0]).toBe('x,"y, or ""why""",count,kind');
    const fit = ['-k', '2', '--seed', 'word', '--starts', '2', ...columns];
    expect((await dfmr('fit', ...shardsIn('shards'), ...fit, '-o', 'parts')).status).toBe(0);
    expect((await dfmr('fit', 'all.csv', '-m', '3', ...fit, '-o', 'whole')).status).toBe(0);
    expect(contents('parts').length).toBe(3);
    expect(contents('parts')).toEqual(contents('whole'));
    // and on its own, as a job of an array does it
    expect((await dfmr('fit', 'shards/shard-2.csv', ...fit, '-w', '1', '-o', 'alone/2.json')).status).toBe(0);
    expect(read('alone/2.json')).toBe(read('whole/shard-2.json'));
  });

  it('keeps columns of text, and those without a value in rows that are kept', async () => {
    writeFileSync(
      at('shirts.csv'),
      `colour,size,n\n${Array.from({ length: 60 }, (_, j) => [j % 3 ? 'blue, light' : 'red', j % 3 ? 'S' : 'L', j % 2])
        .map(([a, b, c]) => `"${a}",${b},${c}\n`)
        .join('')},S,1\n`,
    );
    const refused = await dfmr('split', 'shirts.csv', '-m', '2', '-o', 'no-shirts');
    expect([refused.status, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^dfmr: shirts.csv: row 60, column "colour" is missing: .*--missing drop/),
    ]);
    expect((await dfmr('split', 'shirts.csv', '-m', '2', '--missing', 'drop', '-o', 'shirts')).stdout).toMatch(
      /60 rows × 3 columns, 1 with/,
    );
    const fit = ['-f', 'categorical', '-k', '2', '--starts', '2'];
    expect((await dfmr('fit', ...shardsIn('shirts'), ...fit, '-o', 'shirt-parts')).status).toBe(0);
    expect((await dfmr('fit', 'shirts.csv', '-m', '2', '--missing', 'drop', ...fit, '-o', 'shirt-whole')).status).toBe(
      0,
    );
    expect(contents('shirt-parts')).toEqual(contents('shirt-whole'));
    writeFileSync(at('holes.csv'), 'x\n1\nNA\n2\n3\n');
    expect((await dfmr('split', 'holes.csv', '-m', '2', '--missing', 'em', '--contiguous', '-o', 'holes')).status).toBe(
      0,
    );
    expect(contents('holes')).toEqual([
      ['shard-0.csv', 'x\n1\nNA\n'],
      ['shard-1.csv', 'x\n2\n3\n'],
    ]);
  });

  it('gives rows that follow one another when asked, in numbers too', async () => {
    writeFileSync(at('rows.csv'), `i,w\n${Array.from({ length: 11 }, (_, i) => `${i},${i + 0.5}\n`).join('')}`);
    await dfmr('split', 'rows.csv', '-m', '3', '--contiguous', '-o', 'in-order');
    expect(contents('in-order').map(([, text]) => text.match(/^\d+(?=,)/gm)?.map(Number))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10],
    ]);
    expect(
      (await dfmr('split', 'rows.csv', '-m', '3', '--weights', 'w', '--format', 'npy', '-o', 'numbers')).status,
    ).toBe(0);
    expect(shardsIn('numbers')).toEqual([0, 1, 2].map((i) => `numbers/shard-${i}.npy`));
    expect((await dfmr('fit', 'numbers/shard-0.npy', '--weights', 'column 1', '-k', '1', '-o', 'n.json')).status).toBe(
      0,
    );
    const labelled = await dfmr('split', 'all.csv', '-m', '3', ...columns, '--format', 'npy', '-o', 'x');
    expect(labelled.stderr).toBe('dfmr: .npy files have no labels: leave out --label, or write --format csv\n');
  });

  it('keeps a split that is done, does one again that was killed, and mixes none', async () => {
    const words = ['split', 'all.csv', '-m', '5', ...columns, '-o', 'kept'];
    expect((await dfmr(...words, '--resume')).status).toBe(0);
    const before = contents('kept');
    expect((await dfmr(...words)).stderr).toBe(
      'dfmr: kept has shards already: give another folder, keep those of the same split with --resume, or replace them with --force\n',
    );
    expect((await dfmr(...words, '--resume')).stdout).toBe('kept: 5 shards are there already\n');
    expect((await dfmr(...words, '--seed', '2', '--resume')).stderr).toMatch(
      /another split, which differs in its seed/,
    );
    expect((await dfmr('split', 'rows.csv', '-m', '2', '-o', 'kept', '--resume')).stderr).toMatch(
      /another split, which differs in its table/,
    );
    expect(contents('kept')).toEqual(before);
    rmSync(at('kept/shard-2.csv'));
    expect((await dfmr(...words, '--resume')).stdout).toMatch(/^kept: 5 shards of /);
    expect(contents('kept')).toEqual(before);
    // as a kill between two names leaves it
    writeFileSync(at('kept/.split.json'), JSON.stringify({ made: JSON.parse(read('kept/.split.json')).made }));
    rmSync(at('kept/shard-3.csv'));
    writeFileSync(at('kept/shard-4.csv'), 'torn');
    expect((await dfmr(...words, '--resume')).status).toBe(0);
    expect(contents('kept')).toEqual(before);
    rmSync(at('kept/.split.json'));
    expect((await dfmr(...words, '--resume')).stderr).toBe(
      'dfmr: kept has shards already: give another folder, or replace them with --force\n',
    );
    expect((await dfmr('split', 'all.csv', '-m', '4', ...columns, '-o', 'kept', '--force')).status).toBe(0);
    expect(shardsIn('kept').map((file) => path.basename(file))).toEqual([0, 1, 2, 3].map((i) => `shard-${i}.csv`));
  });

  it('leaves no shard when it is interrupted, and none of a table that is none', async () => {
    writeFileSync(at('large.csv'), `x,y\n${'1.25,2.5\n'.repeat(2_000_000)}`);
    const running = spawn(process.execPath, [COMMAND, 'split', 'large.csv', '-m', '4', '-o', 'large'], {
      cwd,
      stdio: 'ignore',
    });
    while (!(existsSync(at('large')) && readdirSync(at('large')).some((name) => name.endsWith('.part')))) await wait(5);
    running.kill('SIGTERM');
    expect(await new Promise((resolve) => running.once('exit', resolve))).toBe(143);
    expect(shardsIn('large')).toEqual([]);
    expect((await dfmr('split', 'none.csv', '-m', '2', '-o', 'none')).stderr).toBe(
      'dfmr: there is no table none.csv\n',
    );
    expect(existsSync(at('none'))).toBe(false);
    expect((await dfmr('split', 'rows.csv', '-m', '12', '-o', 'few')).stderr).toMatch(
      /11 rows are too few for 12 machines/,
    );
  });
});
