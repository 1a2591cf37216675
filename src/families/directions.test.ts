import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { fit } from '../estimate/fit';
import { besselRatio } from '../math/bessel';
import { randomStream } from '../math/random';
import { estimateFromJSON, estimateToJSON } from '../messages/estimate-file';
import { vonMisesFisherMixture, vonMisesMixture } from '../mixture/constructors';
import { mixture } from '../mixture/mixture';
import { classify, logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { standardise } from '../tables/standardise';
import { standardErrors } from '../theory/standard-errors';
import circular from './directions.reference.json';
import reference from './mixtures.reference.json';
import { vonMises } from './von-mises';
import { concentrationOf, MOST_CONCENTRATION, uniformDirection, vonMisesFisher } from './von-mises-fisher';

const close = (value: number, expected: number, relative: number) =>
  expect(Math.abs(value - expected)).toBeLessThan(relative * (1e-300 + Math.abs(expected)));

it('has the densities of von Mises distributions that R’s circular has', () => {
  for (const [meanAngle, concentration, densities] of circular.densities as [number, number, number[]][]) {
    const G = vonMisesMixture({ weights: [1], meanAngles: [meanAngle], concentrations: [concentration] });
    logDensity(G, circular.places).forEach((log, i) => {
      close(Math.exp(log), densities[i], 1e-11);
    });
  }
});

it('has the maximum likelihood estimate of angles that R’s circular has, whatever multiple of 2π is added to them', () => {
  const [mu, kappa] = circular.mle;
  for (const turns of [0, -3, 1000]) {
    const angles = circular.angles.map((angle, j) => angle + (j % 2) * turns * 2 * Math.PI);
    const { parameters } = fit(angles, { family: 'von-mises', order: 1, penalty: 0 }).mixture;
    close(parameters[0].meanAngle, mu, 1e-9);
    close(parameters[0].concentration, kappa, 0.01); // to which circular approximates the inverse of A
    const mean = circular.angles.reduce((sum, angle) => sum + Math.cos(angle - parameters[0].meanAngle) / 15, 0);
    close(besselRatio(0, parameters[0].concentration).ratio, mean, 1e-11);
  }
});

describe.each([
  ['sphere', reference.sphere],
  ['many', reference.many],
])('directions of the case %s', (_, { rows, start, weights, meanDirections, concentrations, logLikelihood }) => {
  it('have the maximum that EM in another program finds from the same start', () => {
    const order = weights.length;
    const even = new Array(order).fill(1 / order);
    const from = { weights: even, meanDirections: start, concentrations: new Array(order).fill(5) };
    const found = fit(rows, { start: vonMisesFisherMixture(from), penalty: 0, tolerance: 1e-14, maxIterations: 5000 });
    expect(found.logLikelihood).toBeCloseTo(logLikelihood, 9);
    found.mixture.parameters.forEach((theta, k) => {
      close(found.mixture.weights[k], weights[k], 1e-5);
      close(theta.concentration, concentrations[k], 1e-5);
      theta.meanDirection.forEach((value, i) => {
        expect(Math.abs(value - meanDirections[k][i])).toBeLessThan(1e-5);
      });
    });
  });
});

/** θ on the sphere of d dimensions, at an angle from the first axis in the plane of the first two. */
const at = (d: number, angle: number, concentration: number) =>
  vonMisesFisher.parameter(
    {
      meanDirection: Array.from({ length: d }, (_, i) => [Math.cos(angle), Math.sin(angle)][i] ?? 0),
      concentration,
    },
    'θ',
  );

it('keeps the digits of inner products and divergences of large concentrations, as in three dimensions', () => {
  // 4π sinh κ / κ is the norming constant, and coth κ − 1 / κ the ratio; written without κ itself, as sinh κ = e^κ (1 − e^−2κ) / 2
  const log = (kappa: number) => Math.log((2 * Math.PI * -Math.expm1(-2 * kappa)) / kappa);
  for (const kappa of [0.3, 20, 1e4, 1e7]) {
    for (const other of [0.1, 0.9, 30].map((factor) => factor * kappa)) {
      const angle = 1 / Math.sqrt(kappa + 1);
      const [a, b] = [at(3, 0, kappa), at(3, angle, other)];
      const chord = 4 * Math.sin(angle / 2) ** 2;
      const both = Math.sqrt((kappa + other) ** 2 - kappa * other * chord);
      const product = log(both) - log(kappa) - log(other) - (kappa * other * chord) / (both + kappa + other);
      expect(Math.abs(vonMisesFisher.logInnerProduct(a, b) - product)).toBeLessThan(1e-10);
      const lacking = 1 / kappa - 2 / Math.expm1(2 * kappa); // 1 − A
      const kl = log(other) - log(kappa) - lacking * (kappa - other) + ((1 - lacking) * other * chord) / 2;
      expect(Math.abs(vonMisesFisher.divergence(a, b) - kl)).toBeLessThan(1e-10 * (1 + kl));
    }
  }
});

it('is the uniform distribution on the sphere where the concentration is 0, of any direction', () => {
  const [a, b] = [at(4, 0, 0), at(4, 2, 0)];
  const surface = 2 * Math.PI ** 2;
  expect(vonMisesFisher.logInnerProduct(a, b)).toBeCloseTo(-Math.log(surface), 13);
  expect(vonMisesFisher.divergence(a, b)).toBe(0);
  expect([...vonMisesFisher.toVector(a)]).toEqual([0, 0, 0, 0]);
  expect(vonMisesFisher.barycentre([at(2, 0, 3), at(2, Math.PI, 3)], Float64Array.of(1, 1)).concentration).toBeLessThan(
    1e-15,
  );
});

it('solves A_d(κ) = R for κ from 1e-9 to 1e9 in 2 to 1000 dimensions', () => {
  for (const d of [2, 3, 10, 100, 1000]) {
    for (let kappa = 1e-9; kappa <= 1e9; kappa *= 7) {
      const { ratio, complement } = besselRatio(d / 2 - 1, kappa);
      // what the rounding of R is worth in κ
      const rounding = 1e-15 * (1 / complement + 1);
      if (rounding < 0.1) close(concentrationOf(d, ratio), kappa, 10 * rounding);
    }
  }
  expect(() => concentrationOf(3, 1)).toThrow(/no von Mises–Fisher distribution/);
  expect(concentrationOf(3, 1 - 1e-13)).toBe(MOST_CONCENTRATION);
});

it('draws directions about the mean direction by their law, in 2 to 300 dimensions', () => {
  for (const [d, kappa] of [
    [2, 0],
    [2, 5],
    [3, 1e6],
    [10, 2],
    [300, 400],
  ]) {
    const theta = at(d, 1, kappa);
    const n = 3000;
    const { data } = sample(mixture(vonMisesFisher, [1], [theta]), n, 1).data;
    const mean = Float64Array.from({ length: d }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += data[j * d + i] / n;
      return sum;
    });
    const { ratio, complement } = besselRatio(d / 2 - 1, kappa);
    const along = mean.reduce((sum, value, i) => sum + value * theta.meanDirection[i], 0);
    // the variance of μᵀ x is 1 − A² − (d − 1) A / κ, and each direction across has the variance A / κ
    const across = kappa > 0 ? ratio / kappa : 1 / d;
    const variance = complement * (1 + ratio) - (d - 1) * across;
    expect(Math.abs(1 - along - complement)).toBeLessThan(5 * Math.sqrt(Math.max(variance, 0) / n) + 1e-12);
    const left = mean.reduce((sum, value, i) => sum + (value - along * theta.meanDirection[i]) ** 2, 0);
    const expected = ((d - 1) * across) / n;
    expect(Math.abs(left - expected)).toBeLessThan(5 * expected * Math.sqrt(2 / (d - 1)));
    for (let j = 0; j < 20; j++) {
      const norm = Math.hypot(...data.subarray(j * d, (j + 1) * d));
      expect(Math.abs(norm - 1)).toBeLessThan(1e-15);
    }
  }
});

