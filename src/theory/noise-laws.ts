import { DfmrError } from '../errors';
import { assemble, type Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { finished, type Steps } from '../work/work';
import { mixtureScores } from './derivatives';
import { inverseInformation } from './information';

/** How the estimate of one part of a mixture, a component or the weights, errs about the truth. */
export interface NoiseLaw {
  /** how many times larger its variance is than if rows came with their labels: 1 if nothing overlaps */
  readonly inflation: number;
  /** along how many directions it errs, as for a χ² of the same first two moments (Satterthwaite) */
  readonly degreesOfFreedom: number;
}

/** The information has the square of this many numbers at most: above, its law is not asked for. */
const MOST_COORDINATES = 400;

/** Draws times the square of the coordinates: a tenth of a second. */
const WORK = 1e8;

/** Draws for each coordinate at least, or the information is far from its mean; and at most, which is a law to a per cent. */
const LEAST_PER_COORDINATE = 3;
const MOST_DRAWS = 10_000;

/** More inflation is not believed: the information is nearly singular, as with a surplus component. */
const MOST_INFLATION = 20;

/**
 * The laws of the K components and, for K > 1, of the weights, of an estimate of n rows: if rows came with labels, n w_k times the
 * Jeffreys divergence of component k would be ½ χ² of p degrees of freedom; as they do not, its mean is larger by the inflation,
 * tr(w_k J_k C_kk) / p, with C the inverse Fisher information of the mixture and J_k that of the component.
 * @returns undefined if the information is not known: components share parameters, there are too many, or it is singular
 */
export function* noiseLaws<P>(mixture: Mixture<P>): Steps<readonly NoiseLaw[] | undefined> {
  const { family, order: K, dimension, weights, parameters } = mixture;
  const p = family.size(dimension);
  const P = K - 1 + K * p;
  if (family.tie || P > MOST_COORDINATES || weights.some((weight) => !(weight > 0))) return undefined;
  const wanted = Math.min(MOST_DRAWS, Math.max(LEAST_PER_COORDINATE * P, WORK / P ** 2));
  const draws = Math.ceil(wanted / K); // of each component
  const information = new Float64Array(P * P);
  const own: Float64Array[] = [];
  try {
    for (const [k, theta] of parameters.entries()) {
      yield { stage: 'the law of honest distances', done: k, total: K };
      const component = assemble(family, Float64Array.of(1), [theta]);
      const { data } = sample(component, draws, `noise of component ${k}`);
      own.push(addGram(finished(mixtureScores(component, data)), draws, 1 / draws, new Float64Array(p * p)));
      addGram(finished(mixtureScores(mixture, data)), draws, weights[k] / draws, information);
    }
    const inverse = inverseInformation({ size: P, entries: information });
    const unbiased = 1 - P / (draws * K); // the mean of the inverse of a sum of so few squares is too large
    const lawOf = (J: (i: number, j: number) => number, first: number, size: number): NoiseLaw => {
      const product = new Float64Array(size * size); // J C of the part
      for (let i = 0; i < size; i++)
        for (let j = 0; j < size; j++)
          for (let l = 0; l < size; l++) product[i * size + l] += J(i, j) * inverse[(first + j) * P + first + l];
      let [trace, square] = [0, 0];
      for (let i = 0; i < size; i++) {
        trace += product[i * size + i];
        for (let j = 0; j < size; j++) square += product[i * size + j] * product[j * size + i];
      }
      return { inflation: Math.min((unbiased * trace) / size, MOST_INFLATION), degreesOfFreedom: trace ** 2 / square };
    };
    const last = K - 1;
    const laws = own.map((J, k) => lawOf((i, j) => weights[k] * J[i * p + j], last + k * p, p));
    if (K > 1) laws.push(lawOf((i, j) => (i === j ? 1 / weights[i] : 0) + 1 / weights[last], 0, last));
    return laws.every(({ inflation }) => inflation > 0 && inflation < Infinity) ? laws : undefined;
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    return undefined; // singular, or beyond float64
  }
}

/** out + factor SᵀS, of n rows of scores. */
function addGram(scores: Float64Array, n: number, factor: number, out: Float64Array): Float64Array {
  const P = Math.sqrt(out.length);
  const none = new Float64Array(P);
  for (let j = 0; j < n; j += 4) {
    // four rows at a time, so that each sum is loaded and stored once for all four
    const [r0, r1, r2, r3] = [0, 1, 2, 3].map((t) =>
      j + t < n ? scores.subarray((j + t) * P, (j + t + 1) * P) : none,
    );
    for (let a = 0; a < P; a++) {
      const [s0, s1, s2, s3] = [r0[a] * factor, r1[a] * factor, r2[a] * factor, r3[a] * factor];
      const at = a * P;
      for (let b = 0; b <= a; b++) out[at + b] += s0 * r0[b] + s1 * r1[b] + s2 * r2[b] + s3 * r3[b];
    }
  }
  for (let a = 0; a < P; a++) for (let b = 0; b < a; b++) out[b * P + a] = out[a * P + b];
  return out;
}
