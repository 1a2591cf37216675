import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { mixtureFromJSON, withNoise } from '../mixture/mixture';
import { rangeOf } from '../mixture/noise';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { commandIn } from './command.fixture';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const dfmr = commandIn(cwd, { JUPYTER_DATA_DIR: path.join(cwd, 'jupyter') });
const read = (file: string) => readFileSync(path.join(cwd, file), 'utf8');
const json = (file: string) => JSON.parse(read(file));
const halfWritten = () =>
  readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.part'));

const identity = [
  [1, 0],
  [0, 1],
];
const truth = gaussianMixture({
  weights: [0.4, 0.6],
  means: [
    [0, 0],
    [6, 6],
  ],
  covariances: [identity, identity],
});
const { data } = sample(truth, 1500, 1);
const csvOf = ({ data: values, rows }: typeof data) =>
  `x,y,kind\n${Array.from({ length: rows }, (_, j) => `${values[2 * j]},${values[2 * j + 1]},k\n`).join('')}`;

beforeAll(async () => {
  writeFileSync(path.join(cwd, 'all.csv'), csvOf(data));
  const fitted = await dfmr(
    'fit',
    'all.csv',
    '--columns',
    'x,y',
    '--machines',
    '7',
    '--order',
    '2',
    '--out',
    'estimates',
  );
  expect([fitted.status, fitted.stderr]).toEqual([0, '']);
  const [liar] = [sample(gaussianMixture({ weights: [1], means: [[40, 0]], covariances: [identity] }), 200, 2).data];
  writeFileSync(path.join(cwd, 'liar.csv'), csvOf(liar));
  await dfmr('fit', 'liar.csv', '--columns', 'x,y', '-k', '2', '-o', 'estimates/liar.json');
  writeFileSync(path.join(cwd, 'estimates/torn.json'), read('estimates/shard-0.json').slice(0, 100));
});

const estimates = () => readdirSync(path.join(cwd, 'estimates')).map((file) => `estimates/${file}`);

