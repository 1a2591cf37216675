import { expect, it } from 'vitest';
import { drawnFrom, randomExperts } from './experts.fixture';
import { fitExperts } from './fit-experts';

const { x, y } = drawnFrom(randomExperts(2, 2, 1), 200, 1);

/** The rows of x, each with more columns. */
const wider = (more: (j: number) => number[]) =>
  Array.from({ length: x.rows }, (_, j) => [x.data[2 * j], x.data[2 * j + 1], ...more(j)]);

it('says which columns of the covariates say nothing, and fits as without them', () => {
  const plain = fitExperts(x, y, { order: 2 });
  expect(plain.notes).toEqual([]);
  const fit = fitExperts(
    wider((j) => [7, x.data[2 * j] - 3 * x.data[2 * j + 1], 0.1]),
    y,
    { order: 2 },
  );
  expect(fit.notes).toEqual([
    'Columns 2 and 4 of the covariates are constant: all their coefficients are 0.',
    'Column 3 of the covariates is a linear combination of columns before it: all its coefficients are 0.',
  ]);
  expect(fit.logLikelihood).toBeCloseTo(plain.logLikelihood, 8);
  expect(fit.model.coefficients[0].slice(3)).toEqual([0, 0, 0]);
});

it('fits constants where all covariates are constant', () => {
  const fit = fitExperts(new Array(200).fill(3), y, { order: 2 });
  expect(fit.model.coefficients.map((line) => line[1])).toEqual([0, 0]);
  expect(fit.notes[0]).toBe('Column 0 of the covariates is constant: all its coefficients are 0.');
});

it('keeps gates finite where the covariates part the experts, and says so', () => {
  const sides = Array.from({ length: 200 }, (_, j) => (j % 2 ? 1 : -1) * (1 + (j % 17) / 10));
  const lines = sides.map((side, j) => (side > 0 ? 3 + side : -2 * side) + 0.3 * Math.sin(j * j));
  const fit = fitExperts(sides, lines, { order: 2 });
  expect(fit.notes).toHaveLength(1);
  expect(fit.notes[0]).toMatch(/^The covariates part experts 0 and 1 from the others almost without a row in doubt/);
  expect(Math.abs(fit.model.gates[0][1])).toBeLessThan(20);
  expect(fitExperts(sides, lines, { order: 2, ridge: 0 }).notes[0]).toContain('give a ridge above 0');
});

it('says what the penalty makes of lines that are narrow beside all rows, and which smaller one would not', () => {
  const covariate = Array.from({ length: 200 }, (_, j) => j / 20);
  const response = covariate.map((value, j) => (j % 2 ? value : 8 - value) + 0.05 * Math.sin(j * j));
  const fit = fitExperts(covariate, response, { order: 2, gates: 'constant' });
  expect(fit.notes[0]).toMatch(
    /^The penalty makes \d+ % of the variance of expert [01] and \d+ % of the variance of expert/,
  );
  const smaller = Number(/such as ([\d.e-]+)\.$/.exec(fit.notes[0])?.[1]);
  expect(fitExperts(covariate, response, { order: 2, gates: 'constant', penalty: smaller }).notes).toEqual([]);
});

it('says that there are fewer rows than parameters, and which experts have hardly any', () => {
  const { notes } = fitExperts(wider(() => []).slice(0, 8), Array.from(y.data.subarray(0, 8)), { order: 3 });
  expect(notes[0]).toBe(
    'There are 18 free parameters, but 8 rows: the fit says more of them than of what they come from.',
  );
  expect(notes[1]).toMatch(/^Of all rows expert . has .* for 3 coefficients: too few to say where a plane is/);
});

it('fits logistic and Poisson experts, and refuses responses that leave nothing to be fitted', () => {
  const attempt = (responses: number[], law: 'logistic' | 'poisson') => () =>
    fitExperts(x, responses, { order: 2, law });
  const sign = Array.from({ length: 200 }, (_, j) => Number(x.data[2 * j] > 0));
  expect(attempt(sign, 'logistic')).toThrow('the covariates say the response of each row exactly');
  expect(attempt(new Array(200).fill(1), 'logistic')).toThrow('the response is 1 in all 200 rows');
  expect(attempt(new Array(200).fill(2), 'logistic')).toThrow(
    'the response of row 0 is 2: logistic experts are of 0 and 1',
  );
  expect(attempt([1.5, ...sign.slice(1)], 'poisson')).toThrow('the response of row 0 is 1.5');
  expect(() =>
    fitExperts(
      x,
      wider(() => []),
      { order: 2, law: 'poisson' },
    ),
  ).toThrow('there are 2 responses, but poisson experts have one');
});

it('says that weights do not count rows, and which factor makes them', () => {
  const fit = () => fitExperts(x, y, { order: 2, rowWeights: new Array(200).fill(1e-3) });
  expect(fit).toThrow(
    'the weights of the rows sum to 0.2, but they say how often each row counts, and 2 experts need 2 rows: multiply them by 1000',
  );
});

it('refuses numbers beyond float64', () => {
  const tiny = Array.from(y.data, (value) => value * 1e-300);
  expect(() => fitExperts(x, tiny, { order: 2 })).toThrow('beyond float64: rescale covariates and responses');
});

it('says without a penalty that the likelihood has no bound where experts shrink onto rows', () => {
  const covariate = Array.from({ length: 60 }, (_, j) => j / 20);
  const lines = covariate.map((value, j) => (j % 2 ? value : -value));
  const { notes } = fitExperts(covariate, lines, { order: 2, gates: 'constant', penalty: 0 });
  expect(notes[0]).toMatch(/^Hardly any variance is left to expert 0 and expert 1: .* Give a penalty above 0/);
  const rough = lines.map((value, j) => value + 0.1 * Math.sin(j * j));
  expect(fitExperts(covariate, rough, { order: 2, gates: 'constant', penalty: 0 }).notes).toEqual([]);
});
