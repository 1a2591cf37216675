import { coat } from '../aggregate/coat';
import { reduce } from '../aggregate/reduce';
import { InvalidInput } from '../errors';
import type { Family } from '../families/family';
import type { RandomStream } from '../math/random';
import { assemble, type Mixture, mixture } from '../mixture/mixture';
import { type Failure, USUAL_ROWS, wholly } from './failure';

// Adversaries: machines that know the honest estimates, and choose what does most harm. Random failures, as the paper has them, are far
// from everything and easily found; these stay near, or hide where a filter does not look.

/** A lie: what becomes of an estimate of n rows; undefined if it does not apply to it. */
type Lie = <P>(estimate: Mixture<P>, n: number, random: RandomStream) => Mixture<P> | undefined;

/** How far copies are moved, in standard deviations, so that they are not the same to the letter. */
const NUDGE = 1e-7;

/** How far a component is sent that is to move the result without bound, in standard deviations. */
const FAR = 1e5;

/** An adversary that distorts its own honest estimate. */
export function alone(name: string, lie: Lie): Failure {
  return {
    name,
    send: (situation) =>
      wholly(situation, (estimate, random) => lie(estimate, situation.sampleSize ?? USUAL_ROWS, random) ?? estimate),
  };
}

/** Adversaries that all send one lie, what becomes of the honest machines' reduction, each moved a little. */
export function together(name: string, lie: Lie): Failure {
  return {
    name,
    send: (situation) => {
      const { honest, own, sampleSize = USUAL_ROWS } = situation;
      const known = reduce(honest.length > 0 ? honest : own).mixture;
      return wholly(situation, (_, random) => nudged(lie(known, sampleSize, random) ?? known, random));
    },
  };
}

/** Adversaries that send what `choose` takes from the honest estimates, each moved by `strength` standard errors. */
function copies(name: string, choose: <P>(honest: readonly Mixture<P>[]) => Mixture<P>, strength: number): Failure {
  return {
    name,
    send: (situation) => {
      const chosen = choose(situation.honest.length > 0 ? situation.honest : situation.own);
      const { sampleSize = USUAL_ROWS } = situation;
      return wholly(situation, (_, random) =>
        strength === 0 ? nudged(chosen, random) : scattered(chosen, strength / Math.sqrt(sampleSize), random),
      );
    },
  };
}

/**
 * How far the i-th coordinate of θ must move for a density one standard deviation away: where the Jeffreys divergence is ½, as for
 * the mean of a Gaussian. Coordinates are those of the family's vector.
 */
function unitOf<P>(family: Family<P>, theta: P, i: number): number {
  const jeffreys = (step: number) => {
    const other = movedBy(family, theta, i, step);
    return other ? (family.divergence(theta, other) + family.divergence(other, theta)) / 2 : Infinity;
  };
  let step = Math.max(Math.abs(family.toVector(theta)[i]), 1);
  for (let tries = 0; tries < 200 && !(jeffreys(step) < 0.5); tries++) step /= 2;
  for (let tries = 0; tries < 200 && jeffreys(2 * step) < 0.5; tries++) step *= 2;
  let [low, high] = [step, 2 * step];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (jeffreys(middle) < 0.5) low = middle;
    else high = middle;
  }
  return low;
}