describe('dfmr fit', () => {
  it('writes what each machine sends, of a table split as it is read', () => {
    const all = Array.from({ length: 7 }, (_, i) => json(`estimates/shard-${i}.json`));
    expect(all.map(({ sampleSize }) => sampleSize).reduce((sum, n) => sum + n, 0)).toBe(1500);
    expect(all[3]).toMatchObject({ format: 'dfmr-estimate', machine: 'shard-3', order: 2, names: ['x', 'y'] });
    const nearest = Math.min(
      ...all[3].parameters.map(({ mean: [x, y] }: { mean: number[] }) => Math.hypot(x - 6, y - 6)),
    );
    expect(nearest).toBeLessThan(0.5);
  });

  it('keeps the estimates that exist unless it is forced, and with --resume fits only the others', async () => {
    expect((await dfmr('fit', 'liar.csv', '--columns', 'x,y', '-k', '1', '-o', 'one.json')).status).toBe(0);
    const before = read('one.json');
    const again = await dfmr('fit', 'liar.csv', '--columns', 'x,y', '-k', '1', '-o', 'one.json');
    expect([again.status, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toBe(
      'dfmr: one.json exists: give another name, keep it and fit the other machines with --resume, or overwrite it with --force\n',
    );
    const resumed = await dfmr(
      'fit',
      'liar.csv',
      '--columns',
      'x,y',
      '-k',
      '1',
      '-o',
      'one.json',
      '--resume',
      '--json',
    );
    expect(JSON.parse(resumed.stdout)).toMatchObject({ fitted: [], left: ['one.json'] });
    expect(read('one.json')).toBe(before);
  });

  it('chooses the order and says so, where none is given', async () => {
    const { status, stdout } = await dfmr(
      'fit',
      'all.csv',
      '--columns',
      'x,y',
      '--out',
      'chosen.json',
      '--starts',
      '2',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^K = 2 has the least BIC of 1 to 9\./);
    expect(json('chosen.json').order).toBe(2);
  });

  it('finds narrow clusters of lifetimes, and notes on standard error what the published penalty makes of them', async () => {
    const means = [100, 106, 112];
    const lives = gammaMixture({
      weights: [1 / 3, 1 / 3, 1 / 3],
      shapes: means.map((mean) => mean ** 2),
      scales: means.map((mean) => 1 / mean),
    });
    writeFileSync(path.join(cwd, 'lives.csv'), `life\n${[...sample(lives, 600, 1).data.data].join('\n')}\n`);
    const fitted = await dfmr('fit', 'lives.csv', '-f', 'gamma', '-o', 'lives.json');
    expect(fitted.stdout).toMatch(/K = 3 has the least BIC/);
    expect(fitted.stderr).not.toMatch(/penalty/);
    expect((await dfmr('fit', 'lives.csv', '-f', 'gamma', '-k', '3', '-m', '3', '-o', 'lives')).status).toBe(0);
    const parts = [0, 1, 2].map((i) => `lives/shard-${i}.json`);
    expect((await dfmr('aggregate', ...parts, '-o', 'aged.json')).stdout).toMatch(/3 of 3 machines are kept/);
    const found = json('aged.json').mixture.parameters.map((p: { shape: number; scale: number }) => p.shape * p.scale);
    found
      .sort((a: number, b: number) => a - b)
      .forEach((mean: number, k: number) => {
        expect(Math.abs(mean - means[k])).toBeLessThan(0.4);
      });
    const published = await dfmr(
      'fit',
      'lives.csv',
      '-f',
      'gamma',
      '-k',
      '3',
      '--penalty',
      'published',
      '-o',
      'paper.json',
    );
    expect(published.stderr).toMatch(/^dfmr: The penalty makes .* Leave out the published penalty/m);
    expect(json('paper.json').fitted.penalty).toBe('published');
    expect((await dfmr('fit', 'lives.csv', '--penalty', 'strong', '-o', 'x.json')).stderr).toMatch(
      /at least 0, or published/,
    );
  });

  it('codes text as categories, which travel with estimates to the table that is classified', async () => {
    const rows = (n: number, odd = 'red') =>
      `colour,size,n\n${Array.from({ length: n }, (_, j) => [j % 3 ? 'blue' : odd, j % 3 ? 'S' : 'L', j % 2]).join('\n')}\n`;
    for (const [i, n] of [60, 90, 120].entries()) writeFileSync(path.join(cwd, `shirts-${i}.csv`), rows(n));
    const tables = [0, 1, 2].map((i) => `shirts-${i}.csv`);
    const fitted = await dfmr('fit', ...tables, '--family', 'categorical', '-k', '2', '-o', 'shirts');
    expect([fitted.status, fitted.stderr]).toEqual([
      0,
      expect.stringMatching(/^dfmr: Mixtures of 2 .* identifiable for most/),
    ]);
    const categories = [['blue', 'red'], ['L', 'S'], []];
    expect(json('shirts/shirts-1.json')).toMatchObject({ family: 'categorical(2,2,2)', categories });
    const aggregated = await dfmr(
      'aggregate',
      ...tables.map((file) => `shirts/${file.replace('csv', 'json')}`),
      '-o',
      'shirts.json',
    );
    expect(aggregated.status).toBe(0);
    expect(json('shirts.json').categories).toEqual(categories);
    const classified = await dfmr('classify', 'shirts-0.csv', '--mixture', 'shirts.json', '-o', 'shirts-labels.csv');
    expect(classified.status).toBe(0);
    const labels = read('shirts-labels.csv').trim().split('\n').slice(1);
    expect(labels.every((label, j) => (label === labels[0]) === (j % 3 === 0))).toBe(true);
    writeFileSync(path.join(cwd, 'other.csv'), rows(6, 'green'));
    const unknown = await dfmr('classify', 'other.csv', '--mixture', 'shirts.json', '-o', 'other-labels.csv');
    expect(unknown.status).toBe(1);
    expect(unknown.stderr).toMatch(/other\.csv: row 0, column "colour" is "green": its categories are "blue", "red"/);
  });

  it('names the table that cannot be fitted', async () => {
    writeFileSync(path.join(cwd, 'few.csv'), 'x,y\n1,2\n');
    const { status, stderr } = await dfmr('fit', 'all.csv', 'few.csv', '--columns', 'x,y', '-k', '2', '--out', 'many');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^dfmr: few.csv: 1 rows cannot tell 2 components apart/);
    const unordered = await dfmr(
      'fit',
      'all.csv',
      'few.csv',
      '--columns',
      'x,y',
      '--starts',
      '1',
      '--out',
      'unordered',
    );
    expect([unordered.status, unordered.stderr]).toEqual([1, expect.stringMatching(/^dfmr: few.csv: /)]);
  });

  it('uses rows with missing cells, and tells which rows show nothing', async () => {
    const values = [...Array(90).keys()].map((j) => (j % 2 ? 9 : 0) + Math.sin(17 * j));
    const lines = values.map((x, j) =>
      j === 5 ? ',' : `${j % 7 === 0 ? '' : x},${j % 7 === 3 ? 'NA' : x + Math.cos(j)}`,
    );
    writeFileSync(path.join(cwd, 'holes.csv'), `x,y\n${lines.join('\n')}\n`);
    const em = ['holes.csv', '--missing', 'em'];
    const fitted = await dfmr('fit', ...em, '-k', '2', '-o', 'holes.json', '--json');
    const cells = (lines.join('\n').match(/NA|^,/gm)?.length ?? 0) - 1;
    expect([fitted.status, fitted.stderr]).toEqual([
      0,
      `dfmr: ${cells} cells of 89 rows (${((100 * cells) / 178).toPrecision(2)} %) are missing: the rows say less than as many whole ones.\n` +
        'dfmr: 1 row without an observed cell is left out: 5.\n',
    ]);
    expect(JSON.parse(fitted.stdout).missing).toEqual({ cells, emptyRows: 1 });
    expect(json('holes.json').fitted.missingCells).toBe(cells);
    expect(json('holes.json').sampleSize).toBe(89);
    const classified = await dfmr('classify', ...em, '--mixture', 'holes.json', '-p', '-o', 'holes-classes.csv');
    expect(classified.stderr).toBe('dfmr: 1 rows without an observed cell are in the cluster of the largest weight\n');
    const classes = read('holes-classes.csv').trim().split('\n').slice(1);
    expect(classes).toHaveLength(90);
    expect(classes[5].split(',').slice(1).map(Number)).toEqual(
      json('holes.json').weights.map((w: number) => expect.closeTo(w, 12)),
    );
    expect(new Set(classes.filter((_, j) => j % 2 === 0).map((line) => line[0])).size).toBe(1);
    const split = await dfmr('fit', ...em, '--machines', '3', '-o', 'holes-split');
    expect([split.status, split.stdout]).toEqual([0, expect.stringMatching(/^holes.csv: 90 rows .*K = 2/s)]);
    expect(split.stderr).toMatch(/shard-\d.json: 1 row without an observed cell is left out: \d+\.\n/);
    expect((await dfmr('fit', ...em, '-k', '1', '-f', 'categorical', '-o', 'c.json')).stderr).toMatch(
      /^dfmr: categorical components cannot have missing cells/,
    );
    expect((await dfmr('fit', ...em, '-k', '1', '-f', 'gamma', '-o', 'g.json')).stderr).toMatch(
      /gamma components cannot have missing cells/,
    );
  });

  it('names flags, not options of the library', async () => {
    writeFileSync(path.join(cwd, 'gaps.csv'), 'x,y\n1,2\n3,\n4,5\n');
    expect((await dfmr('fit', 'gaps.csv', '-k', '1', '-o', 'gaps.json')).stderr).toMatch(
      /^dfmr: gaps.csv: 1 of 3 rows have missing values .*: leave them out with --missing drop, fit Gaussians to what they hold with --missing em, or choose other columns\n$/,
    );
    writeFileSync(path.join(cwd, 'flowers.csv'), '5.1,3.5,setosa\n7,3.2,versicolor\n');
    expect((await dfmr('fit', 'flowers.csv', '-k', '1', '-o', 'flowers.json')).stderr).toMatch(
      /: give --header yes or --header no\n$/,
    );
  });

  it('counts rows as often as a column says, on one machine and split among several', async () => {
    const counts = Array.from({ length: data.rows }, (_, j) => (j % 4) / 2);
    const lines = counts.map((count, j) => `${data.data[2 * j]},${count},${data.data[2 * j + 1]}\n`);
    writeFileSync(path.join(cwd, 'counted.csv'), `x,times,y\n${lines.join('')}`);
    const words = ['fit', 'counted.csv', '--weights', 'times', '-k', '2', '--starts', '2'];
    const one = await dfmr(...words, '-o', 'counted.json');
    expect([one.status, one.stderr]).toEqual([0, '']);
    const effective = 1125 ** 2 / (375 * (0.25 + 1 + 2.25));
    expect(one.stdout).toContain(
      `; the weighted rows count as 1125, and say as much of a mean as ${Number(effective.toPrecision(6))} of`,
    );
    const { sampleSize, effectiveSampleSize, names, parameters, version } = json('counted.json');
    expect({ sampleSize, names, version }).toEqual({ sampleSize: 1125, names: ['x', 'y'], version: 2 });
    expect(effectiveSampleSize).toBeCloseTo(effective, 9);
    const here = fit(data, { order: 2, starts: 2, rowWeights: counts });
    expect(parameters).toEqual(here.mixture.toJSON().parameters);
    const split = await dfmr(...words, '--machines', '3', '-o', 'counted', '--json');
    expect(JSON.parse(split.stdout)).toMatchObject({ order: 2, sampleSize: 1125 });
    const shards = [0, 1, 2].map((i) => json(`counted/shard-${i}.json`));
    expect(shards.map(({ dimension }) => dimension)).toEqual([2, 2, 2]);
    expect(shards.every(({ names: own }) => own.join() === 'x,y')).toBe(true);
    expect(
      (await dfmr('classify', 'counted.csv', '--weights', 'times', '--mixture', 'counted.json', '-o', 'c.csv')).status,
    ).toBe(0);
    const labels = read('c.csv').trim().split('\n').slice(1).map(Number);
    expect(labels).toEqual([...classify(here, data)]);
  });

  it('counts them so in a conversation by files', async () => {
    writeFileSync(
      path.join(cwd, 'votes.csv'),
      `x,times\n${[...data.data.slice(0, 60)].map((x, j) => `${x},${j % 4}\n`).join('')}`,
    );
    expect((await dfmr('ask', 'choose-order', '-o', 'ask.json', '--orders', '1,2', '--starts', '1')).status).toBe(0);
    const reply = await dfmr('answer', 'votes.csv', '--weights', 'times', '--ask', 'ask.json', '-o', 'reply.json');
    expect([reply.status, reply.stderr]).toEqual([0, '']);
    const [one] = json('reply.json').answer.fits;
    expect([one.sampleSize, one.mixture.parameters[0].mean.length]).toEqual([90, 1]);
  });

  it('names the file, the row and the column of a weight that cannot be', async () => {
    writeFileSync(path.join(cwd, 'owing.csv'), 'x,times\n1,2\n3,-1\n');
    expect((await dfmr('fit', 'owing.csv', '--weights', 'times', '-k', '1', '-o', 'owing.json')).stderr).toBe(
      'dfmr: owing.csv: row 1, column "times" is -1: weights say how often rows count, from 0 on\n',
    );
    writeFileSync(path.join(cwd, 'shares.csv'), 'x,times\n1,.25\n3,.5\n4,.25\n');
    expect((await dfmr('fit', 'shares.csv', '--weights', 'times', '-k', '1', '-o', 'shares.json')).stderr).toMatch(
      /^dfmr: shares.csv: the weights of the rows sum to 1, .* multiply them by 3/,
    );
  });

  it('names on standard error the fits that did not converge, and what to do', async () => {
    const words = ['fit', 'all.csv', 'liar.csv', '--columns', 'x,y', '-k', '2', '--max-iterations', '1'];
    const { status, stderr, stdout } = await dfmr(...words, '-o', 'hasty', '--json');
    expect([status, stderr]).toEqual([
      0,
      'dfmr: EM did not converge within 1 iterations: hasty/liar.json; fit them again with more --max-iterations\n',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      fitted: ['hasty/all.json', 'hasty/liar.json'],
      unconverged: ['hasty/liar.json'],
    });
    expect(['all', 'liar'].map((name) => json(`hasty/${name}.json`).fitted.converged)).toEqual([true, false]);
    const aggregated = await dfmr(
      'aggregate',
      'hasty/liar.json',
      'estimates/shard-0.json',
      'estimates/shard-1.json',
      '-o',
      'h.json',
    );
    expect(aggregated.stdout).toContain('1 of 3 fits did not converge (hasty/liar.json): fit them again');
  });

  it('leaves no half-written file and no shards when it is interrupted', async () => {
    const big = Array.from({ length: 60 }, () => csvOf(data).replace(/^.*\n/, '')).join('');
    writeFileSync(path.join(cwd, 'big.csv'), `x,y,kind\n${big}`);
    const shards = () => readdirSync(tmpdir()).filter((name) => name.startsWith('dfmr-shards-'));
    const before = shards();
    const words = ['fit', 'big.csv', '--columns', 'x,y', '-m', '40', '-k', '6', '-o', 'interrupted'];
    const running = spawn(process.execPath, [COMMAND, ...words], { cwd, stdio: 'pipe' });
    let said = '';
    running.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const folder = path.join(cwd, 'interrupted');
    while (!(existsSync(folder) && readdirSync(folder).length > 0)) await wait(20);
    running.kill('SIGINT');
    const code = await new Promise((resolve) => running.once('exit', resolve));
    const what = 'interrupted; the same command with --resume fits the machines that are left';
    expect([code, said]).toEqual([130, `\ndfmr: ${what}\n`]);
    expect(halfWritten()).toEqual([]);
    expect(shards().filter((name) => !before.includes(name))).toEqual([]);
    const written = readdirSync(folder);
    expect(written.length).toBeLessThan(40);
    for (const file of written) expect(json(`interrupted/${file}`).order).toBe(6);
  });
});

describe('dfmr aggregate', () => {
  it('names on standard error whom it sets aside, and tells the rest', async () => {
    const { status, stdout, stderr } = await dfmr(
      'aggregate',
      ...estimates(),
      '--out',
      'mixture.json',
      '--report',
      'report.html',
    );
    expect(status).toBe(0);
    expect(stderr.split('\n')[0]).toMatch(/^estimates\/torn\.json is set aside: the text is not JSON/);
    expect(stderr).toMatch(
      /^estimates\/liar\.json is set aside: 2 of its 2 components are far from those of the others, so that it is not believed$/m,
    );
    expect(stdout).toMatch(/[5-7] of 8 machines are kept/);
    const { mixture, machines } = json('mixture.json');
    const means = mixture.parameters
      .map(({ mean }: { mean: number[] }) => mean)
      .sort((a: number[], b: number[]) => a[0] - b[0]);
    expect(Math.hypot(means[0][0], means[0][1])).toBeLessThan(0.2);
    expect(Math.hypot(means[1][0] - 6, means[1][1] - 6)).toBeLessThan(0.2);
    expect(machines.length).toBe(9);
    const report = read('report.html');
    for (const [machine, reason] of [
      ['liar', '2 of its 2 components are far from those of the others'],
      ['torn', 'the text is not JSON'],
    ])
      expect(report).toMatch(
        new RegExp(`<tr><td[^>]*>${machine}</td><td[^>]*>[^<]*</td><td[^>]*>set aside</td><td[^>]*>${reason}`),
      );
    expect(report).not.toContain('estimates/'); // machines have one name in all of it, which is not a path
  });

  it('is JSON on standard output when asked', async () => {
    const { stdout, stderr } = await dfmr('aggregate', ...estimates(), '--out', 'again.json', '--json');
    expect(JSON.parse(stdout)).toEqual(json('again.json'));
    const aside = json('again.json').machines.filter(({ verdict }: { verdict: string }) => verdict === 'set aside');
    expect(stderr.trim().split('\n').length).toBe(aside.length);
  });

  it('simulates the machines when asked, with the same intervals for the same seed', async () => {
    const shards = [0, 1, 2, 3].map((i) => `estimates/shard-${i}.json`);
    const flags = ['--bootstrap', '20', '--rule', 'vanilla', '--seed', 'mine'];
    for (const [i, workers] of ['1', '2'].entries())
      expect((await dfmr('aggregate', ...shards, ...flags, '-w', workers, '-o', `exact-${i}.json`)).status).toBe(0);
    const [one, other] = [json('exact-0.json'), json('exact-1.json')];
    expect(one.bootstrap).toEqual(other.bootstrap);
    expect(one.bootstrap).toMatchObject({ simulations: 20, failed: 0, level: 0.95 });
    expect(one.bootstrap.coordinates.map(({ coordinate }: { coordinate: string }) => coordinate)).toContain(
      'component 1: covariance x, y',
    );
    for (const row of one.bootstrap.coordinates) expect(row.to).toBeGreaterThan(row.from);
    const ignored = await dfmr(
      'aggregate',
      ...shards,
      '--bootstrap',
      '20',
      '--sample-sizes',
      'ignored',
      '-o',
      'no.json',
    );
    expect(ignored.stderr).toMatch(/--bootstrap needs to know how many rows machines have/);
  });

  it('names the flag that gives standard errors where there are none', async () => {
    const shards = [0, 1, 2].map((i) => `estimates/shard-${i}.json`);
    const { stdout } = await dfmr('aggregate', ...shards, '--sample-sizes', 'ignored', '-o', 'alike.json');
    const remedy = 'it is not known how many rows the machines have; choose --sample-sizes bounded.';
    expect(stdout).toContain(`Standard errors are not known: ${remedy}\n`);
    expect(json('alike.json').decisions).toContain(`Standard errors are not known: ${remedy}`);
    expect(json('alike.json').standardErrors).toBeUndefined();
  });

  it('refuses when half are bad, and writes nothing', async () => {
    const { status, stderr } = await dfmr(
      'aggregate',
      'estimates/torn.json',
      'estimates/shard-0.json',
      '-o',
      'none.json',
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^dfmr: 1 of 2 /);
    expect(existsSync(path.join(cwd, 'none.json'))).toBe(false);
  });
});

describe('a command that is ended by', () => {
  const ended = async (words: string[], signal: NodeJS.Signals, isUnderWay: () => boolean, env = {}) => {
    const options = { cwd, stdio: 'pipe', env: { ...process.env, ...env } } as const;
    const running = spawn(process.execPath, [COMMAND, ...words], options);
    let said = '';
    running.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const exit = new Promise((resolve) => running.once('exit', resolve));
    while (!isUnderWay()) await wait(20);
    running.kill(signal);
    return [await exit, said];
  };

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s says how to resume a study, and has the exit code %i', async (signal, code) => {
    const file = `${signal}.jsonl`;
    const lines = () => (existsSync(path.join(cwd, file)) ? read(file).split('\n').length : 0);
    const population = { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 };
    const design = { settings: [{ population, sampleSize: 300, machines: [6] }], failures: ['mean'], fractions: [0.2], methods: ['COAT'], seed: 1 }; // biome-ignore format: short
    writeFileSync(path.join(cwd, 'design.json'), JSON.stringify(design));
    const words = ['study', 'design.json', '-r', '100000', '-o', file, '-w', '1'];
    expect(await ended(words, signal, () => lines() > 3)).toEqual([
      code,
      '\ndfmr: interrupted; the same command resumes it\n',
    ]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s says that an aggregation wrote nothing, and has the exit code %i', async (signal, code) => {
    const started = path.join(cwd, `${signal}.started`);
    writeFileSync(
      path.join(cwd, 'endless.cjs'),
      `require(${JSON.stringify(path.join(__dirname, '../../dist/index.js'))}).registerRule({
        name: 'endless',
        aggregate(_, { signal }) {
          require('node:fs').writeFileSync(process.env.STARTED, '');
          return new Promise((_, reject) => {
            const alive = setInterval(() => {}, 1000);
            signal.addEventListener('abort', () => {
              clearInterval(alive);
              reject(new Error('ended'));
            });
          });
        },
      });`,
    );
    const shards = [0, 1, 2].map((i) => `estimates/shard-${i}.json`);
    const words = ['--module', 'endless.cjs', 'aggregate', ...shards, '--rule', 'endless', '-o', 'never.json'];
    expect(await ended(words, signal, () => existsSync(started), { STARTED: started })).toEqual([
      code,
      '\ndfmr: interrupted; nothing was written\n',
    ]);
    expect(existsSync(path.join(cwd, 'never.json'))).toBe(false);
    expect(halfWritten()).toEqual([]);
  });
});

