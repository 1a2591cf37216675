import { randomBeta, randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { besselRatio, logScaledBessel } from '../math/bessel';
import { described, numbersOf } from '../math/checks';
import { LOG_2PI } from '../math/gamma-function';
import type { RandomStream } from '../math/random';
import { fallingRoot } from '../math/root';
import type { Samples } from '../math/table';
import { conjugatePenalty, type ExponentialFamily, exponentialFamily } from './exponential-family';
import { farPositive } from './failures';
import type { Family } from './family';

/** The mean direction μ, a unit vector of R^d, and the concentration κ ≥ 0 about it; κ = 0 is the uniform distribution. */
export interface VonMisesFisherParameter {
  /** μ, d numbers of norm 1 */
  readonly meanDirection: Float64Array;
  /** κ */
  readonly concentration: number;
}

/** No concentration is larger: a spread of 3e-5 radians, 200 m on the earth, at which log densities keep 1e-6. */
export const MOST_CONCENTRATION = 1e9;

/** How far from 1 the norm of a unit vector may be, as those of 32 bits are. */
const NORM_TOLERANCE = 1e-6;

const norm = (x: Float64Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

const scaled = (x: Float64Array, factor: number): Float64Array => x.map((value) => factor * value);

const squaredDistance = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/** A(θ) − κ, which does not grow with κ as A does. */
const scaledLogPartition = (d: number, kappa: number): number => (d / 2) * LOG_2PI + logScaledBessel(d / 2 - 1, kappa);

/** What an exponential family asks for of θ = κ μ; T(x) = x. */
export const ofDirections: Pick<
  ExponentialFamily<VonMisesFisherParameter>,
  'logPartition' | 'gradient' | 'inverseGradient'
> = {
  logPartition: (theta) => {
    const kappa = norm(theta);
    return kappa + scaledLogPartition(theta.length, kappa);
  },
  gradient: (theta) => {
    const { meanDirection, concentration } = fromNatural(theta);
    return scaled(meanDirection, besselRatio(theta.length / 2 - 1, concentration).ratio);
  },
  inverseGradient: (t) => {
    const resultant = norm(t);
    return resultant > 0 ? scaled(t, concentrationOf(t.length, resultant) / resultant) : t.slice();
  },
};

/** a = A − κ of parameters that were asked for before. */
const known = new WeakMap<VonMisesFisherParameter, number>();

function ownLogPartition(parameter: VonMisesFisherParameter): number {
  const found = known.get(parameter);
  if (found !== undefined) return found;
  const made = scaledLogPartition(parameter.meanDirection.length, parameter.concentration);
  known.set(parameter, made);
  return made;
}

const natural: ExponentialFamily<VonMisesFisherParameter> = {
  name: 'von-mises-fisher',
  parameter(value, where) {
    const { meanDirection: given, concentration } = (value ?? {}) as Partial<VonMisesFisherParameter>;
    if (!(given && given.length > 0) || concentration === undefined)
      throw new InvalidInput(`${where} needs a meanDirection and a concentration, but is ${described(value)}`);
    if (given.length < 2)
      throw new InvalidInput(`${where}: its meanDirection has one number: directions have two or more`);
    const direction = numbersOf(given, (i) => `${where}: meanDirection[${i}]`);
    const size = norm(direction);
    if (!(Math.abs(size - 1) <= NORM_TOLERANCE))
      throw new InvalidInput(`${where}: its meanDirection has the norm ${size}: divide it by that`);
    const meanDirection = Math.abs(size - 1) <= 1e-14 ? direction : scaled(direction, 1 / size);
    return { meanDirection, concentration: checkedConcentration(concentration, `${where}: concentration`) };
  },
  dimension: ({ meanDirection }) => meanDirection.length,
  size: (d) => d,
  toVector: ({ meanDirection, concentration }) => scaled(meanDirection, concentration),
  fromVector: (theta) => fromNatural(theta),
  toJSON: ({ meanDirection, concentration }) => ({ meanDirection: [...meanDirection], concentration }),
  groundDistance: (a, b) =>
    2 * Math.asin(Math.min(1, Math.sqrt(squaredDistance(a.meanDirection, b.meanDirection)) / 2)) +
    Math.abs(a.concentration - b.concentration),
  notStandardised: 'directions',
  requireSupport: requireDirections,
  failures: {
    direction: ({ meanDirection, concentration }, random) => ({
      meanDirection: uniformDirection(meanDirection.length, random),
      concentration,
    }),
    concentration: ({ meanDirection }, random) => ({ meanDirection, concentration: farPositive(random) }),
  },
  sampler({ meanDirection, concentration }, random) {
    const d = meanDirection.length;
    const next = cosineSampler(d, concentration, random);
    const normal = randomNormal.source(random)();
    return (out, offset) => {
      const { cosine, sine } = next();
      let tangent = Float64Array.from({ length: d }, normal);
      const along = tangent.reduce((sum, value, i) => sum + value * meanDirection[i], 0);
      tangent = tangent.map((value, i) => value - along * meanDirection[i]);
      const factor = sine / norm(tangent);
      const x = meanDirection.map((value, i) => cosine * value + factor * tangent[i]);
      out.set(scaled(x, 1 / norm(x)), offset);
    };
  },

  toNatural: ({ meanDirection, concentration }) => scaled(meanDirection, concentration),
  fromNatural: (theta) => fromNatural(theta),
  statistics: (x) => x,
  ...ofDirections,
};

/**
 * Von Mises–Fisher distributions of directions, rows of norm 1 in d ≥ 2 dimensions, such as embeddings: the density
 * f(x) = exp(κ μᵀ x) κ^ν / {(2π)^{ν + 1} I_ν(κ)}, ν = d/2 − 1, with respect to the surface of the sphere. The coordinates of the theory
 * are those of κ μ. The ground distance of W₁ is the angle between the mean directions, in radians, and |κ − κ′|. Penalised by
 * `conjugatePenalty`, which bounds the concentration on a single row.
 */
export const vonMisesFisher: Family<VonMisesFisherParameter> = {
  ...exponentialFamily<VonMisesFisherParameter>({
    ...natural,
    penalty: conjugatePenalty(natural, ({ meanDirection }) => meanDirection.length - 1),
  }),

  // with A(θ) = κ + a(κ), where large κ would cancel: |θ + θ′| − κ − κ′ = −κ κ′ |μ − μ′|² / (|θ + θ′| + κ + κ′)
  logInnerProduct(a, b) {
    const d = a.meanDirection.length;
    const [kappa, other] = [a.concentration, b.concentration];
    let square = 0;
    for (let i = 0; i < d; i++) square += (kappa * a.meanDirection[i] + other * b.meanDirection[i]) ** 2;
    const both = Math.sqrt(square);
    const apart = kappa * other * squaredDistance(a.meanDirection, b.meanDirection);
    const rest = apart > 0 ? apart / (both + (kappa + other)) : 0;
    return scaledLogPartition(d, both) - (ownLogPartition(a) + ownLogPartition(b)) - rest;
  },

  // a(κ′) − a(κ) − (1 − A_d(κ)) (κ − κ′) + A_d(κ) κ′ (1 − μᵀ μ′)
  divergence(a, b) {
    const d = a.meanDirection.length;
    const [kappa, other] = [a.concentration, b.concentration];
    const { ratio, complement } = besselRatio(d / 2 - 1, kappa);
    const radial = ownLogPartition(b) - ownLogPartition(a) - complement * (kappa - other);
    return Math.max(0, radial + (ratio * other * squaredDistance(a.meanDirection, b.meanDirection)) / 2);
  },
};

function fromNatural(theta: Float64Array): VonMisesFisherParameter {
  const concentration = norm(theta);
  const meanDirection = concentration > 0 ? scaled(theta, 1 / concentration) : theta.map((_, i) => (i === 0 ? 1 : 0));
  return { meanDirection, concentration };
}

/** @throws InvalidInput if it is not from 0 to `MOST_CONCENTRATION` */
export function checkedConcentration(value: unknown, what: string): number {
  if (typeof value === 'number' && value >= 0 && value <= MOST_CONCENTRATION) return value;
  throw new InvalidInput(`${what} is ${described(value)}: it must be from 0 to ${MOST_CONCENTRATION}`);
}

/**
 * κ with A_d(κ) = R, by Newton's method from an approximation of Banerjee et al. (2005), between bounds that hold (Amos 1974):
 * (d − 2) R / (1 − R²) ≤ κ ≤ d R / (1 − R²).
 * @param d the dimension of the sphere's space
 * @param resultant R, the norm of the mean of the rows
 * @throws InvalidInput if R is not below 1, or by rounding only, as for rows that are all the same
 */
export function concentrationOf(d: number, resultant: number): number {
  const rest = 1 - resultant;
  if (!(rest > 8 * Number.EPSILON))
    throw new InvalidInput(`no von Mises–Fisher distribution has a mean of the norm ${resultant}`);
  const unit = resultant / (rest * (1 + resultant));
  const falling = (kappa: number): [number, number] => {
    const { ratio, complement } = besselRatio(d / 2 - 1, kappa);
    const value = kappa <= d ? resultant - ratio : complement - rest;
    return [value, kappa > 0 ? ((d - 1) * ratio) / kappa - complement * (1 + ratio) : -1 / d];
  };
  const guess = unit * (d - resultant * resultant);
  const root = fallingRoot(falling, (d - 2) * unit, d * unit, guess);
  return Math.min(root, MOST_CONCENTRATION);
}

/** Draws of the angle from the mean direction (Ulrich 1984, with the correction of Wood 1994): its cosine and its sine. */
export function cosineSampler(
  d: number,
  kappa: number,
  random: RandomStream,
): () => { readonly cosine: number; readonly sine: number } {
  const b = (d - 1) / (2 * kappa + Math.hypot(2 * kappa, d - 1));
  const beta = randomBeta.source(random)((d - 1) / 2, (d - 1) / 2);
  const x0 = (1 - b) / (1 + b);
  return () => {
    for (;;) {
      const z = beta();
      const gap = (2 * b * z) / (1 - (1 - b) * z); // 1 − cosine, without cancellation where κ is large
      const more = (2 * b) / (1 + b); // 1 − x0
      // κ w + (d − 1) log(1 − x0 w), less the same at w = x0
      const log = kappa * (more - gap) + (d - 1) * Math.log((more + x0 * gap) / (more * (1 + x0)));
      if (log >= Math.log(random())) return { cosine: 1 - gap, sine: Math.sqrt(gap * (2 - gap)) };
    }
  };
}

/** A direction with the uniform distribution on the sphere. */
export function uniformDirection(d: number, random: RandomStream): Float64Array {
  const draw = randomNormal.source(random)();
  for (;;) {
    const x = Float64Array.from({ length: d }, draw);
    const size = norm(x);
    if (size > 0) return scaled(x, 1 / size);
  }
}

function requireDirections({ data, rows, columns: d }: Samples): void {
  if (d < 2) {
    throw new InvalidInput(
      'the von-mises-fisher family is over directions of two or more columns, but the table has 1: ' +
        'use von-mises for angles',
    );
  }
  for (let j = 0; j < rows; j++) {
    const size = norm(data.subarray(j * d, (j + 1) * d));
    if (!(Math.abs(size - 1) <= NORM_TOLERANCE))
      throw new InvalidInput(`row ${j} has the norm ${size}, not 1: divide each row by its norm`);
  }
}
