import { randomNormal } from 'd3-random';
import seedrandom from 'seedrandom';
import type { Samples } from '../math/table';
import { type ExpertsModel, expertsModel } from './model';

/** A random mixture of K linear experts in d covariates, with slopes N(0, 3²) and, unless they are constant, gates N(0, 1). */
export function randomExperts(K: number, d: number, seed: number, { constant = false, slope = 3 } = {}): ExpertsModel {
  const random = seedrandom(`experts ${seed}`);
  const normal = randomNormal.source(random)();
  const row = (scale: (j: number) => number) => Array.from({ length: d + 1 }, (_, j) => scale(j) * normal());
  return expertsModel({
    gates: Array.from({ length: K }, (_, k) => row((j) => (k === K - 1 ? 0 : j === 0 ? 0.3 : constant ? 0 : 1))),
    coefficients: Array.from({ length: K }, () => row((j) => (j === 0 ? (4 * slope) / 3 : slope))),
    variances: Array.from({ length: K }, () => 0.5 + random()),
  });
}

/** n rows drawn from a mixture of linear experts, whose covariates have correlations 1/4 between neighbours. */
export function drawnFrom(
  { gates, coefficients, variances, covariates: d }: ExpertsModel,
  n: number,
  seed: number,
): { readonly x: Samples; readonly y: Samples } {
  const random = seedrandom(`rows ${seed}`);
  const normal = randomNormal.source(random)();
  const [x, y] = [new Float64Array(n * d), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0, last = normal(); j < d; j++) {
      x[i * d + j] = last;
      last = 0.25 * last + Math.sqrt(15 / 16) * normal();
    }
    const predictor = (line: readonly number[]) =>
      line.reduce((sum, b, j) => sum + b * (j === 0 ? 1 : x[i * d + j - 1]), 0);
    const odds = gates.map((line) => Math.exp(predictor(line)));
    let left = random() * odds.reduce((sum, one) => sum + one, 0);
    let k = 0;
    for (; k < gates.length - 1 && left > odds[k]; k++) left -= odds[k];
    y[i] = predictor(coefficients[k]) + Math.sqrt(variances[k]) * normal();
  }
  return { x: { data: x, rows: n, columns: d }, y: { data: y, rows: n, columns: 1 } };
}