it('keeps with --resume only estimates of what is asked for', async () => {
  const rows = Array.from({ length: 90 }, (_, j) => `${Math.sin(j) + 5 * (j % 2)},${Math.cos(3 * j)}`);
  writeFileSync(path.join(cwd, 'kind.csv'), `u,v\n${rows.join('\n')}\n`);
  const given = ['fit', 'kind.csv', '--machines', '3', '--starts', '1', '--out', 'kind'];
  expect((await dfmr(...given, '--order', '2')).status).toBe(0);
  expect((await dfmr(...given, '--order', '2', '--resume')).stdout).toMatch(/0 estimates .*3 existed already/);
  const other = await dfmr(...given, '--order', '1', '--resume');
  expect([other.status, other.stderr]).toEqual([
    1,
    expect.stringMatching(/--resume keeps .*shard-0\.json, but its order is 2, not 1/),
  ]);
  const family = await dfmr(...given, '--order', '2', '--family', 'diagonal-gaussian', '--resume');
  expect([family.status, family.stderr]).toEqual([
    1,
    expect.stringMatching(/its family is "gaussian", not "diagonal-gaussian"/),
  ]);
});

describe('dfmr classify', () => {
  it('writes the cluster of each row, and probabilities when asked', async () => {
    await dfmr('aggregate', ...estimates(), '--out', 'mixture.json', '--force');
    const { status, stdout } = await dfmr(
      'classify',
      'all.csv',
      '--mixture',
      'mixture.json',
      '--out',
      'clusters.csv',
      '-p',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^clusters\.csv: 1500 rows in clusters of \d+, \d+\n$/);
    const mixture = mixtureFromJSON(json('mixture.json').mixture);
    const lines = read('clusters.csv').trim().split('\n');
    expect(lines[0]).toBe('cluster,p0,p1');
    const rows = lines.slice(1).map((line) => line.split(',').map(Number));
    expect(rows.map(([cluster]) => cluster)).toEqual([...classify(mixture, data)]);
    for (const [cluster, p0, p1] of rows) {
      expect(p0 + p1).toBeCloseTo(1, 12);
      expect(cluster).toBe(p1 > p0 ? 1 : 0);
    }
  });

  it('has a line for every row, copies columns, and takes features by name in any order', async () => {
    await dfmr('aggregate', ...estimates(), '--out', 'mixture.json', '--force');
    const mixture = json('mixture.json');
    const rows = [
      ['a', 0, 0],
      ['b, c', '', 1],
      ['d', 4, 4],
      ['e', 0.1, 'NA'],
    ];
    const [x, y] = mixture.features;
    writeFileSync(
      path.join(cwd, 'gaps.csv'),
      `${y},id,${x}\n${rows.map(([id, u, v]) => `${v},"${id}",${u}`).join('\n')}\n`,
    );
    const given = ['classify', 'gaps.csv', '--mixture', 'mixture.json', '--missing', 'drop', '--label', 'id'];
    const { status, stdout } = await dfmr(...given, '--keep', 'id', '--out', 'kept.csv');
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/2 rows in .*; 2 with missing values have a line without a cluster\n$/),
    ]);
    const [k0, k1] = classify(mixtureFromJSON(mixture.mixture), [[0, 0], [4, 4]]); // biome-ignore format: short
    expect(read('kept.csv')).toBe(`id,cluster\na,${k0}\n"b, c",\nd,${k1}\ne,\n`);
    for (const columns of [`${x},${y}`, `${y},${x}`]) {
      const printed = await dfmr(...given, '--columns', columns, '--out', '-');
      expect([printed.status, printed.stdout]).toEqual([0, `cluster\n${k0}\n\n${k1}\n\n`]);
      expect(printed.stderr).toMatch(/2 rows in clusters of/);
    }
    const other = await dfmr(...given, '--columns', `${x},id`, '--out', 'no.csv');
    expect([other.status, other.stderr]).toEqual([
      1,
      expect.stringMatching(/--columns has "id", but the mixture's features are/),
    ]);
  });

  it('says what does not fit, and leaves no file', async () => {
    const { status, stderr } = await dfmr(
      'classify',
      'all.csv',
      '--mixture',
      'mixture.json',
      '--out',
      'no.csv',
      '--columns',
      'x',
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/all\.csv has 1 columns, but the mixture has 2 features: choose the columns with --columns/);
    const none = await dfmr('classify', 'all.csv', '--mixture', 'all.csv', '--out', 'no.csv');
    expect(none.stderr).toMatch(/^dfmr: all\.csv does not hold a mixture: /);
    expect(existsSync(path.join(cwd, 'no.csv'))).toBe(false);
    expect(halfWritten()).toEqual([]);
  });
});