/** θ with its i-th coordinate larger by a step; undefined if that is no θ, as of a probability above 1. */
function movedBy<P>(family: Family<P>, theta: P, i: number, step: number): P | undefined {
  const vector = family.toVector(theta).slice();
  vector[i] += step;
  try {
    return family.parameter(family.fromVector(vector, family.dimension(theta)), 'the lie');
  } catch (error) {
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}

/** θ moved by some standard deviations along its i-th coordinate, or by as many of their halves, quarters … as the family goes. */
function moved<P>(family: Family<P>, theta: P, deviations: number, i = 0): P {
  let step = deviations * unitOf(family, theta, i);
  for (let tries = 0; tries < 60; tries++, step /= 2) {
    const other = movedBy(family, theta, i, step);
    if (other) return other;
  }
  return theta;
}

/** The mixture with component k in place of its own. */
const withComponent = <P>(estimate: Mixture<P>, k: number, theta: P): Mixture<P> =>
  mixtureLike(estimate, estimate.weights, estimate.parameters.toSpliced(k, 1, theta));

/** A mixture of parts of another's family; tied parts are made the same. */
function mixtureLike<P>({ family }: Mixture<P>, weights: Float64Array, parameters: readonly P[]): Mixture<P> {
  return assemble(family, weights, family.tie?.(parameters, weights) ?? parameters);
}

/** Each component moved by a hardly visible step. */
function nudged<P>(estimate: Mixture<P>, random: RandomStream): Mixture<P> {
  const { family, weights, parameters } = estimate;
  return mixtureLike(
    estimate,
    weights,
    parameters.map((theta) => moved(family, theta, NUDGE * (random() + 0.5))),
  );
}

/** Each component moved at random, by some standard deviations of its own along each of a few coordinates. */
function scattered<P>(estimate: Mixture<P>, deviations: number, random: RandomStream): Mixture<P> {
  const { family, weights, parameters, dimension } = estimate;
  const locations = Math.min(dimension, family.size(dimension));
  const scatter = (theta: P, k: number) => {
    let other = theta;
    for (let i = 0; i < locations; i++)
      other = moved(family, other, (2 * deviations * random()) / Math.sqrt(Math.max(weights[k], 0.02)), i);
    return other;
  };
  return mixtureLike(estimate, weights, parameters.map(scatter));
}

/** The component that a distance of densities sees least: of the least w² ∫ f². */
export function hiddenComponent<P>({ family, weights, parameters }: Mixture<P>): number {
  const heights = parameters.map((theta, k) => 2 * Math.log(weights[k]) + family.logInnerProduct(theta, theta));
  return heights.indexOf(Math.min(...heights.filter((height) => height > -Infinity)));
}

/** Component k is sent some standard deviations away. */
export const moveLie =
  (k: number | undefined, deviations: number): Lie =>
  (estimate) => {
    const at = k ?? hiddenComponent(estimate);
    return withComponent(estimate, at, moved(estimate.family, estimate.parameters[at], deviations));
  };

/** Component k is sent away with hardly any weight: the others say what is true. */
export const dropLie =
  (k: number | undefined, weight: number, deviations: number): Lie =>
  (estimate) => {
    const { family, weights, parameters, order } = estimate;
    if (order === 1) return undefined;
    const at = k ?? hiddenComponent(estimate);
    const others = weights.map((w, l) => (l === at ? weight : (w * (1 - weight)) / (1 - weights[at])));
    return mixtureLike(estimate, others, parameters.toSpliced(at, 1, moved(family, parameters[at], deviations)));
  };

/** Components j and k become one, their barycentre, and the freed one is sent away. */
export const mergeLie =
  (j: number, k: number, weight: number, deviations: number): Lie =>
  (estimate) => {
    const { family, weights, parameters } = estimate;
    if (!(weights[j] + weights[k] > 0)) return undefined;
    const both = family.barycentre([parameters[j], parameters[k]], Float64Array.of(weights[j], weights[k]));
    const sent = parameters.toSpliced(j, 1, both).toSpliced(k, 1, moved(family, parameters[k], deviations));
    const merged = weights.map((w, l) => (l === k ? weight : (1 - weight) * (l === j ? weights[j] + weights[k] : w)));
    return mixtureLike(estimate, merged, sent);
  };

/** All components are pushed the same way, by some standard errors of each. */
export const pushLie =
  (errors: number): Lie =>
  (estimate, n) => {
    const { family, weights, parameters, dimension } = estimate;
    const push = (theta: (typeof parameters)[number], k: number) => {
      let other = theta;
      const each = errors / Math.sqrt(dimension * n * Math.max(weights[k], 0.02));
      for (let i = 0; i < Math.min(dimension, family.size(dimension)); i++) other = moved(family, other, each, i);
      return other;
    };
    return mixtureLike(estimate, weights, parameters.map(push));
  };

/** All components are wider, or narrower, by a factor of the variance; of families that have a width. */
export const widthLie =
  (factor: number): Lie =>
  (estimate) => {
    const { family, weights, parameters } = estimate;
    const wider = parameters.map((theta) => {
      const entries = Object.entries(theta as object).map(([key, value]) => [key, widened(key, value, factor)]);
      return Object.fromEntries(entries);
    });
    const changed = wider.some((theta, k) =>
      Object.keys(theta).some((key) => theta[key] !== (parameters[k] as never)[key]),
    );
    return changed ? mixture(family, weights, wider) : undefined;
  };

function widened(key: string, value: unknown, factor: number): unknown {
  if (key === 'covariance' || key === 'variances') return (value as Float64Array).map((entry) => entry * factor);
  if (key === 'variance') return (value as number) * factor;
  return key === 'scale' ? (value as number) * Math.sqrt(factor) : value;
}

/** Odd components get more weight and even ones less, by a share. */
export const tiltLie =
  (share: number): Lie =>
  (estimate) => {
    const { weights, parameters } = estimate;
    const tilted = weights.map((w, k) => w * (1 + (k % 2 === 1 ? share : -share)));
    const total = tilted.reduce((sum, w) => sum + w, 0);
    return mixtureLike(
      estimate,
      tilted.map((w) => w / total),
      parameters,
    );
  };

/** All components are wider by a factor, and all but component k claim hardly any rows, so that errors of this size are believed. */
export const vacuousLie =
  (k: number, factor: number): Lie =>
  (estimate, n, random) => {
    const wide = widthLie(factor)(estimate, n, random);
    const few = 1 / (n * factor);
    const weights = estimate.weights.map((_, l) => (l === k ? 1 - (estimate.order - 1) * few : few));
    return wide && mixtureLike(wide, weights, wide.parameters);
  };

/** Simulations draw the same candidates for a centre again: nobody lies about them. */
const FIXED = { seed: 1 };

/** The honest machine that is farthest from the honest centre. */
function worstOf<P>(honest: readonly Mixture<P>[]): Mixture<P> {
  const { distances } = coat(honest, FIXED);
  return honest[distances.indexOf(Math.max(...distances))];
}

const centreOfHonest = <P>(honest: readonly Mixture<P>[]): Mixture<P> => coat(honest, FIXED).mixture;

/** Adversaries by their names in the registry; a number is the lie's size. */
export const adversaries = {
  move: (deviations = FAR) => alone(`move(${deviations})`, moveLie(undefined, deviations)),
  'move-together': (deviations = FAR) => together(`move-together(${deviations})`, moveLie(undefined, deviations)),
  drop: (weight = 1e-6) => alone(`drop(${weight})`, dropLie(undefined, weight, FAR)),
  'drop-together': (weight = 1e-6) => together(`drop-together(${weight})`, dropLie(undefined, weight, FAR)),
  push: (errors = 4) => alone(`push(${errors})`, pushLie(errors)),
  'push-together': (errors = 4) => together(`push-together(${errors})`, pushLie(errors)),
  width: (factor = 2) => alone(`width(${factor})`, widthLie(factor)),
  tilt: (share = 0.3) => alone(`tilt(${share})`, tiltLie(share)),
  'tilt-together': (share = 0.3) => together(`tilt-together(${share})`, tiltLie(share)),
  'copies-of-centre': (errors = 0) => copies(`copies-of-centre(${errors})`, centreOfHonest, errors),
  'copies-of-worst': (errors = 0) => copies(`copies-of-worst(${errors})`, worstOf, errors),
} as const satisfies Record<string, (size?: number) => Failure>;

/**
 * The arena's adversaries against mixtures of K components: every lie of every size about every component, by machines that distort
 * their own estimates and by those that send one lie together; copies of honest machines; some hundred in all.
 * @param order K
 * @returns failures, as `fail` takes them
 * @example
 * const lies = adversaryLibrary(3);
 * lies.length; // 145
 * lies[0].name; // 'component 0 moved by 0.2, each'
 */
export function adversaryLibrary(order: number): Failure[] {
  const ks = Array.from({ length: order }, (_, k) => k);
  const lies: [string, Lie][] = [
    ...[0.2, 0.5, 1, 2, 4, 8, 20, 1e3, 1e5].flatMap((far) =>
      ks.map((k): [string, Lie] => [`component ${k} moved by ${far}`, moveLie(k, far)]),
    ),
    ...[8, 1e5].flatMap((far) =>
      ks.flatMap((k) =>
        [0.03, 0.003, 1e-6].map((w): [string, Lie] => [`component ${k} of weight ${w} at ${far}`, dropLie(k, w, far)]),
      ),
    ),
    ...ks.flatMap((j) =>
      ks
        .slice(0, j)
        .flatMap((k) =>
          [0.03, 1e-6].map((w): [string, Lie] => [
            `components ${k} and ${j} merged, ${w} away`,
            mergeLie(j, k, w, 1e5),
          ]),
        ),
    ),
    ...[1, 2, 4, 8, 16].map((errors): [string, Lie] => [`all pushed by ${errors} errors`, pushLie(errors)]),
    ...[1.1, 1.3, 2, 9, 1 / 1.3, 1 / 9].map((s): [string, Lie] => [`variances × ${s.toFixed(2)}`, widthLie(s)]),
    ...[30, 1e3].flatMap((s) =>
      ks.map((k): [string, Lie] => [`all weight in component ${k}, variances × ${s}`, vacuousLie(k, s)]),
    ),
    ...[0.1, 0.3].map((share): [string, Lie] => [`weights tilted by ${share}`, tiltLie(share)]),
  ];
  return [
    ...lies.flatMap(([name, lie]) => [alone(`${name}, each`, lie), together(`${name}, together`, lie)]),
    copies('copies of the centre', centreOfHonest, 0),
    copies('copies of the worst', worstOf, 0),
    ...[0.1, 0.3, 1].map((s) => copies(`copies of the centre, ${s} errors apart`, centreOfHonest, s)),
  ];
}
