import { InvalidInput } from '../errors';
import type { Family } from '../families/family';
import { described, numbersOf } from '../math/checks';
import { cholesky, squareRoot } from '../math/linear-algebra';
import type { DesignRows } from './design-rows';
import { type Expert, proportionsOf } from './expert';
import { expertBarycentre } from './expert-barycentre';
import { expertInformation } from './expert-information';
import type { ExpertLaw } from './expert-law';
import { type ExpertTerms, termsOf } from './expert-terms';
import { flatOf } from './flat-of-mixture';

/** The family of experts on some rows, and how an expert of it is made. */
export interface ExpertFamily extends Family<Expert> {
  expert(share: Float64Array, coefficients: Float64Array, covariance: Float64Array): Expert;
}

/**
 * Experts on rows of covariates as a family: of (s, y), s the number of the row. What compares two experts, KL and so all that follows from
 * it, is their law of y alone, on the rows at which the first answers; gates are compared as `proportions`, and take part in the inner product, which
 * is that of the densities. θ as a vector is (B, vech Σ, share), of which only the first two are an expert's own coordinates.
 * @param constantGates whether the gates of all models are constant
 */
export function expertFamily(rows: DesignRows, law: ExpertLaw, q: number, constantGates: boolean): ExpertFamily {
  const { rows: S, columns: c } = rows;
  const own = q * c + (law.hasVariance ? (q * (q + 1)) / 2 : 0);
  const terms: ExpertTerms = termsOf(law, q, S);
  const expert = (share: Float64Array, coefficients: Float64Array, covariance: Float64Array): Expert => ({
    share,
    coefficients,
    covariance,
    predictors: predictorsOf(rows, coefficients, q, law.hasVariance ? LARGEST_MEAN : LARGEST_LOG),
  });
  const refuse = (what: string): never => {
    throw new InvalidInput(`experts on rows of covariates ${what}`);
  };
  return {
    name: `${law.name}-experts`,
    expert,

    parameter(value, where) {
      const {
        share,
        coefficients,
        covariance = [],
      } = (value ?? {}) as Partial<Record<keyof Expert, ArrayLike<unknown>>>;
      const list = (name: string, given: ArrayLike<unknown> | undefined, length: number) => {
        if (given?.length !== length)
          throw new InvalidInput(`${where}: its ${name} is ${described(given)}: ${length} numbers are needed`);
        const numbers = numbersOf(given, (i) => `${where}: number ${i} of its ${name}`);
        const bad = numbers.findIndex((one) => !Number.isFinite(one));
        if (bad >= 0)
          throw new InvalidInput(`${where}: number ${bad} of its ${name} is ${numbers[bad]}: it must be finite`);
        return numbers;
      };
      const checked = list('covariance', covariance, law.hasVariance ? q * q : 0);
      if (law.hasVariance && !cholesky(checked, q))
        throw new InvalidInput(`${where}: its covariance is not positive definite`);
      return expert(shareOf(list('share', share, S)), list('coefficients', coefficients, q * c), checked);
    },
    dimension: () => 1 + q,
    size: () => own + S,
    toVector({ coefficients, covariance, share }) {
      return Float64Array.from([...coefficients, ...(law.hasVariance ? vech(covariance, q) : []), ...share]);
    },
    fromVector: (vector) => ({
      coefficients: vector.slice(0, q * c),
      covariance: law.hasVariance ? unvech(vector.subarray(q * c, own), q) : [],
      share: vector.slice(own),
    }),
    toJSON: ({ coefficients, covariance, share }) => ({
      coefficients: [...coefficients],
      covariance: [...covariance],
      share: [...share],
    }),

    logDensity: (samples) => (one, out) => {
      const y = new Float64Array(q);
      for (let j = 0; j < samples.rows; j++) {
        const s = samples.data[j * (1 + q)];
        if (!(Number.isInteger(s) && s >= 0 && s < S)) refuse(`have no row ${s}: there are ${S}`);
        for (let r = 0; r < q; r++) y[r] = samples.data[j * (1 + q) + 1 + r];
        out[j] = Math.log(S * one.share[s]) + terms.logDensity(one, s, y);
      }
    },
    sampler(one, random) {
      const draw = terms.sampler(one, random);
      return (out, offset) => {
        let s = 0;
        for (let u = random() - one.share[0]; u >= 0 && s < S - 1; u -= one.share[s]) s++;
        out[offset] = s;
        draw(s, out, offset + 1);
      };
    },
    localProblem: () => refuse('are not fitted: fit mixtures of experts by fitExperts'),

    logInnerProduct: terms.logInnerProduct,
    divergence: terms.divergence,
    barycentre: (experts, weights) => {
      const { share, coefficients, covariance } = expertBarycentre(experts, weights, { rows, law, q });
      return expert(share, coefficients, covariance);
    },
    groundDistance(a, b) {
      let squares = 0;
      for (let i = 0; i < S * q; i++) {
        const weight = (a.share[Math.floor(i / q)] + b.share[Math.floor(i / q)]) / 2;
        squares += weight * (a.predictors[i] - b.predictors[i]) ** 2;
      }
      if (!law.hasVariance) return Math.sqrt(squares);
      const [first, second] = [squareRoot(a.covariance, q), squareRoot(b.covariance, q)];
      return Math.sqrt(squares) + Math.hypot(...first.map((one, i) => one - second[i]));
    },

    proportions: {
      words: { weights: 'gates', component: 'expert' },
      of: proportionsOf,
      with(proportions, parameters) {
        const K = parameters.length;
        const weights = new Float64Array(K);
        for (let i = 0; i < proportions.length; i++) weights[i % K] += proportions[i] / S;
        const experts = parameters.map((one, k) => {
          const share = Float64Array.from({ length: S }, (_, s) => proportions[s * K + k]);
          return weights[k] > 0 ? { ...one, share: shareOf(share) } : one;
        });
        return { weights, parameters: experts };
      },
      size: (order) => (order - 1) * (constantGates ? 1 : c),
      componentSize: own,
      information: (mixture) =>
        expertInformation(mixture, rows, flatOf(mixture, rows, { law, q, constantGates }), constantGates),
    },
  };
}