it('bounds the concentration of a component of one row, which has none without a penalty', () => {
  const random = randomStream(1, 'lone row');
  const rows = Array.from({ length: 40 }, () => {
    const [x, y, z] = uniformDirection(3, random);
    return [Math.abs(x), y, z];
  });
  const alone = [[-1, 0, 0], ...rows];
  const start = vonMisesFisherMixture({
    weights: [0.03, 0.97],
    meanDirections: [alone[0], [1, 0, 0]],
    concentrations: [1000, 1],
  });
  const { mixture: G } = fit(alone, { start });
  expect(G.parameters[0].concentration).toBeGreaterThan(1);
  expect(G.parameters[0].concentration).toBeLessThan(100);
  expect(() => fit(alone, { start, penalty: 0 })).toThrow(/the likelihood is unbounded .* use a penalty above 0/);
  expect(() =>
    fit(
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
      { order: 2, family: 'von-mises-fisher' },
    ),
  ).toThrow(/only 1 rows are distinct/);
});

it('refuses rows that are all the same, of which every concentration is too small', () => {
  const same = /all 3 rows are the same: .* components need rows that differ/;
  expect(() => fit([1, 1, 1], { order: 1, family: 'von-mises' })).toThrow(same);
  const rows = Array.from({ length: 3 }, () => [0.36, 0.48, 0.8]);
  expect(() => fit(rows, { order: 1, family: 'von-mises-fisher' })).toThrow(same);
});

