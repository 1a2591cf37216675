import { randomGamma } from 'd3-random';
import { InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import { lgam, psi, trigamma } from '../math/gamma-function';
import type { Samples } from '../math/table';
import { conjugatePenalty, type ExponentialFamily, exponentialFamily } from './exponential-family';
import { wrongShape } from './failures';
import type { Family } from './family';
import { checkedNumber } from './scalar-parameter';

/** The concentrations α_1 … α_d > 0; the mean of the i-th part is α_i / Σ α. */
export interface DirichletParameter {
  /** α, d numbers above 0 */
  readonly concentration: Float64Array;
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

const natural: ExponentialFamily<DirichletParameter> = {
  name: 'dirichlet',
  parameter(value, where) {
    const given = (value as Partial<DirichletParameter> | null)?.concentration;
    if (!(given && given.length > 1))
      throw new InvalidInput(`${where} needs a concentration, but is ${described(value)}`);
    if (given.length === 2) {
      throw new InvalidInput(
        `${where} is a beta distribution, whose mixtures are in general not identifiable (Remark 3.3): use three parts`,
      );
    }
    const name = (i: number) => `${where}: concentration[${i}]`;
    const concentration = numbersOf(given, name);
    concentration.forEach((alpha, i) => {
      checkedNumber(alpha, { positiveUpTo: 1e9 }, name(i));
    });
    return { concentration };
  },
  dimension: ({ concentration }) => concentration.length,
  size: (d) => d,
  toVector: ({ concentration }) => concentration.slice(),
  fromVector: (concentration) => ({ concentration }),
  toJSON: ({ concentration }) => ({ concentration: [...concentration] }),
  groundDistance: (a, b) => a.concentration.reduce((sum, alpha, i) => sum + Math.abs(alpha - b.concentration[i]), 0),
  requireSupport: requireProportions,
  notes: () => [
    'Dirichlet mixtures are identifiable for most parameters only: a component is the same as a mixture of those with one of ' +
      'its concentrations larger by 1, and near such parameters estimates that are close in L² may differ.',
  ],
  squareIntegrable: 'the product of Dirichlet densities is integrable where every α + α′ is above 1',
  failures: {
    concentration: ({ concentration }, random) => ({ concentration: concentration.map(() => wrongShape(random)) }),
  },
  sampler({ concentration }, random) {
    const parts = Array.from(concentration, (alpha) => randomGamma.source(random)(alpha, 1));
    return (out, offset) => {
      const drawn = Float64Array.from(parts, (part) => Math.max(part(), 1e-100)); // small α draw numbers below float64
      const total = sumOf(drawn);
      drawn.forEach((x, i) => {
        out[offset + i] = x / total;
      });
    };
  },

  // T(x) = log x, θ = α − 1; densities are with respect to the first d − 1 parts
  toNatural: ({ concentration }) => concentration.map((alpha) => alpha - 1),
  fromNatural: (theta) => ({ concentration: theta.map((value) => value + 1) }),
  statistics: (x) => x.map(Math.log),
  logPartition: (theta) => {
    if (theta.some((value) => !(value > -1))) return Infinity;
    const alphas = theta.map((value) => value + 1);
    return sumOf(alphas.map(lgam)) - lgam(sumOf(alphas));
  },
  gradient: (theta) => meanLogs(theta.map((value) => value + 1)),
  inverseGradient: (t) => concentrationOf(t).map((alpha) => alpha - 1),
};

/**
 * Dirichlet distributions of three or more proportions that sum to 1, for compositions; penalised by `conjugatePenalty`. Their
 * mixtures are identifiable for most parameters only: a component is the same as a mixture of those with one of its
 * concentrations larger by 1. Of two parts they would be beta distributions, whose mixtures are in general not identifiable.
 */
export const dirichlet: Family<DirichletParameter> = exponentialFamily<DirichletParameter>({
  ...natural,
  penalty: conjugatePenalty(natural, ({ concentration }) => concentration.length - 1),
});

function meanLogs(alphas: Float64Array): Float64Array {
  const all = psi(sumOf(alphas));
  return alphas.map((alpha) => psi(alpha) - all);
}

/**
 * α with E log x_i = ψ(α_i) − ψ(Σ α) = t_i: Newton's method on the convex A(θ) − θᵀ t, whose Hessian is diagonal but for a
 * matrix of rank one (Minka 2000).
 * @throws InvalidInput if no Dirichlet distribution has these means, as for rows that are all the same
 */
function concentrationOf(t: Float64Array): Float64Array {
  const geometric = t.map(Math.exp);
  const total = sumOf(geometric);
  if (!(total < 1)) throw new InvalidInput(`no Dirichlet distribution has the mean logs ${[...t]}`);
  const objective = (alphas: Float64Array) =>
    sumOf(alphas.map((alpha, i) => lgam(alpha) - alpha * t[i])) - lgam(sumOf(alphas));
  // ψ(x) ≈ log x − 1 / (2x), to begin with
  let alphas = geometric.map((g) => Math.max((g / total) * ((t.length - 1) / (2 * (1 - total))), 1e-3));
  let value = objective(alphas);
  for (let step = 0; step < 200; step++) {
    const gradient = meanLogs(alphas).map((mean, i) => mean - t[i]);
    const diagonal = alphas.map(trigamma);
    const z = trigamma(sumOf(alphas));
    const shared = sumOf(gradient.map((g, i) => g / diagonal[i])) / (1 / z - sumOf(diagonal.map((q) => 1 / q)));
    const move = gradient.map((g, i) => -(g + shared) / diagonal[i]);
    let next = alphas;
    let nextValue = Infinity;
    for (let share = 1; share > 1e-10; share /= 2) {
      next = alphas.map((alpha, i) => alpha + share * move[i]);
      if (next.some((alpha) => !(alpha > 0))) continue;
      nextValue = objective(next);
      if (nextValue <= value + 1e-12 * Math.abs(value)) break;
    }
    if (!(nextValue < Infinity)) return alphas;
    const still = next.every((alpha, i) => Math.abs(alpha - alphas[i]) <= 1e-13 * alpha);
    [alphas, value] = [next, nextValue];
    if (still) break;
  }
  return alphas;
}

function requireProportions({ data, rows, columns: d }: Samples): void {
  if (d < 3) {
    throw new InvalidInput(`the dirichlet family is over three or more proportions, but the table has ${d} columns`);
  }
  for (let j = 0; j < rows; j++) {
    const row = data.subarray(j * d, (j + 1) * d);
    const bad = row.findIndex((x) => !(x >= 1e-100));
    if (bad >= 0) {
      throw new InvalidInput(
        `row ${j}, column ${bad} is ${row[bad]}: proportions are above 0, so replace zeros by small ones`,
      );
    }
    const total = sumOf(row);
    if (!(Math.abs(total - 1) <= 1e-6))
      throw new InvalidInput(`row ${j} sums to ${total}, not to 1: divide it by its sum`);
  }
}
