import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { fit } from '../estimate/fit';
import { normalQuantile } from '../math/normal';
import type { Samples } from '../math/table';
import { gammaMixture, inverseGammaMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { classify, responsibilities } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { type Example, examples, examplesOfConstant } from './examples.fixture';
import { type FamilyName, familyOf } from './families-registry';

// The penalty of every family is relative to the data: a change of the unit, or of the spread of all rows and clusters together, leaves
// its share in the estimates as it is.

const reference = JSON.parse(readFileSync(path.join(__dirname, 'gamma-shape.reference.json'), 'utf8'));

interface One extends Record<'gamma' | 'inverse-gamma', { shape: number; scale: number; logLikelihood: number }> {
  cv: number;
  n: number;
}

const all = Object.entries<Example>(
  Object.assign({}, examples, ...Object.values(examplesOfConstant)) as Record<string, Example>,
);

/** Normal quantiles about a mean, of a spread that is cv of the mean. */
const cluster = (mean: number, cv: number, n: number): number[] =>
  Array.from({ length: n }, (_, j) => mean * (1 + cv * normalQuantile((j + 0.5) / n)));

const columnsOf = (samples: Samples, factors: readonly number[], centre = 0): Samples => ({
  ...samples,
  data: samples.data.map((x, i) => centre + factors[i % factors.length] * (x - centre)),
});

/** Counts, categories, proportions and directions have no unit. */
const UNITLESS = /^(poisson|dirichlet|von-mises|bernoulli|categorical|multinomial|negative-binomial)/;

/** The rows in another unit, and what that adds to the log-density of each. */
function inOtherUnits(name: string, samples: Samples): { rows: Samples; more: number } | undefined {
  if (UNITLESS.test(name)) return undefined;
  const factors = {
    gaussian: [1e-3, 40],
    'diagonal-gaussian': [1e-3, 40],
    'tied-gaussian': [1e-3, 40],
    'spherical-gaussian': [250, 250],
    'gaussian-gamma': [1e-3, 40],
  }[name] ?? [250];
  const rows = columnsOf(samples, factors, name === 'laplace(0.5)' ? 0.5 : 0);
  return { rows, more: -factors.reduce((sum, factor) => sum + Math.log(factor), 0) };
}

describe.each(all)('%s', (name, { honest }) => {
  const family = familyOf(name as FamilyName);
  const G = mixture(family, honest.weights, honest.parameters) as Mixture;

  it('fits rows of another unit to the same mixture in that unit', () => {
    const rows = sample(G, 150, 5).data;
    const other = inOtherUnits(name, rows);
    if (!other) return expect(name).toMatch(UNITLESS);
    const options = { order: G.order, family, initialisation: 'k-means++', tolerance: 1e-12 } as const; // labels in one order
    const [one, two] = [rows, other.rows].map((table) => fit<unknown>(table, options));
    expect(two.logLikelihood - one.logLikelihood).toBeCloseTo(150 * other.more, 4);
    const [shares, others] = [responsibilities(one.mixture, rows), responsibilities(two.mixture, other.rows)];
    shares.forEach((share, i) => {
      expect(Math.abs(share - others[i])).toBeLessThan(1e-4);
    });
  });
});

/** Two clusters, six standard deviations apart, whose spread is cv of their mean, as the family has them. */
function narrowClusters(name: string, cv: number, n: number): Samples {
  const numbers = [...cluster(100, cv, n), ...cluster(100 * (1 + 6 * cv), cv, n)];
  const shuffled = numbers.map((_, j) => 100 * cv * normalQuantile((((j * 0.618034) % 1) + 1e-3) / 1.002)); // of no cluster
  const rows = numbers.map((x, j) => {
    if (name === 'gaussian-gamma') return [50 + shuffled[j], x];
    if (name === 'von-mises') return [x / 100];
    if (name === 'von-mises-fisher') return [Math.cos(x / 100), Math.sin(x / 100)];
    if (name !== 'dirichlet') return [x];
    const parts = [x, 100 + shuffled[j], 200];
    return parts.map((part) => part / (parts[0] + parts[1] + parts[2]));
  });
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length };
}

/** What may be as narrow as it likes; of the others the mean says the spread, or the other way round. */
const MEAN_SAYS_SPREAD =
  /^(exponential|rayleigh|poisson|weibull|laplace|bernoulli|categorical|multinomial|negative-binomial)/;
const withSpread = all.filter(([name]) => !MEAN_SAYS_SPREAD.test(name));

