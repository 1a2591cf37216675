import { expertsDistanceMatrix } from '../experts/aggregate-experts';
import type { ExpertsModel } from '../experts/model';
import { leastAssignment } from '../math/assignment';
import { expertsCovariates } from '../simulate/experts-population';
import type { ExpertsStudyRow } from './experts-setting';
import { sixDigits } from './repetition';

/** Rows on which the error is measured. */
const TEST_ROWS = 500;

/** Squared differences beyond this count as this where experts are matched: one that is wild pushes the others nowhere. */
const FARTHEST = 1e6;

/** How far a model is from the truth: as a conditional density, on rows that no rule has seen, and in its numbers. */
export function expertsErrorOf(
  truth: ExpertsModel,
  seed: string,
): (model: ExpertsModel) => Pick<ExpertsStudyRow, 'error' | 'expertError' | 'gateError'> {
  const K = truth.order;
  const rows = expertsCovariates(TEST_ROWS, { covariates: truth.covariates, seed: `${seed}, test` });
  const squares = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, j) => sum + (value - b[j]) ** 2, 0);
  const numbers = ({ coefficients, variances }: ExpertsModel, k: number) => [...coefficients[k], variances[k]];
  return (model) => {
    const cost = Float64Array.from({ length: K * K }, (_, kl) =>
      Math.min(FARTHEST, squares(numbers(truth, Math.floor(kl / K)), numbers(model, kl % K))),
    );
    const matched = leastAssignment(cost, K);
    const total = matched.reduce((sum, l, k) => sum + squares(numbers(truth, k), numbers(model, l)), 0);
    const reference = model.gates[matched[K - 1]];
    const gates = truth.gates.reduce(
      (sum, row, k) =>
        sum +
        squares(
          row,
          model.gates[matched[k]].map((value, j) => value - reference[j]),
        ),
      0,
    );
    const columns = 1 + truth.covariates;
    return {
      error: sixDigits(expertsDistanceMatrix([model, truth], rows).at(0, 1)),
      expertError: sixDigits(total / (K * (columns + 1))),
      gateError: sixDigits(gates / (Math.max(1, K - 1) * columns)),
    };
  };
}
