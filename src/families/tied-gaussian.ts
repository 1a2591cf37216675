import type { Family } from './family';
import { gaussian } from './gaussian';
import { gaussianLocalProblem } from './gaussian-local';
import { type GaussianParameter, gaussianParameter } from './gaussian-parameter';

/** Normal distributions of which all components of a mixture have the same covariance. */
export const tiedGaussian: Family<GaussianParameter> = {
  ...gaussian,
  name: 'tied-gaussian',
  localProblem: (samples, penalty) => gaussianLocalProblem(samples, penalty, { tied: true }),
  sharedSize: (d) => (d * (d + 1)) / 2,
  // given the pooled covariance of each cluster and its mass, the Σ that minimises the sum of all clusters' KL
  tie(parameters, weights) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const shared = parameters[0].covariance.map((_, i) =>
      parameters.reduce((sum, { covariance }, k) => sum + (weights[k] / total) * covariance[i], 0),
    );
    return parameters.map(({ mean }) => gaussianParameter(mean, shared.slice(), 'the tied covariance'));
  },
};
