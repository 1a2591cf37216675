import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expertsGates, expertsResponsibilities } from '../experts/experts-density';
import { fitExperts } from '../experts/fit-experts';
import { expertsFromJSON, expertsModel } from '../experts/model';
import { predictExperts } from '../experts/predict-experts';
import { sampleExperts } from '../experts/sample-experts';
import { commandIn, type Ended } from './command.fixture';

const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-experts-'));
const dfmr = commandIn(cwd);
const read = (file: string) => readFileSync(path.join(cwd, file), 'utf8');
const json = (file: string) => JSON.parse(read(file));
const write = (file: string, text: string) => writeFileSync(path.join(cwd, file), text);

const truth = expertsModel({
  gates: [
    [0, 1, 0],
    [0, 0, 0],
  ],
  coefficients: [
    [2, 1.5, -1],
    [-2, -1, 0.5],
  ],
  variances: [0.3, 0.5],
});

/** Rows of a machine: age and dose, and the effect. */
function rowsOf(i: number): { x: number[][]; y: Float64Array } {
  const x = Array.from({ length: 150 }, (_, j) => [
    4 * ((j * 0.6180339887498949 + i / 9) % 1) - 2,
    2 * ((j * 0.7548776662466927 + i / 7) % 1) - 1,
  ]);
  return { x, y: sampleExperts(truth, x, `machine ${i}`).data.data };
}

beforeAll(() => {
  for (let i = 0; i < 5; i++) {
    const { x, y } = rowsOf(i);
    const lines = x.map(([age, dose], j) => (i === 2 ? `${dose},${y[j]},${age},w` : `${age},${y[j]},${dose},w`));
    write(`clinic-${i}.csv`, `${i === 2 ? 'dose,effect,age' : 'age,effect,dose'},site\n${lines.join('\n')}\n`);
  }
});

let fitted: Ended;
beforeAll(async () => {
  fitted = await dfmr('fit', ...files, ...columns, '-k', '2', '--starts', '3', '-w', '2', '-o', 'sent');
});

const files = Array.from({ length: 5 }, (_, i) => `clinic-${i}.csv`);
const columns = ['--columns', 'age,dose', '--response', 'effect'];

