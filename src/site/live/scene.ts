// What the reader of the live page changes, and what machines and rules make of it: nothing here knows of a browser.

import { dfmrComponents } from '../../aggregate/components';
import { dfmr } from '../../aggregate/dfmr';
import { oracle } from '../../aggregate/oracle';
import { reduce } from '../../aggregate/reduce';
import { l2DistanceMatrix } from '../../distance/l2';
import { wasserstein1 } from '../../distance/transport-divergence';
import { messageOf } from '../../errors';
import { type Fit, fit } from '../../estimate/fit';
import type { GaussianParameter } from '../../families/gaussian-parameter';
import { gaussianMixture } from '../../mixture/constructors';
import type { Mixture } from '../../mixture/mixture';
import { sample } from '../../mixture/sample';

export type Gaussians = Mixture<GaussianParameter>;
export type Point = readonly [x: number, y: number];

/** What the machines' rows come from. */
export const TRUTH: Gaussians = gaussianMixture({
  weights: [0.5, 0.4, 0.1],
  means: [
    [-2.4, -0.9],
    [2.5, -1.2],
    [0.2, 2.2],
  ],
  covariances: [
    [
      [0.9, 0.35],
      [0.35, 0.6],
    ],
    [
      [0.7, -0.3],
      [-0.3, 0.8],
    ],
    [
      [2, 0.4],
      [0.4, 1.2],
    ],
  ],
});

/** What liars say of one component. */
export interface Lie {
  readonly mean: Point;
  /** the weight, before all three are made to sum to one */
  readonly weight: number;
  /** how many times as wide as it is */
  readonly width: number;
}

export interface Scene {
  /** m */
  readonly machines: number;
  /** rows of each machine */
  readonly rows: number;
  /** the share of machines that lie, in percent */
  readonly liars: number;
  /** ρ of DFMR */
  readonly inflation: number;
  /** of each component */
  readonly lies: readonly Lie[];
}

/** What is so. */
export const HONEST: readonly Lie[] = TRUTH.parameters.map(({ mean }, k) => ({
  mean: [mean[0], mean[1]],
  weight: TRUTH.weights[k],
  width: 1,
}));

/** Lies about one component. */
const lyingAbout = (component: number, lie: Partial<Lie>): readonly Lie[] =>
  HONEST.map((one, k) => (k === component ? { ...one, ...lie } : one));

/** A heavy component that is said to be elsewhere. */
export const FAR: Scene = {
  machines: 20,
  rows: 500,
  liars: 30,
  inflation: 1.3,
  lies: lyingAbout(0, { mean: [-4.4, 2.2] }),
};

/** Scenes to begin from, by the names of the page's buttons. */
export const SCENES: Readonly<Record<string, Scene>> = {
  far: FAR,
  light: { ...FAR, lies: lyingAbout(2, { mean: [5.4, 3.2], weight: 0.08, width: 1.5 }) },
  near: { ...FAR, lies: lyingAbout(0, { mean: [-2.1, -0.6] }) },
  strict: { ...FAR, lies: HONEST, liars: 0, inflation: 1 },
  most: { ...FAR, liars: 55 },
};

/** The machines that lie, spread among the others; who lies still does if more do. */
export function liarsOf({ machines, liars }: Pick<Scene, 'machines' | 'liars'>): ReadonlySet<number> {
  const stride = machines % 7 === 0 ? 5 : 7;
  const order = Array.from({ length: machines }, (_, i) => (stride * i + 3) % machines);
  return new Set(order.slice(0, Math.round((machines * liars) / 100)));
}

const fits = new Map<string, Fit<GaussianParameter>>();

/** What machine i makes of its rows. */
function honestFit(machine: number, rows: number): Fit<GaussianParameter> {
  const key = `${machine} ${rows}`;
  let found = fits.get(key);
  if (!found) {
    found = fit(sample(TRUTH, rows, `machine ${machine}`).data, { order: TRUTH.order, start: TRUTH });
    fits.set(key, found);
  }
  return found;
}