/** Shares that sum to one, to rounding, as they are; others divided by their sum, and equal ones if all are 0. */
function shareOf(numbers: Float64Array): Float64Array {
  const positive = numbers.map((one) => Math.max(0, one));
  const total = positive.reduce((sum, one) => sum + one, 0);
  if (Math.abs(total - 1) <= 1e-9) return positive;
  return total > 0 ? positive.map((one) => one / total) : positive.fill(1 / positive.length);
}

/** Larger predictors are as good as infinite: their squares stay within float64; where they are logarithms, what they are of. */
const LARGEST_MEAN = 1e150;
const LARGEST_LOG = 500;

/** B x̃_s of every row, S × q. */
function predictorsOf(
  { rows: S, columns: c, design }: DesignRows,
  coefficients: Float64Array,
  q: number,
  largest: number,
): Float64Array {
  const predictors = new Float64Array(S * q);
  for (let s = 0; s < S; s++) {
    for (let r = 0; r < q; r++) {
      let sum = 0;
      for (let j = 0; j < c; j++) sum += coefficients[r * c + j] * design[s * c + j];
      predictors[s * q + r] = Number.isNaN(sum) ? largest : Math.min(Math.max(sum, -largest), largest);
    }
  }
  return predictors;
}

/** The lower triangle, row by row. */
function vech(matrix: Float64Array, q: number): number[] {
  return Array.from(matrix).filter((_, ij) => ij % q <= Math.floor(ij / q));
}

function unvech(lower: Float64Array, q: number): number[] {
  return Array.from({ length: q * q }, (_, ij) => {
    const [i, j] = [Math.max(Math.floor(ij / q), ij % q), Math.min(Math.floor(ij / q), ij % q)];
    return lower[(i * (i + 1)) / 2 + j];
  });
}
