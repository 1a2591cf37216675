import { BeyondFloat64 } from '../errors';
import type { Table } from '../math/table';
import { covariatesFor, logExperts, logGates, responsesFor } from './expert-rows';
import type { FlatExperts } from './flat-experts';
import { type ExpertsEstimate, expertsOf, flatExperts } from './model';

/**
 * f(y_j | x_j) = Σ_k π_k(x_j) φ_k(y_j | x_j) of every row: 0 where it is below what float64 holds, which `expertsLogDensity` tells apart.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @param y n rows of q responses
 * @returns n densities, or probabilities if the law is of whole numbers
 * @throws InvalidInput if a table is invalid, has another number of columns, or they differ in rows, or a response is none of the law;
 *   BeyondFloat64 if a row is too far from every expert; both name the row
 * @example
 * const line = expertsModel({ gates: [[0, 0]], coefficients: [[1, 2]], variances: [4] });
 * expertsDensity(line, [3], [7]); // [0.19947]: the height of a normal density of standard deviation 2
 */
export function expertsDensity(model: ExpertsEstimate, x: Table, y: Table): Float64Array {
  return expertsLogDensity(model, x, y).map(Math.exp);
}

/**
 * log f(y_j | x_j) of every row, formed in logarithms: exact even if every density underflows.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @param y n rows of q responses
 * @returns n numbers
 * @throws as `expertsDensity` does
 * @example
 * const line = expertsModel({ gates: [[0, 0]], coefficients: [[1, 2]], variances: [4] });
 * expertsLogDensity(line, [3], [7]); // [−1.6121]: −½ log 8π
 */
export function expertsLogDensity(model: ExpertsEstimate, x: Table, y: Table): Float64Array {
  return expertsPosterior(flatExperts(expertsOf(model)), x, y).logs;
}

/**
 * r_jk = π_k(x_j) φ_k(y_j | x_j) / f(y_j | x_j), the probability that row j came from expert k, given its response.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @param y n rows of q responses
 * @returns n × K probabilities, row-major
 * @throws as `expertsDensity` does
 * @example
 * const lines = expertsModel({ gates: [[0, 0], [0, 0]], coefficients: [[0, 1], [0, -1]], variances: [1, 1] });
 * expertsResponsibilities(lines, [2], [2]); // [0.9997, 0.0003]
 */
export function expertsResponsibilities(model: ExpertsEstimate, x: Table, y: Table): Float64Array {
  return expertsPosterior(flatExperts(expertsOf(model)), x, y).responsibilities;
}

/**
 * π_k(x_j) of every row, the probability of expert k before the response is known.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @returns n × K probabilities, row-major
 * @throws InvalidInput if the table is invalid or has another number of columns; BeyondFloat64 if a row's covariates are too large
 * @example
 * const lines = expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, 1], [0, -1]], variances: [1, 1] });
 * expertsGates(lines, [Math.log(3)]); // [0.75, 0.25]
 */
export function expertsGates(model: ExpertsEstimate, x: Table): Float64Array {
  const flat = flatExperts(expertsOf(model));
  return logGates(flat, covariatesFor(flat, x)).map(Math.exp);
}

/** What rows say of the experts: n × K responsibilities, row-major, and n log densities. */
export interface ExpertsPosterior {
  readonly responsibilities: Float64Array;
  readonly logs: Float64Array;
}

/** @throws as `expertsDensity` does */
export function expertsPosterior(flat: FlatExperts, x: Table, y: Table): ExpertsPosterior {
  const { order } = flat;
  const covariates = covariatesFor(flat, x);
  const responses = responsesFor(flat, y, covariates.rows);
  const terms = logGates(flat, covariates);
  const experts = logExperts(flat, covariates, responses);
  const logs = new Float64Array(covariates.rows);
  for (let j = 0, at = 0; j < logs.length; j++, at += order) {
    let most = -Infinity;
    for (let i = at; i < at + order; i++) {
      terms[i] += experts[i];
      if (terms[i] > most) most = terms[i];
    }
    let sum = 0;
    for (let i = at; i < at + order; i++) {
      terms[i] = Math.exp(terms[i] - most);
      sum += terms[i];
    }
    for (let i = at; i < at + order; i++) terms[i] /= sum;
    logs[j] = most + Math.log(sum);
    if (!Number.isFinite(logs[j]))
      throw new BeyondFloat64(`row ${j} is too far from every expert: the log of its density is beyond float64`);
  }
  return { responsibilities: terms, logs };
}
