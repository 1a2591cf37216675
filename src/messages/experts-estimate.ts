import { InvalidInput } from '../errors';
import { type AnyExperts, type ExpertsJSON, expertsFromJSON, flatExperts } from '../experts/model';
import { requireLength } from './list-lengths';

/** What an estimate holds of a mixture of experts, in place of a mixture's family, weights and parameters. */
export interface ExpertsPart {
  /** the mixture of experts */
  experts: ExpertsJSON;
  /** the names of the q responses */
  responses?: string[];
}

/**
 * Checks that the lists of experts have the lengths that the estimate states.
 * @param order K
 * @param dimension d, the number of covariates
 * @throws InvalidInput naming the list that has not
 */
export function requireExpertsLengths({ experts, responses }: ExpertsPart, order: number, dimension: number): void {
  const { gates, coefficients, variances } = experts;
  const columns = dimension + 1;
  requireLength('experts.gates', gates, order, 'order');
  requireLength('experts.coefficients', coefficients, order, 'order');
  const q = responsesIn(experts);
  const line = (where: string, list: readonly unknown[]) =>
    requireLength(where, list, columns, 'number of covariates and the constant');
  for (const [k, row] of gates.entries()) line(`experts.gates[${k}]`, row);
  for (const [k, own] of (coefficients as readonly unknown[][]).entries()) {
    const where = `experts.coefficients[${k}]`;
    const rows = Array.isArray(coefficients[0][0]) ? own : [own];
    requireLength(where, rows, q, 'number of responses');
    rows.forEach((row, r) => {
      if (!Array.isArray(row))
        throw new InvalidInput(`${where}[${r}] is no list, as that of expert 0 is: give all experts the same form`);
      line(rows === own ? `${where}[${r}]` : where, row);
    });
  }
  if (variances) requireLength('experts.variances', variances, order, 'order');
  if (responses) requireLength('responses', responses, q, 'number of responses');
}

/** q, the number of responses of experts whose coefficients are lists. */
export function responsesIn({ coefficients }: ExpertsJSON): number {
  const [first] = coefficients;
  return Array.isArray(first[0]) ? first.length : 1;
}

/** Numbers beyond these leave float64 when they meet covariates, or are squared. */
const MOST_NUMBER = 1e100;
const LEAST_VARIANCE = 1e-100;

/**
 * The mixture of experts of a checked estimate.
 * @throws InvalidInput if it is not a valid one, or its numbers cannot be compared with others in float64
 */
export function expertsOfEstimate(json: ExpertsJSON): AnyExperts {
  const model = expertsFromJSON<AnyExperts>(json);
  const { gates, coefficients, variances, order, responses: q } = flatExperts(model);
  const large = [gates, coefficients, variances]
    .flatMap((list) => Array.from(list))
    .find((one) => Math.abs(one) > MOST_NUMBER);
  if (large !== undefined)
    throw new InvalidInput(
      `a number of the experts is ${large}: above ${MOST_NUMBER} nothing can be compared in float64, so rescale the data`,
    );
  for (let i = 0; i < (variances.length > 0 ? order * q : 0); i++) {
    const variance = variances[Math.floor(i / q) * q * q + (i % q) * (q + 1)];
    if (variance < LEAST_VARIANCE)
      throw new InvalidInput(
        `a variance of expert ${Math.floor(i / q)} is ${variance}: below ${LEAST_VARIANCE} nothing can be compared in float64, so rescale the data`,
      );
  }
  return model;
}