it('copies the tutorials, links what they import, and registers the kernel', async () => {
  mkdirSync(path.join(cwd, 'mine/notebooks'), { recursive: true });
  writeFileSync(path.join(cwd, 'mine/notebooks/00-quickstart.ipynb'), 'mine');
  const { status, stdout } = await dfmr('notebook', 'mine');
  expect(status).toBe(0);
  expect(read('mine/notebooks/00-quickstart.ipynb')).toBe('mine');
  expect(existsSync(path.join(cwd, 'mine/notebooks/01-mixtures-and-em.ipynb'))).toBe(true);
  expect(existsSync(path.join(cwd, 'mine/data/old-faithful.csv'))).toBe(true);
  const cell = "const d = require('dfmr'); require.resolve('danfojs-node'); console.log(typeof d.dfmr)";
  const run = spawnSync(process.execPath, ['-e', cell], { cwd: path.join(cwd, 'mine/notebooks'), encoding: 'utf8' });
  expect(run.stdout).toBe('function\n');
  expect(json('jupyter/kernels/dfmr/kernel.json').language).toBe('typescript');
  expect(json('mine/notebooks/01-mixtures-and-em.ipynb').metadata.kernelspec.name).toBe('dfmr');
  const version = spawnSync('npx', ['dfmr', '--version'], {
    cwd: path.join(cwd, 'mine'),
    encoding: 'utf8',
    shell: true,
  });
  expect(version.stdout).toBe(`${require('../../package.json').version}\n`);
  expect(stdout).toMatch(/Registered the kernel/);
});