describe('dfmr fit --response', () => {
  it('writes a mixture of experts for each machine, of columns by their names', () => {
    expect([fitted.status, fitted.stderr]).toEqual([0, '']);
    expect(fitted.stdout).toBe('sent: 5 estimates of 2 gaussian experts of effect given age, dose\n');
    for (const i of [0, 2]) {
      const message = json(`sent/clinic-${i}.json`);
      expect(message).toMatchObject({
        machine: `clinic-${i}`,
        names: ['age', 'dose'],
        responses: ['effect'],
        dimension: 2,
      });
      const { x, y } = rowsOf(i);
      const { model } = fitExperts(x, [...y], { order: 2, starts: 3, seed: '1' });
      expect(message.experts).toEqual(JSON.parse(JSON.stringify(model)));
    }
  });

  it('resumes with --resume, counts weights, and summarises as JSON', async () => {
    const { x, y } = rowsOf(0);
    write('weighted.csv', `age,dose,effect,n\n${x.map((row, j) => `${row},${y[j]},${(j % 3) + 0.5}`).join('\n')}\n`);
    const flags = [
      '--response',
      'effect',
      '--weights',
      'n',
      '-k',
      '2',
      '--starts',
      '2',
      '--gates',
      'constant',
      '-w',
      '1',
    ];
    const done = await dfmr('fit', 'weighted.csv', ...flags, '-o', 'weighted.json', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      ...{ order: 2, law: 'gaussian', gates: 'constant', responses: ['effect'], covariates: ['age', 'dose'] },
      ...{ fitted: ['weighted.json'], sampleSize: 225, unconverged: [] },
    });
    expect(json('weighted.json').experts.gates[0].slice(1)).toEqual([0, 0]);
    const before = statSync(path.join(cwd, 'sent/clinic-1.json')).mtimeMs;
    const more = await dfmr('fit', ...files, ...columns, '-k', '2', '--starts', '3', '-o', 'sent', '--resume');
    expect(more.stdout).toMatch(/^sent: 0 estimates of 2 gaussian experts .*; 5 existed already/);
    expect(statSync(path.join(cwd, 'sent/clinic-1.json')).mtimeMs).toBe(before);
  });

  it('splits one table among machines, and chooses the number of experts by BIC', async () => {
    const all = [0, 1, 2].flatMap((i) => rowsOf(i).x.map((row, j) => `${row},${rowsOf(i).y[j]}`));
    write('all.csv', `age,dose,effect\n${all.join('\n')}\n`);
    const done = await dfmr('fit', 'all.csv', '-y', 'effect', '--machines', '3', '--starts', '2', '-o', 'shards');
    expect([done.status, done.stderr]).toEqual([0, '']);
    expect(done.stdout).toMatch(
      /^all\.csv: 450 rows × 3 columns, split among 3 machines\nK = 2: its aggregate has the least BIC/,
    );
    expect(readdirSync(path.join(cwd, 'shards'))).toEqual(['shard-0.json', 'shard-1.json', 'shard-2.json']);
    expect(json('shards/shard-1.json')).toMatchObject({ order: 2, names: ['age', 'dose'], responses: ['effect'] });
  });

  it('fits planes of several responses, and counts by --law poisson', async () => {
    const { x, y } = rowsOf(0);
    write('two.csv', `age,a,b\n${x.map(([age, dose], j) => `${age},${y[j]},${y[j] + dose}`).join('\n')}\n`);
    for (const responses of [
      ['-y', 'a,b'],
      ['-y', 'a', '--response', 'b'],
    ]) {
      await dfmr('fit', 'two.csv', ...responses, '-k', '1', '-o', `two-${responses.length}.json`);
      const message = json(`two-${responses.length}.json`);
      expect(message.experts.coefficients[0].length).toBe(2);
      expect([message.names, message.responses]).toEqual([['age'], ['a', 'b']]);
    }
    write('counts.csv', `age,n\n${x.map(([age], j) => `${age},${(j * 7) % 4}`).join('\n')}\n`);
    const done = await dfmr('fit', 'counts.csv', '-y', 'n', '--law', 'poisson', '-k', '1', '-o', 'counts.json');
    expect([done.status, done.stdout]).toEqual([0, 'counts.json: 1 estimate of 1 poisson experts of n given age\n']);
    expect('variances' in json('counts.json').experts).toBe(false);
  });

  it.each<[string[], RegExp]>([
    [
      ['--response', 'price'],
      /--response "price": clinic-0\.csv has no such column of numbers; it has "age", "dose"|no column "price"/,
    ],
    [['--response', 'site'], /site/],
    [['--response', 'effect,effect'], /--response "effect" is given twice/],
    [['--response', 'effect', '--noise'], /--noise is of mixtures without a response: leave it out/],
    [
      ['--response', 'effect', '--family', 'gamma'],
      /--family gamma is of mixtures without a response: choose the law of experts by --law/,
    ],
    [['--response', 'effect', '--missing', 'em'], /--missing em is of mixtures.*--missing drop/],
    [['--response', 'effect', '--penalty', 'published'], /--penalty published is of mixtures/],
    [
      ['--response', 'effect', '--law', 'poisson'],
      /clinic-0\.csv: the response of row \d+ is .* Poisson experts are of whole numbers/,
    ],
    [['--gates', 'constant'], /--gates is of mixtures of experts: name the response by --response/],
    [['--law', 'poisson'], /--law is of mixtures of experts: name the response/],
  ])('refuses %j in the words of who gave the flags', async (flags, message) => {
    const done = await dfmr('fit', 'clinic-0.csv', '--columns', 'age,dose', ...flags, '-k', '2', '-o', 'none.json');
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(message);
  });

  it('needs a covariate, and says which column is text', async () => {
    write('one.csv', 'effect\n1\n2\n3\n');
    expect((await dfmr('fit', 'one.csv', '-y', 'effect', '-k', '1', '-o', 'none.json')).stderr).toMatch(
      /one\.csv has no column but the response: experts need at least one covariate/,
    );
    expect((await dfmr('fit', 'clinic-0.csv', '-y', 'effect', '-k', '1', '-o', 'none.json')).stderr).toMatch(/site/);
  });
});

