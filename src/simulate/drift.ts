import { componentsSteps } from '../aggregate/components';
import { reduce } from '../aggregate/reduce';
import { DfmrError } from '../errors';
import { type Mixture, mixtureFromVector, mixtureToVector } from '../mixture/mixture';
import { align } from '../theory/align';
import { completeInverse, type EmInformation, emInformation } from '../theory/em-information';
import { finished } from '../work/work';
import { type Failure, type Situation, USUAL_ROWS, wholly } from './failure';

// The drift attack: all liars push what they would honestly send along the direction in which EM is slowest, by as much as does most
// harm. One shot resists it, as a push that is kept is small. In rounds it is made again and again, and EM hardly takes any of it back:
// pushes of b lead b / (1 − λ) away, λ the rate along that direction.

/** The pushes that are tried, in standard errors of one machine along the direction. */
const PUSHES = [0, 0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 12, 16];

/** Multiplications after which the slowest direction is known well enough. */
const POWER_STEPS = 200;

/**
 * Adversaries that see all honest replies, and push along EM's slowest direction as far as does most harm under the component rule.
 * @param name as in the registry
 * @param cautious whether they push only so far that the honest machines' votes and their own still make a majority
 */
export function driftFailure(name: string, cautious: boolean): Failure {
  return {
    name,
    votes: 'yes',
    send<P>(situation: Situation<P>) {
      const { own, honest, start } = situation;
      if (own.length === 0 || honest.length === 0 || own[0].family.tie)
        return wholly(situation, (estimate) => estimate);
      const from = start ?? reduce(honest).mixture;
      const labelled = (estimates: readonly Mixture<P>[]) =>
        start ? estimates : estimates.map((one) => align(one, from).mixture);
      return mostHarmful({ ...situation, own: labelled(own), honest: labelled(honest) }, from, cautious);
    },
  };
}

function mostHarmful<P>(situation: Situation<P>, from: Mixture<P>, cautious: boolean): readonly Mixture<P>[] {
  const { own, honest, sampleSize: n = USUAL_ROWS, iterations = Infinity } = situation;
  const information = finished(emInformation(from));
  const { size, observed } = information;
  const I = (x: Float64Array) => times(observed, x, size);
  const J = (x: Float64Array) => completeTimes(from, information, x);
  const origin = mixtureToVector(from);
  const scores = honest.map((one) => {
    const step = minus(mixtureToVector(one), origin);
    return (iterations === 1 ? J(step) : I(step)).map((value) => n * value);
  });
  const direction = slowest(from, information);
  const unit = 1 / Math.sqrt(n * dot(direction, I(direction)));
  // away from where the honest machines would lead
  const sign = scores.reduce((sum, score) => sum + dot(score, direction), 0) > 0 ? -1 : 1;
  const push = direction.map((value) => sign * unit * value);
  const harmOf = (mixture: Mixture<P>) => dot(minus(mixtureToVector(mixture), origin), I(push));
  const passes = (mixture: Mixture<P>) => {
    const step = minus(mixtureToVector(mixture), origin);
    const loss = (n * dot(step, I(step))) / 2;
    const votes = scores.filter((score) => dot(score, step) > loss).length + own.length;
    return 2 * votes > own.length + honest.length;
  };
  let best: { readonly harm: number; readonly sent: readonly Mixture<P>[] } | undefined;
  for (const errors of PUSHES) {
    const sent = own.map((estimate) => moved(estimate, push, errors));
    if (!sent.every((one) => one !== undefined)) continue; // beyond what a mixture can be
    const estimates = [...honest, ...sent].map((mixture) => ({ mixture, sampleSize: n }));
    const { mixture } = finished(componentsSteps(estimates, {}, iterations));
    const there = iterations < Infinity ? mixture : align(mixture, from).mixture;
    if (cautious && !passes(there)) continue;
    const harm = harmOf(there);
    if (!best || harm > best.harm) best = { harm, sent };
  }
  return best?.sent ?? own;
}

function moved<P>(estimate: Mixture<P>, push: Float64Array, errors: number): Mixture<P> | undefined {
  const { family, order, dimension } = estimate;
  const vector = mixtureToVector(estimate).map((value, i) => value + errors * push[i]);
  try {
    return mixtureFromVector(vector, { family, order, dimension });
  } catch (error) {
    if (error instanceof DfmrError) return undefined;
    throw error;
  }
}

/** The direction in which EM is slowest: the first eigenvector of its rate M = 1 − J⁻¹ I, by powers of it. */
export function slowest<P>(mixture: Mixture<P>, information: EmInformation): Float64Array {
  const { size, observed } = information;
  const inverse = completeInverse(mixture, information);
  let vector = Float64Array.from({ length: size }, (_, i) => 1 / (1 + i));
  for (let step = 0; step < POWER_STEPS; step++) {
    const taken = times(inverse, times(observed, vector, size), size);
    const left = vector.map((value, i) => value - taken[i]);
    const length = Math.sqrt(dot(left, left));
    vector = left.map((value) => value / length);
  }
  return vector;
}

/** J x, with J the information of rows that come with their labels. */
function completeTimes<P>({ weights, order: K }: Mixture<P>, { components, size }: EmInformation, x: Float64Array) {
  const out = new Float64Array(size);
  const all = x.subarray(0, K - 1).reduce((sum, value) => sum + value, 0);
  for (let i = 0; i < K - 1; i++) out[i] = x[i] / weights[i] + all / weights[K - 1];
  components.forEach((own, k) => {
    const p = Math.sqrt(own.length);
    const at = K - 1 + k * p;
    out.set(
      times(own, x.subarray(at, at + p), p).map((value) => weights[k] * value),
      at,
    );
  });
  return out;
}

const times = (matrix: Float64Array, x: Float64Array, size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => dot(matrix.subarray(i * size, (i + 1) * size), x));

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i], 0);

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]);
