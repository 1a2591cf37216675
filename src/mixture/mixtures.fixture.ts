import { Matrix } from 'ml-matrix';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture } from './constructors';
import { type Mixture, mixture } from './mixture';

// Mixtures for tests: drawn at random, and as the reference files store them.

/** One Gaussian in one dimension. */
export const bell = (mean: number, variance = 1): Mixture<GaussianParameter> =>
  gaussianMixture({ weights: [1], means: [[mean]], covariances: [[[variance]]] });

/** A mixture of any weights, means within ± 2 units and covariances of about a unit². */
export function drawnMixture(
  seed: number,
  order: number,
  d: number,
  { name = 'test', unit = 1 }: { name?: string; unit?: number } = {},
): Mixture<GaussianParameter> {
  const random = randomStream(seed, name);
  const raw = Array.from({ length: order }, () => random() + 0.05);
  const total = raw.reduce((a, b) => a + b);
  return gaussianMixture({
    weights: raw.map((weight) => weight / total),
    means: raw.map(() => Array.from({ length: d }, () => (4 * random() - 2) * unit)),
    covariances: raw.map(() => {
      const a = new Matrix(Array.from({ length: d }, () => Array.from({ length: d }, () => (2 * random() - 1) * unit)));
      return a.mmul(a.transpose()).add(Matrix.eye(d).mul(0.2 * unit ** 2));
    }),
  });
}

/** m mixtures that have nothing in common: a hard reduction with many local minima. */
export const unrelated = (seed: number, m: number, order: number, d: number): Mixture<GaussianParameter>[] =>
  Array.from({ length: m }, (_, i) => drawnMixture(seed, order, d, { name: `machine ${i}` }));

/** The same mixing distribution with its components in another order. */
export function permuted(G: Mixture<GaussianParameter>, seed: number): Mixture<GaussianParameter> {
  const order = [...randomOrder(G.order, seed)];
  return mixture(
    gaussian,
    order.map((k) => G.weights[k]),
    order.map((k) => G.parameters[k]),
  );
}

/** Float64 numbers, little-endian, as base64. */
export function floats(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** A symmetric matrix from its lower triangle, row by row. */
export const symmetric = (lower: Float64Array, d: number): number[][] =>
  Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => lower[(Math.max(i, j) * (Math.max(i, j) + 1)) / 2 + Math.min(i, j)]),
  );

/** Mixtures as they are stored: K weights, then each component's mean and the lower triangle of its covariance. */
export function storedMixtures(text: string, order: number, d: number): Mixture<GaussianParameter>[] {
  const values = floats(text);
  const size = gaussian.size(d);
  const length = order * (1 + size);
  return Array.from({ length: values.length / length }, (_, i) => {
    const own = values.subarray(i * length, (i + 1) * length);
    const parameters = Array.from({ length: order }, (_, k) => {
      const start = order + k * size;
      return { mean: own.slice(start, start + d), covariance: symmetric(own.subarray(start + d), d) };
    });
    return mixture<GaussianParameter>('gaussian', own.subarray(0, order), parameters);
  });
}

/** A stored attack: which machines failed, and their means, covariances or weights after it. */
export interface Attack {
  name: string;
  failed: number[];
  what: 'means' | 'covariances' | 'weights';
  replaced: string;
}

/** The estimates after an attack. */
export function attacked(
  estimates: Mixture<GaussianParameter>[],
  { failed, what, replaced }: Attack,
): Mixture<GaussianParameter>[] {
  const values = floats(replaced);
  const each = values.length / failed.length;
  return estimates.map((estimate, i) => {
    if (!failed.includes(i)) return estimate;
    const own = values.subarray(failed.indexOf(i) * each, (failed.indexOf(i) + 1) * each);
    const { order, dimension: d, parameters } = estimate;
    const part = (k: number) => own.subarray((k * each) / order, ((k + 1) * each) / order);
    return gaussianMixture({
      weights: what === 'weights' ? own : estimate.weights,
      means: parameters.map(({ mean }, k) => (what === 'means' ? part(k) : mean)),
      covariances: parameters.map(({ covariance }, k) => (what === 'covariances' ? symmetric(part(k), d) : covariance)),
    });
  });
}