describe('dfmr classify, by a mixture of experts', () => {
  const lines = (file: string) =>
    read(file)
      .trim()
      .split('\n')
      .map((line) => line.split(','));
  const model = () => expertsFromJSON(json('sent/clinic-0.json').experts);

  it('writes expert, prediction and interval of each row, and responsibilities', async () => {
    const { x, y } = rowsOf(2); // of a table whose columns are in another order
    const done = await dfmr('classify', 'clinic-2.csv', '--mixture', 'sent/clinic-0.json', '-p', '-o', 'predicted.csv');
    expect([done.status, done.stderr]).toEqual([0, '']);
    const [head, ...rows] = lines('predicted.csv');
    expect(head).toEqual(['cluster', 'mean', 'lower', 'upper', 'p0', 'p1']);
    expect(rows.length).toBe(150);
    const { mean, lower, upper } = predictExperts(model(), x);
    const r = expertsResponsibilities(model(), x, [...y]);
    rows.forEach((row, j) => {
      const cluster = r[2 * j] >= r[2 * j + 1] ? 0 : 1;
      expect(row.map(Number)).toEqual([cluster, mean[j], lower[j], upper[j], r[2 * j], r[2 * j + 1]]);
    });
    const counts = [0, 1].map((k) => rows.filter(([cluster]) => Number(cluster) === k).length);
    expect(done.stdout).toBe(`predicted.csv: 150 rows, predicted and of experts ${counts.join(', ')}\n`);
  });

  it('predicts rows without a response, with gates for probabilities', async () => {
    const x = [
      [0.5, -0.5],
      [-1, 1],
    ];
    write('new.csv', `dose,age\n${x.map(([age, dose]) => `${dose},${age}`).join('\n')}\n`);
    const flags = ['--level', '0.5', '--probabilities', '--json'];
    const done = await dfmr('classify', 'new.csv', '--mixture', 'sent/clinic-0.json', ...flags, '-o', 'new-out.csv');
    expect(JSON.parse(done.stdout)).toEqual({ out: 'new-out.csv', rows: 2, dropped: 0, level: 0.5 });
    const [head, ...rows] = lines('new-out.csv');
    expect(head).toEqual(['mean', 'lower', 'upper', 'p0', 'p1']);
    const { mean, lower, upper } = predictExperts(model(), x, { level: 0.5 });
    const gates = expertsGates(model(), x);
    expect(rows[1].map(Number)).toEqual([mean[1], lower[1], upper[1], gates[2], gates[3]]);
  });

  it('predicts several responses by their names', async () => {
    const done = await dfmr('classify', 'two.csv', '--mixture', 'two-2.json', '-o', 'two-out.csv');
    expect([done.status, done.stderr]).toEqual([0, '']);
    expect(lines('two-out.csv')[0]).toEqual([
      'cluster',
      ...['a', 'b'].flatMap((name) => [`mean ${name}`, `lower ${name}`, `upper ${name}`]),
    ]);
  });

  it.each<[string[], RegExp]>([
    [['two.csv', '--mixture', 'sent/clinic-0.json'], /two\.csv: .*"?dose"?/],
    [
      ['new.csv', '--mixture', 'sent/clinic-0.json', '--columns', 'age'],
      /new\.csv has 1 columns of covariates, but the experts have 2/,
    ],
    [['new.csv', '--mixture', 'sent/clinic-0.json', '--level', '1'], /above 0 and below 1/],
    [
      ['new.csv', '--mixture', 'sent/clinic-0.json', '--missing', 'em'],
      /--missing em is of mixtures without a response/,
    ],
    [['new.csv', '--mixture', 'broken.json'], /broken\.json does not hold a mixture of experts: .*variances/],
  ])('refuses %j', async (words, message) => {
    write('broken.json', JSON.stringify({ experts: { law: 'gaussian', gates: [[0, 0]], coefficients: [[1, 2]] } }));
    const done = await dfmr('classify', ...words, '-o', 'none.csv');
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(message);
    expect(readdirSync(cwd).filter((file) => /none|part$/.test(file))).toEqual([]);
  });
});

