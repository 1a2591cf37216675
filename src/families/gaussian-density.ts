import { LOG_2PI } from '../math/gamma-function';
import { isIncomplete } from '../math/missing-cells';
import type { Samples } from '../math/table';
import type { Family } from './family';
import { factorsOf, type GaussianParameter } from './gaussian-parameter';
import { incompleteLogDensity } from './incomplete-gaussian';

/** Prepares log φ(x; μ, Σ) of all rows, of their observed cells where some are missing; −Infinity if it is beyond float64. */
export const gaussianLogDensity: Family<GaussianParameter>['logDensity'] = (samples) =>
  isIncomplete(samples) ? incompleteLogDensity(samples, wholeLogDensity) : wholeLogDensity(samples);

const wholeLogDensity: Family<GaussianParameter>['logDensity'] = (samples) => (parameter, out) => {
  const { whitening, logDeterminant } = factorsOf(parameter);
  const constant = -0.5 * (samples.columns * LOG_2PI + logDeterminant);
  squaredDistances(samples, parameter.mean, whitening, out);
  for (let j = 0; j < samples.rows; j++) {
    out[j] = Number.isNaN(out[j]) ? -Infinity : constant - 0.5 * out[j]; // Infinity − Infinity: beyond float64
  }
};

/**
 * out[j] = |W (x_j − μ)|². Four rows against two lines of W at a time, so that each number that is loaded serves often:
 *
 *            x_0 x_1 x_2 x_3   (four rows, feature c)
 *   W[i]      a0  a1  a2  a3
 *   W[i+1]    b0  b1  b2  b3
 *
 * Both sides are laid out in the order in which this reads them.
 */
function squaredDistances(
  { data, rows, columns: d }: Samples,
  mean: Float64Array,
  whitening: Float64Array,
  out: Float64Array,
): void {
  const even = d + (d % 2); // an odd last line is paired with a line of zeros
  const lines = new Float64Array(even * even); // two by two: W[i][0], W[i+1][0], W[i][1], W[i+1][1], …
  for (let i = 0; i < d; i++) {
    for (let c = 0; c <= i; c++) lines[(i - (i % 2)) * even + 2 * c + (i % 2)] = whitening[i * d + c];
  }
  const centred = new Float64Array(4 * even); // feature by feature, four rows each
  for (let first = 0; first < rows; first += 4) {
    const count = Math.min(4, rows - first);
    for (let lane = 0; lane < 4; lane++) {
      const row = (first + Math.min(lane, count - 1)) * d;
      for (let c = 0; c < d; c++) centred[4 * c + lane] = data[row + c] - mean[c];
    }
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    for (let i = 0; i < d; i += 2) {
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      const end = 4 * (i + 2);
      for (let x = 0, w = i * even; x < end; x += 4, w += 2) {
        const a = lines[w];
        const b = lines[w + 1];
        const x0 = centred[x];
        const x1 = centred[x + 1];
        const x2 = centred[x + 2];
        const x3 = centred[x + 3];
        a0 += a * x0;
        a1 += a * x1;
        a2 += a * x2;
        a3 += a * x3;
        b0 += b * x0;
        b1 += b * x1;
        b2 += b * x2;
        b3 += b * x3;
      }
      q0 += a0 * a0 + b0 * b0;
      q1 += a1 * a1 + b1 * b1;
      q2 += a2 * a2 + b2 * b2;
      q3 += a3 * a3 + b3 * b3;
    }
    out[first] = q0;
    if (count > 1) out[first + 1] = q1;
    if (count > 2) out[first + 2] = q2;
    if (count > 3) out[first + 3] = q3;
  }
}
