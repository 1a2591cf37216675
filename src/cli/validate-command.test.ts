import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandIn } from './command.fixture';

const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const dfmr = commandIn(cwd);
const validate = (...words: string[]) => dfmr('validate', ...words);
const write = (file: string, value: unknown) =>
  writeFileSync(path.join(cwd, file), typeof value === 'string' ? value : JSON.stringify(value));

/** As a program in another language writes it. */
const good = {
  format: 'dfmr-estimate',
  version: 1,
  machine: 'ward 3',
  family: 'gaussian',
  order: 2,
  dimension: 1,
  weights: [0.25, 0.75],
  parameters: [
    { mean: [0], covariance: [[1]] },
    { mean: [4], covariance: [[2]] },
  ],
  sampleSize: 500,
};
const experts = {
  format: 'dfmr-estimate',
  version: 2,
  machine: 'r',
  experts: {
    law: 'gaussian',
    gates: [
      [0.5, 0],
      [0, 0],
    ],
    coefficients: [
      [1, 2],
      [3, 4],
    ],
    variances: [1, 1],
  },
  order: 2,
  dimension: 1,
  sampleSize: 150,
};

describe('dfmr validate', () => {
  it('says what valid files hold', async () => {
    write('good.json', good);
    write('experts.json', experts);
    const { status, stdout, stderr } = await validate('good.json', 'experts.json');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      'experts.json: an estimate of 2 gaussian experts of 1 covariates, from 150 rows of the machine r\n' +
        'good.json: an estimate of 2 gaussian components of 1 features, from 500 rows of the machine ward 3\n',
    );
  });

  it('says what is wrong and where, and fails', async () => {
    mkdirSync(path.join(cwd, 'in'));
    write('in/1.json', { ...good, weights: [0.5, 0.6] });
    write('in/2.json', { ...good, parameters: [good.parameters[0], { mean: [4], covariance: [['2']] }] });
    write('in/3.json', { ...good, sampleSize: undefined });
    write('in/4.json', JSON.stringify(good).slice(0, 99));
    write('in/5.json', '');
    write('in/6.jsonl', `${JSON.stringify(good)}\n\n${JSON.stringify({ ...good, order: 3 })}\n`);
    const { status, stdout, stderr } = await validate('in', 'gone.json');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^in.6.jsonl:1: an estimate of 2 gaussian components/);
    expect(stderr.trim().split('\n')).toEqual([
      'gone.json is not valid: there is no such file',
      expect.stringMatching(/^in.1.json is not valid: .*weights/),
      expect.stringMatching(/^in.2.json is not valid: parameters\[1\].covariance\[0\]\[0\] is "2": it must be/),
      expect.stringMatching(/^in.3.json is not valid: the estimate has no "sampleSize": add it/),
      expect.stringMatching(/^in.4.json is not valid: the text is not JSON/),
      'in/5.json is not valid: the text is empty: send the file again',
      expect.stringMatching(/^in.6.jsonl:3 is not valid: weights has the length 2, but the order is 3/),
    ]);
    const json = await validate('in', '--json');
    expect([json.status, json.stderr]).toEqual([1, '']);
    expect(JSON.parse(json.stdout).map(({ valid }: { valid: boolean }) => valid)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });
});