describe.each(withSpread)('%s, of clusters that are narrow beside their mean', (name) => {
  const family = familyOf(name as FamilyName);
  const n = 100;
  const truth = Int32Array.from({ length: 2 * n }, (_, j) => (j < n ? 0 : 1));

  it('finds them, with a penalty of the same share at any spread', () => {
    const shares = [0.05, 0.02, 0.01, 0.005].map((cv) => {
      const rows = narrowClusters(name, cv, n);
      const { mixture: found, notes } = fit<unknown>(rows, { order: 2, family });
      expect(adjustedRandIndex(classify(found, rows), truth)).toBeGreaterThan(0.9); // Gumbel's is not a normal law
      expect(notes.join(' ')).not.toMatch(/penalty/);
      const { penaltyShares } = family.localProblem(rows, rows.rows ** -0.5);
      return Math.max(
        ...(penaltyShares as NonNullable<typeof penaltyShares>)(
          found.parameters,
          found.weights.map((w) => w * rows.rows),
        ).flatMap((one) => [...one]),
      );
    });
    for (const share of shares) {
      expect(share).toBeGreaterThan(0.001);
      expect(share).toBeLessThan(0.2);
      expect(Math.abs(share / shares[3] - 1)).toBeLessThan(0.3);
    }
  });
});

describe.each(['gamma', 'inverse-gamma'] as const)('%s', (name) => {
  const mixtureOf = name === 'gamma' ? gammaMixture : inverseGammaMixture;

  it.each(reference.one as Record<string, never>[])(
    'is fitted to one component as by SciPy, cv $cv, n = $n',
    (given) => {
      const { cv, n, [name]: expected } = given as unknown as One;
      const { mixture, logLikelihood, notes } = fit(cluster(100, cv, n), { order: 1, family: name, tolerance: 1e-13 });
      const [{ shape, scale }] = mixture.parameters;
      expect(Math.abs(shape / expected.shape - 1)).toBeLessThan(1e-6);
      expect(Math.abs(scale / expected.scale - 1)).toBeLessThan(1e-6);
      expect(Math.abs(logLikelihood - expected.logLikelihood)).toBeLessThan(1e-6);
      expect(notes.length).toBe(1);
    },
  );

  it.each((reference.two as Record<string, never>[]).filter(({ family }) => family === name))(
    'has the greatest penalised likelihood of two components, cv $cv, $apart sd apart',
    (given) => {
      const { cv, n, apart, weights, shapes, scales, logLikelihood, penalisedLogLikelihood } = given;
      const rows = [...cluster(100, cv, n), ...cluster(100 * (1 + apart * cv), cv, n)];
      const found = fit(rows, { family: name, start: mixtureOf({ weights, shapes, scales }), tolerance: 1e-15 });
      expect(Math.abs(found.penalisedLogLikelihood - penalisedLogLikelihood)).toBeLessThan(1e-6);
      expect(Math.abs(found.logLikelihood - logLikelihood)).toBeLessThan(1e-4);
      found.mixture.parameters.forEach(({ shape, scale }, k) => {
        expect(Math.abs(shape / shapes[k] - 1)).toBeLessThan(1e-3);
        expect(Math.abs(scale / scales[k] - 1)).toBeLessThan(1e-3);
      });
    },
  );

  it.each([200, 1000, 5000])('tells two clusters, six sd apart, in %d rows that chance drew', (n) => {
    for (const cv of [0.05, 0.02, 0.01, 0.005]) {
      const shapes = [cv ** -2, cv ** -2];
      const means = [100, 100 * ((1 + 3 * cv) / (1 - 3 * cv))];
      const scales = means.map((mean) => (name === 'gamma' ? mean / shapes[0] : mean * shapes[0]));
      const drawn = mixtureOf({ weights: [0.5, 0.5], shapes, scales });
      const { data, labels } = sample(drawn, n, cv);
      const found = classify(fit(data, { order: 2, family: name }).mixture as Mixture<unknown>, data);
      expect(adjustedRandIndex(found, labels)).toBeGreaterThan(0.97); // one of 200 rows is 0.02
      expect(adjustedRandIndex(found, classify(drawn as Mixture<unknown>, data))).toBeGreaterThan(
        n === 200 ? 0.97 : 0.99,
      );
    }
  });

  it('says of rows that are all about the same that no shape is theirs', () => {
    for (const penalty of [undefined, 0.1, 0])
      expect(() => fit([5, 5.0001, 5, 5.0002, 5.0001], { order: 1, family: name, penalty })).toThrow(
        /about: as they spread over less than 3e-4 of their mean, no .*gamma shape .* gaussian family/,
      );
  });
});