describe('dfmr nist', () => {
  /** idx files of noisy bars: digit k is a bar in column 2 k + 4. */
  const idx = (shape: number[], values: Uint8Array) => {
    const head = Buffer.alloc(4 + 4 * shape.length);
    head.writeUInt32BE(0x800 + shape.length, 0);
    shape.forEach((length, axis) => {
      head.writeUInt32BE(length, 4 + 4 * axis);
    });
    return Buffer.concat([head, values]);
  };
  const write = (split: string, count: number) => {
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 20);
    const pixels = new Uint8Array(count * 784);
    labels.forEach((label, i) => {
      for (let row = 4; row < 24; row++) pixels[i * 784 + (label + 4) * 28 + row] = 150 + ((i * 31 + row) % 100); // stored transposed
    });
    writeFileSync(path.join(cwd, `images/emnist-byclass-${split}-images-idx3-ubyte`), idx([count, 28, 28], pixels));
    writeFileSync(path.join(cwd, `images/emnist-byclass-${split}-labels-idx1-ubyte`), idx([count], labels));
  };

  it('goes from images to features', async () => {
    mkdirSync(path.join(cwd, 'images'), { recursive: true });
    write('train', 240);
    write('test', 60);
    const trained = await dfmr('nist', 'train', 'images', '--network', 'network', '--epochs', '2');
    expect([trained.status, trained.stderr]).toEqual([0, '']);
    expect(trained.stdout).toMatch(/^epoch 1: .*\nepoch 2: .*\nnetwork: a network that learned 120 digits\n$/);
    const made = await dfmr('nist', 'features', 'images', '--network', 'network', '--out', 'features');
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(json('features/nist-features.json').classes[3]).toEqual({ name: '3', training: 12, test: 3 });
    expect(readdirSync(path.join(cwd, 'features')).length).toBe(6);
    const missing = await dfmr('nist', 'train', 'nowhere', '--network', 'another');
    expect(missing.stderr).toMatch(/^dfmr: there is no nowhere: npx dfmr nist fetch gets one/);
    expect((await dfmr('nist', 'fetch', 'mars')).stderr).toMatch(/there is no source mars: use emnist or sd19/);
  });
});

