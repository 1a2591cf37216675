import { randomNormal } from 'd3-random';
import { cholesky } from '../math/linear-algebra';
import { randomStream } from '../math/random';
import type { FlatExperts } from './flat-experts';

/** Places of a response, and the probability that each stands for: an integral over y is the sum over them. */
export interface ResponsePlaces {
  /** places × q */
  readonly y: Float64Array;
  readonly masses: Float64Array;
}

/**
 * Places for the distribution of responses at one row: of normal variables equally spaced ones (the trapezoidal rule converges faster than any
 * power), of three responses or more draws, always the same; of whole numbers all that matter, or every so many.
 * @param eta K × q linear predictors
 * @param gates π_1 … π_K
 */
export function responsePlaces(flat: FlatExperts, eta: Float64Array, gates: Float64Array): ResponsePlaces {
  const { law, order, responses: q, variances } = flat;
  const y: number[] = [];
  const masses: number[] = [];
  for (let k = 0; k < order; k++) {
    if (gates[k] === 0) continue;
    if (!law.hasVariance) {
      for (const [place, mass] of wholeNumbers(flat, eta[k])) {
        y.push(place);
        masses.push(gates[k] * mass);
      }
      continue;
    }
    const lower = cholesky(variances.subarray(k * q * q, (k + 1) * q * q), q) as Float64Array;
    const { z, shares } = standardPlaces(q);
    for (let i = 0; i < shares.length; i++) {
      for (let r = 0; r < q; r++) {
        let sum = eta[k * q + r];
        for (let s = 0; s <= r; s++) sum += lower[r * q + s] * z[i * q + s];
        y.push(sum);
      }
      masses.push(gates[k] * shares[i]);
    }
  }
  return { y: Float64Array.from(y), masses: Float64Array.from(masses) };
}

/** Standard deviations on each side of the mean. */
const REACH = 8;
/** Places a standard deviation, of one response and of two. */
const DENSITY = [8, 3];
/** Draws of more responses. */
const DRAWS = 1024;

const known = new Map<number, { readonly z: Float64Array; readonly shares: Float64Array }>();

/** Places of q independent standard normal variables. */
function standardPlaces(q: number): { readonly z: Float64Array; readonly shares: Float64Array } {
  const before = known.get(q);
  if (before) return before;
  const made = q > DENSITY.length ? drawn(q) : grid(q);
  known.set(q, made);
  return made;
}

function drawn(q: number) {
  const normal = randomNormal.source(randomStream(1, 'places of responses'))();
  const half = Float64Array.from({ length: (DRAWS / 2) * q }, () => normal());
  return { z: Float64Array.of(...half, ...half.map((one) => -one)), shares: new Float64Array(DRAWS).fill(1 / DRAWS) };
}

function grid(q: number) {
  const steps = DENSITY[q - 1];
  const line = Array.from({ length: 2 * REACH * steps + 1 }, (_, i) => i / steps - REACH);
  const points = q === 1 ? line.map((a) => [a]) : line.flatMap((a) => line.map((b) => [a, b]));
  const heights = points.map((point) => Math.exp(-0.5 * point.reduce((sum, one) => sum + one * one, 0)));
  const total = heights.reduce((sum, one) => sum + one, 0);
  return { z: Float64Array.from(points.flat()), shares: Float64Array.from(heights, (one) => one / total) };
}

/** The most places of a count. */
const MOST_COUNTS = 1000;

/** The whole numbers that matter, with their probabilities. */
function wholeNumbers({ law }: FlatExperts, eta: number): [place: number, mass: number][] {
  if (law.name === 'logistic') return [0, 1].map((y) => [y, law.mean(y === 1 ? eta : -eta)]);
  const [mean, spread] = [law.mean(eta), Math.sqrt(law.slope(eta))];
  const from = Math.max(0, Math.floor(mean - REACH * spread));
  const to = Math.ceil(mean + REACH * spread + 20); // beside small means, whose tails are longer
  const step = Math.ceil((to - from) / MOST_COUNTS);
  const places: [number, number][] = [];
  for (let y = from; y <= to; y += step) places.push([y, step * Math.exp(law.logDensity(y, eta, 1))]);
  return places;
}