/** What a liar sends in place of its estimate: with its own error, so that no two liars send the same. */
function lieOf({ mixture }: Fit<GaussianParameter>, { lies }: Scene): Gaussians {
  const said = lies.map(({ weight }, k) => (mixture.weights[k] * weight) / HONEST[k].weight);
  const sum = said.reduce((total, weight) => total + weight, 0);
  return gaussianMixture({
    weights: said.map((weight) => weight / sum),
    means: mixture.parameters.map(({ mean }, k) => [0, 1].map((j) => mean[j] + lies[k].mean[j] - HONEST[k].mean[j])),
    covariances: mixture.parameters.map(({ covariance }, k) =>
      [0, 1].map((i) => [0, 1].map((j) => covariance[2 * i + j] * lies[k].width ** 2)),
    ),
  });
}

/** What one rule answers. */
export interface RuleAnswer {
  readonly name: 'vanilla' | 'dfmr' | 'components' | 'oracle' | 'coat';
  readonly mixture?: Gaussians;
  /** W₁ to the truth */
  readonly error?: number;
  /** of each machine whether it is kept */
  readonly kept: readonly boolean[];
  /** `[machine]`: why it, or a part of it, is set aside */
  readonly reasons: readonly (readonly string[])[];
}

export interface Answers {
  readonly estimates: readonly Gaussians[];
  readonly liars: ReadonlySet<number>;
  readonly rules: readonly RuleAnswer[];
  /** the L² distances to the centre of attention, its radius, and how far DFMR reaches */
  readonly distances: Float64Array;
  /** the machine that is the centre */
  readonly centre: number;
  readonly radius: number;
  readonly threshold: number;
  /** `[machine][component]`: whether the component rule uses it */
  readonly parts: readonly (readonly boolean[])[];
  /** why there is no answer, if there is none */
  readonly failure?: string;
}

/** What the rules make of what the machines send. */
export function answersOf(scene: Scene): Answers {
  const m = scene.machines;
  const liars = liarsOf(scene);
  const sent = Array.from({ length: m }, (_, i) => {
    const honest = honestFit(i, scene.rows);
    return { mixture: liars.has(i) ? lieOf(honest, scene) : honest.mixture, sampleSize: scene.rows };
  });
  const estimates = sent.map(({ mixture }) => mixture);
  const everyone = sent.map(() => true);
  const answer = (
    name: RuleAnswer['name'],
    mixture: Gaussians,
    kept: readonly boolean[] = everyone,
    setAside: readonly { readonly machine: number; readonly reason: string }[] = [],
  ): RuleAnswer => ({
    name,
    mixture,
    error: wasserstein1(mixture, TRUTH),
    kept,
    reasons: estimates.map((_, i) => setAside.filter(({ machine }) => machine === i).map(({ reason }) => reason)),
  });
  try {
    const distanceMatrix = l2DistanceMatrix(estimates);
    const filtered = dfmr(sent, { inflationFactor: scene.inflation, distanceMatrix });
    const byParts = dfmrComponents(sent);
    const K = TRUTH.order;
    const parts = sent.map(() => new Array<boolean>(K).fill(false));
    for (const [at, k] of byParts.assignment.entries()) parts[Math.floor(at / K)][k] = byParts.keptComponents[at] === 1; // by the machine's own numbers
    const keptBy = (kept: Int32Array) => sent.map((_, i) => kept.includes(i));
    const { index, radius, distances } = filtered.coat;
    return {
      estimates,
      liars,
      rules: [
        answer('vanilla', reduce(sent).mixture),
        answer('coat', estimates[index], keptBy(Int32Array.of(index))),
        answer('dfmr', filtered.mixture, keptBy(filtered.kept), filtered.setAside),
        answer('components', byParts.mixture, keptBy(byParts.kept), byParts.setAside),
        answer('oracle', oracle(sent, [...liars]).mixture),
      ],
      distances,
      centre: index,
      radius,
      threshold: filtered.threshold,
      parts,
    };
  } catch (error) {
    const none = new Float64Array(m);
    return {
      ...{ estimates, liars, rules: [], distances: none, centre: 0, radius: 0, threshold: 0, parts: [] },
      failure: messageOf(error),
    };
  }
}
