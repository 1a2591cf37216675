import { expect, it } from 'vitest';
import type { Samples } from '../math/table';
import { finished } from '../work/work';
import { expertLawOf } from './expert-laws';
import { drawnFrom, randomExperts } from './experts.fixture';
import { designSteps, type Point } from './experts-design';
import { passOf, type Sums } from './experts-pass';
import { gatePenalty, gateStep } from './gate-step';
import { flatExperts } from './model';

const STEP = 1e-5;
const K = 3;
const truth = randomExperts(K, 2, 4);
const { x, y } = drawnFrom(truth, 300, 4); // more than one block of rows
const weights = Float64Array.from({ length: 300 }, (_, j) => 0.5 + (j % 3));
const counts: Samples = { ...y, data: y.data.map((value) => Math.min(5, Math.floor(Math.abs(value)))) };

const moved = (values: Float64Array, i: number, by: number) => values.map((value, l) => (l === i ? value + by : value));

/** The difference quotient of a function of lists, one number after another. */
function quotients(values: Float64Array, of: (values: Float64Array) => number): number[] {
  return Array.from(values.keys(), (i) => (of(moved(values, i, STEP)) - of(moved(values, i, -STEP))) / (2 * STEP));
}

for (const name of ['gaussian', 'poisson'] as const) {
  const law = expertLawOf(name);
  const design = finished(designSteps({ ...x, weights }, name === 'poisson' ? counts : y, law));
  const p = design.width;
  const point: Point = {
    ...design.fromModel(flatExperts(truth)),
    ...(name === 'poisson' && { coefficients: new Float64Array(K * p).map((_, i) => Math.sin(i) / 2) }),
  };
  const pass = passOf(design, K, true);
  const at = (part: Partial<Point>, membership?: Float64Array): Sums =>
    finished(pass({ ...point, ...part }, membership));

  it(`has the scores of gates, and of experts without variances, that differences of the likelihood have (${name})`, () => {
    const { gateScores, scores } = at({});
    const ofGates = quotients(point.gates, (gates) => at({ gates }).logLikelihood);
    for (let i = 0; i < (K - 1) * p; i++) expect(gateScores[i]).toBeCloseTo(ofGates[i], 4);
    if (law.hasVariance) return;
    const ofExperts = quotients(point.coefficients, (coefficients) => at({ coefficients }).logLikelihood);
    scores.forEach((score, i) => {
      expect(score).toBeCloseTo(ofExperts[i], 4);
    });
  });

  it(`takes the step of Newton that differences of the scores give (${name})`, () => {
    const membership = Float64Array.from({ length: K * 300 }, (_, i) => [0.2, 0.5, 0.3][(i + Math.floor(i / 300)) % K]);
    const ridge = 0.7;
    const size = (K - 1) * p;
    const score = (gates: Float64Array) => {
      const { gateScores } = at({ gates }, membership);
      const penalty = quotients(gates, (other) => gatePenalty(other, K, ridge));
      return gateScores.subarray(0, size).map((value, i) => value - penalty[i]);
    };
    const { gateScores, gateProducts } = at({}, membership);
    const step = gateStep(point.gates, K, ridge, { scores: gateScores, products: gateProducts });
    // H step = −score, H the derivative of the score
    const ahead = score(point.gates.map((value, i) => value + 1e-4 * step[i]));
    const behind = score(point.gates.map((value, i) => value - 1e-4 * step[i]));
    score(point.gates).forEach((value, i) => {
      expect((ahead[i] - behind[i]) / 2e-4).toBeCloseTo(-value, 3);
    });
  });
}

it('adds up the same in one block as row by row', () => {
  const design = finished(designSteps({ ...x, weights }, y, expertLawOf('gaussian')));
  const point = design.fromModel(flatExperts(truth));
  const { masses, products } = finished(passOf(design, K, true)(point));
  const w = design.width + 1;
  // the masses are the products of the constant with itself, and all shares together are the weights
  masses.forEach((mass, k) => {
    expect(products[k][0]).toBeCloseTo(mass, 9);
  });
  for (let a = 0, i = 0; a < w; a++)
    for (let b = 0; b <= a; b++, i++) {
      let all = 0;
      for (let j = 0; j < 300; j++) all += weights[j] * design.data[j * w + a] * design.data[j * w + b];
      expect(products.reduce((sum, one) => sum + one[i], 0)).toBeCloseTo(all, 8);
    }
});