describe('noise', () => {
  const noisy = gaussianMixture({
    ...{ weights: truth.weights, means: truth.parameters.map(({ mean }) => mean), covariances: [identity, identity] },
    noise: { weight: 0.1, lower: [-20, -20], upper: [30, 30] },
  });

  it('goes from dfmr fit through aggregate, though a minority lies about it, to classify', async () => {
    const drawn = sample(noisy, 2000, 5);
    writeFileSync(path.join(cwd, 'noisy.csv'), csvOf(drawn.data));
    const words = ['--columns', 'x,y', '-m', '5', '-k', '2', '--noise', '-o', 'noisy'];
    const fitted = await dfmr('fit', 'noisy.csv', ...words);
    expect([fitted.status, fitted.stderr]).toEqual([0, '']);
    expect(fitted.stdout).toMatch(/5 estimates of 2 gaussian components and noise/);
    for (const i of [0, 1]) {
      const lie = { weight: 0.99, lower: [-1e50, -1e50], upper: [1e50, 1e50] };
      writeFileSync(
        path.join(cwd, `noisy/shard-${i}.json`),
        JSON.stringify({ ...json(`noisy/shard-${i}.json`), noise: lie }),
      );
    }
    const files = [0, 1, 2, 3, 4].map((i) => `noisy/shard-${i}.json`);
    const aggregated = await dfmr('aggregate', ...files, '-o', 'noisy.json', '-r', 'noisy.html');
    expect(aggregated.status).toBe(0);
    expect(aggregated.stdout).toMatch(/Noise is [\d.]+ % of the rows, by the median of the machines/);
    expect(read('noisy.html')).toMatch(/noise is [\d.]+ % of all rows/);
    const { mixture, standardErrors } = json('noisy.json');
    expect(Math.abs(mixture.noise.weight - 0.1)).toBeLessThan(0.05);
    expect(mixture.noise.upper[0]).toBeLessThan(30);
    expect(standardErrors).toHaveLength(12); // one for the weight of noise

    const words2 = ['--columns', 'x,y', '--mixture', 'noisy.json', '-o', 'labels.csv', '-p'];
    const classified = await dfmr('classify', 'noisy.csv', ...words2);
    const [head, ...lines] = read('labels.csv').trim().split('\n');
    expect(head).toBe('cluster,p0,p1,noise');
    const cells = lines.map((line) => line.split(',').map(Number));
    for (const [, ...shares] of cells) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const own = mixtureFromJSON(mixture);
    const onAllRows = { weight: mixture.noise.weight, ...rangeOf(drawn.data) }; // which the machines' boxes are within
    const expected = [...classify(withNoise(own, onAllRows), drawn.data)];
    expect(cells.map(([k]) => k)).toEqual(expected);
    const count = expected.filter((k) => k === -1).length;
    expect(count).toBeGreaterThan(100);
    expect(classified.stdout).toMatch(new RegExp(`2000 rows in clusters of \\d+, \\d+, and ${count} of noise`));
    const summary = JSON.parse((await dfmr('classify', 'noisy.csv', ...words2, '--force', '--json')).stdout);
    expect(summary).toMatchObject({ rows: 2000, noise: count });
  });

  it('is refused for a family that has none', async () => {
    const refused = await dfmr(
      'fit',
      'noisy.csv',
      '--columns',
      'x',
      '-k',
      '2',
      '-f',
      'logistic',
      '--noise',
      '-o',
      'no.json',
    );
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/family "logistic" have no noise component/);
  });
});
