import { expect, it } from 'vitest';
import type { StudyDesign } from './study-design';
import { summarise } from './study-summary';

const design: StudyDesign = {
  settings: [
    { population: { kind: 'mixsim', order: 2, dimension: 3, maximumOverlap: 0.2 }, sampleSize: 50, machines: [3, 9] },
    { population: { family: 'poisson', weights: [1], parameters: [4] }, sampleSize: 70, machines: [5] },
  ],
  failures: ['weight', 'mean'],
  fractions: [0.1],
  methods: ['COAT', 'DFMR(1)', 'DFMR(2)'],
  seed: 1,
};
// m = 3: weight COAT, DFMR(1), DFMR(2), mean …, then m = 9
const of = (repetition: number, w1: number[]) => ({
  setting: 0,
  repetition,
  w1,
  ari: w1.map((one) => 1 - one),
  kept: w1.map((_, i) => (i % 3 === 0 ? null : i)),
  keptFailed: w1.map((_, i) => (i % 3 === 0 ? null : repetition)),
});
const repetitions = [
  of(0, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2]),
  of(1, [0.3, 0.4, 0.1, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.4]),
];
const rows = summarise({ design, repetitions });

it('has a row for each m, failure, fraction and method of the settings that were run', () => {
  expect(rows.length).toBe(2 * 2 * 4);
  expect(rows.map(({ machines }) => machines)).toEqual([3, 3, 3, 3, 3, 3, 3, 3, 9, 9, 9, 9, 9, 9, 9, 9]);
  expect(rows.slice(0, 4).map(({ method }) => method)).toEqual(['COAT', 'DFMR(1)', 'DFMR(2)', 'DFMR(best)']);
  expect(rows[0]).toMatchObject({ family: 'gaussian', overlap: 0.2, sampleSize: 50, failure: 'weight', fraction: 0.1 });
});

it('tells means and their standard errors', () => {
  // 0.1 and 0.3: mean 0.2, standard deviation √0.02, standard error 0.1
  expect(rows[0]).toMatchObject({ repetitions: 2, w1: 0.2, w1Error: 0.1, ari: 0.8, ariError: 0.1, kept: null });
  expect(rows[2]).toMatchObject({ w1: 0.2, kept: 2, keptFailed: 0.5 });
  expect(rows.at(-2)).toMatchObject({ failure: 'mean', machines: 9, w1: 1.3, w1Error: 0.1, kept: 11 });
});

it('takes of each repetition the best inflation factor', () => {
  expect(rows[3]).toMatchObject({ method: 'DFMR(best)', w1: 0.15, w1Error: 0.05, kept: null }); // 0.2 and 0.1
});

it('has no error of one repetition', () => {
  expect(summarise({ design, repetitions: repetitions.slice(0, 1) })[0]).toMatchObject({ w1: 0.1, w1Error: null });
});

it('has its columns in the order in which they are written', () => {
  expect(Object.keys(rows[0]).join()).toBe(
    'family,overlap,machines,sampleSize,failure,fraction,method,repetitions,w1,w1Error,ari,ariError,kept,keptFailed',
  );
});