describe('dfmr aggregate --covariates', () => {
  const lie = () => {
    const message = json('sent/clinic-4.json');
    message.machine = 'liar';
    message.experts.coefficients = message.experts.coefficients.map((line: number[]) => line.map((one) => -one));
    write('liar.json', JSON.stringify(message));
  };
  const sent = () => [...files.map((file) => `sent/${path.basename(file, '.csv')}.json`), 'liar.json'];
  const own = () => {
    const rows = Array.from({ length: 120 }, (_, j) => [
      ((j * 0.6180339887498949) % 1) * 2 - 1,
      ((j * 0.7548776662466927) % 1) * 4 - 2,
    ]);
    write('own.csv', `dose,ward,age\n${rows.map(([dose, age], j) => `${dose},w${j},${age}`).join('\n')}\n`);
  };

  it('combines experts on rows of its own, by the names of their columns, and sets a liar aside', async () => {
    lie();
    own();
    const done = await dfmr(
      'aggregate',
      ...sent(),
      '--covariates',
      'own.csv',
      '-o',
      'model.json',
      '--report',
      'report.html',
    );
    expect(done.status).toBe(0);
    expect(done.stderr).toMatch(/liar\.json is set aside/);
    expect(done.stdout).toMatch(/model\.json: the mixture of experts\n/);
    const { experts, covariates, responses, sampleSize } = json('model.json');
    expect({ covariates, responses, sampleSize }).toEqual({
      covariates: ['age', 'dose'],
      responses: ['effect'],
      sampleSize: 750,
    });
    const lines = experts.coefficients.toSorted(([a]: number[], [b]: number[]) => b - a);
    const far = truth.coefficients.flatMap((line, k) => line.map((b, c) => Math.abs(lines[k][c] - b)));
    expect(Math.max(...far)).toBeLessThan(0.15);
    expect(read('report.html')).toContain('effect');
    const predicted = await dfmr('classify', 'clinic-0.csv', '--mixture', 'model.json', '-o', 'by-all.csv');
    expect([predicted.status, predicted.stderr]).toEqual([0, '']);
  });

  it('goes by the rule that is asked for, and says it as JSON', async () => {
    lie();
    own();
    const done = await dfmr(
      'aggregate',
      ...sent(),
      '--covariates',
      'own.csv',
      '--rule',
      'dfmr',
      '-o',
      'dfmr.json',
      '--json',
    );
    expect(done.status).toBe(0);
    const all = JSON.parse(done.stdout);
    expect(all.rule).toMatch(/^dfmr\(\d/);
    expect([all.experts.law, all.machines.length]).toEqual(['gaussian', 6]);
  });

  it.each<[string[], RegExp]>([
    [[], /mixtures of experts, which are compared on covariates: give --covariates FILE, .* and the columns age, dose/],
    [['--covariates', 'clinic-0.csv', '--bootstrap', '9'], /--bootstrap is of mixtures without a response/],
    [['--covariates', 'two.csv'], /--covariates: two\.csv.*dose/],
    [['--covariates', 'nowhere.csv'], /--covariates: .*nowhere\.csv/],
    [['--covariates', 'flat.csv'], /--covariates: flat\.csv: column "dose" is 7 on all 3 rows/],
  ])('refuses %j', async (flags, message) => {
    write('two.csv', 'age\n1\n2\n');
    write('flat.csv', 'age,dose\n1,7\n2,7\n4,7\n');
    const done = await dfmr('aggregate', ...sent().slice(0, 5), ...flags, '-o', 'none.json');
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(message);
    expect(readdirSync(cwd)).not.toContain('none.json');
  });

  it('is refused where estimates have no responses', async () => {
    for (const i of [0, 1, 2])
      await dfmr('fit', `clinic-${i}.csv`, '--columns', 'age,dose', '-k', '1', '-o', `plain-${i}.json`);
    const plain = [0, 1, 2].map((i) => `plain-${i}.json`);
    const done = await dfmr('aggregate', ...plain, '--covariates', 'clinic-0.csv', '-o', 'none.json');
    expect(done.stderr).toMatch(
      /--covariates is of mixtures of experts, but the estimates have no responses: leave it out/,
    );
  });
});
