import { sumOfSquares } from '../kernels/squares';
import { assemble, type Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { finished, type Steps } from '../work/work';
import { addScores } from './derivatives';
import { inverseInformation } from './information';

/** Draws times the square of the coordinates: a tenth of a second. */
const WORK = 1e8;

/** Draws for each coordinate at least, or the information is far from its mean; and at most, which is a law to a per cent. */
const LEAST_PER_COORDINATE = 3;
const MOST_DRAWS = 10_000;

/** What decides how EM goes and how estimates err, in the P coordinates of `mixtureToVector`, of one row. */
export interface EmInformation {
  /** P */
  readonly size: number;
  /** I, the Fisher information of the mixture, P × P */
  readonly observed: Float64Array;
  /** J_k, that of each component alone, p × p */
  readonly components: readonly Float64Array[];
  /** how many draws they are means over */
  readonly draws: number;
}

/**
 * The informations of a mixture and of its components, by draws.
 * @throws if scores are beyond float64
 */
export function* emInformation<P>(mixture: Mixture<P>): Steps<EmInformation> {
  const { family, order: K, dimension, weights, parameters } = mixture;
  const p = family.size(dimension);
  const size = K - 1 + K * p;
  const wanted = Math.min(MOST_DRAWS, Math.max(LEAST_PER_COORDINATE * size, WORK / size ** 2));
  const draws = Math.ceil(wanted / K); // of each component
  const sum = sumOfSquares(size);
  const components: Float64Array[] = [];
  for (const [k, theta] of parameters.entries()) {
    yield { stage: 'the law of honest distances', done: k, total: K };
    const component = assemble(family, Float64Array.of(1), [theta]);
    const { data } = sample(component, draws, `noise of component ${k}`);
    const own = sumOfSquares(p);
    finished(addScores(own, component, data, new Float64Array(draws).fill(1 / draws)));
    components.push(own.sums());
    finished(addScores(sum, mixture, data, new Float64Array(draws).fill(weights[k] / draws)));
  }
  return { size, observed: sum.sums(), components, draws: draws * K };
}

/**
 * J⁻¹, P × P: the inverse of the information that rows would have that come with their labels, diag(w) − w wᵀ of the weights and
 * (w_k J_k)⁻¹ of the components. An EM step moves by J⁻¹ times the score, so that its rate is M = 1 − J⁻¹ I.
 * @throws InvalidInput if the information of a component is singular
 */
export function completeInverse({ weights, order: K }: Mixture, { size, components }: EmInformation): Float64Array {
  const last = K - 1;
  const inverse = new Float64Array(size * size);
  for (let i = 0; i < last; i++)
    for (let j = 0; j < last; j++) inverse[i * size + j] = (i === j ? weights[i] : 0) - weights[i] * weights[j];
  components.forEach((J, k) => {
    const p = Math.sqrt(J.length);
    const own = inverseInformation({ size: p, entries: J });
    const at = last + k * p;
    for (let i = 0; i < p; i++)
      for (let j = 0; j < p; j++) inverse[(at + i) * size + at + j] = own[i * p + j] / weights[k];
  });
  return inverse;
}

/** A B of two P × P matrices; rows of A that are mostly 0 cost little. */
export function squareProduct(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const row = a.subarray(i * size, (i + 1) * size);
    const sums = out.subarray(i * size, (i + 1) * size);
    let l = 0;
    for (; l + 4 <= size; l += 4) {
      // four at a time, so that each sum is loaded and stored once for all four
      const [a0, a1, a2, a3] = [row[l], row[l + 1], row[l + 2], row[l + 3]];
      if (a0 === 0 && a1 === 0 && a2 === 0 && a3 === 0) continue;
      const at = l * size;
      for (let j = 0; j < size; j++)
        sums[j] += a0 * b[at + j] + a1 * b[at + size + j] + a2 * b[at + 2 * size + j] + a3 * b[at + 3 * size + j];
    }
    for (; l < size; l++) for (let j = 0; j < size; j++) sums[j] += row[l] * b[l * size + j];
  }
  return out;
}