it('learns embeddings of 3072 dimensions, and sends what it learned', () => {
  const d = 3072;
  const directions = [0, 1].map((k) => Array.from({ length: d }, (_, i) => (i % 2 === k ? Math.sqrt(2 / d) : 0)));
  const G = vonMisesFisherMixture({ weights: [0.5, 0.5], meanDirections: directions, concentrations: [4000, 2000] });
  const table = sample(G, 60, 1);
  const found = fit(table.data, { order: 2, family: 'von-mises-fisher', starts: 1 });
  expect(adjustedRandIndex(classify(found, table.data), table.labels)).toBe(1);
  const json = JSON.stringify(estimateToJSON(found, { machine: 'one' }));
  expect(estimateFromJSON(json).mixture.toJSON()).toEqual(found.mixture.toJSON());
});

it('names a row that is no direction, and what no θ is', () => {
  const rows = [
    [0, 1],
    [0.6, 0.8001],
  ];
  expect(() => fit(rows, { order: 1, family: 'von-mises-fisher' })).toThrow(
    /row 1 has the norm 1\.0000\d*, not 1: divide each row by its norm/,
  );
  const make = (meanDirection: number[], concentration: number) => () =>
    mixture('von-mises-fisher', [1], [{ meanDirection, concentration }]);
  expect(make([1, 1], 1)).toThrow(/component 0: its meanDirection has the norm 1\.414.*: divide it by that/);
  expect(make([1], 1)).toThrow(/one number: directions have two or more/);
  expect(make([1, 0], -1)).toThrow(/component 0: concentration is -1: it must be from 0 to 1000000000/);
  expect(() => vonMisesMixture({ weights: [1], meanAngles: [Number.NaN], concentrations: [1] })).toThrow(
    /meanAngle is NaN/,
  );
});

it('knows no end of the circle: an angle of −π is one of π', () => {
  const theta = vonMises.parameter({ meanAngle: -Math.PI, concentration: 2 }, 'θ');
  expect(theta.meanAngle).toBe(Math.PI);
  const near = vonMises.parameter({ meanAngle: 0.1 - Math.PI, concentration: 3 }, 'θ');
  expect(vonMises.groundDistance(theta, near)).toBeCloseTo(0.1 + 1, 14);
  const opposite = [at(3, 0, 2), at(3, Math.PI, 2)];
  expect(vonMisesFisher.groundDistance(opposite[0], opposite[1])).toBeCloseTo(Math.PI, 14);
  // two clusters, of which one lies about ±π
  const G = vonMisesMixture({ weights: [0.5, 0.5], meanAngles: [3.1, 0], concentrations: [20, 20] });
  const angles = sample(G, 400, 1);
  const { mixture: found } = fit(angles.data, { order: 2, family: 'von-mises', starts: 1 });
  const labels = classify(found, angles.data);
  expect(labels.filter((label, j) => label === angles.labels[j]).length % 400).toBeLessThan(5);
});

it('has the standard errors of κ μ that the curvature of A says, and refuses the direction of a uniform distribution', () => {
  // of κ μ, ∇²A is (A / κ) across and 1 − A² − A / κ along
  const G = vonMisesFisherMixture({ weights: [1], meanDirections: [[1, 0]], concentrations: [4] });
  const A = besselRatio(0, 4).ratio;
  const [along, across] = standardErrors(G, { sampleSize: 100, draws: 200_000 });
  close(along, 0.1 / Math.sqrt(1 - A * A - A / 4), 0.01);
  close(across, 0.1 / Math.sqrt(A / 4), 0.01);
  const uniform = vonMisesMixture({ weights: [1], meanAngles: [0], concentrations: [0] });
  expect(() => standardErrors(uniform, { sampleSize: 100, draws: 1000 })).toThrow(/./);
});

it('are not standardised, nor are angles', () => {
  const table = standardise([[0.5], [1], [2.5]]);
  expect(() => fit(table, { order: 1, family: 'von-mises' })).toThrow(
    'angles are not standardised: fit the von-mises family to the table as it was read',
  );
  expect(() =>
    fit(
      standardise([
        [0.6, 0.8],
        [1, 0],
      ]),
      { order: 1, family: 'von-mises-fisher' },
    ),
  ).toThrow(/directions are not standardised/);
  expect(fit(table, { order: 1 }).sampleSize).toBe(3);
});
