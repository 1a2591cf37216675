import { randomNormal, randomPoisson } from 'd3-random';
import { i0e } from '../math/bessel';
import { LOG_2PI, lgam } from '../math/gamma-function';
import { poissonCdf, poissonUpper } from '../math/incomplete-gamma';
import { normalCdf } from '../math/normal';
import { registryOf } from '../registry/registry';
import { type ExpertLaw, requireResponses } from './expert-law';

/** The laws of experts, by name. */
export type ExpertLawName = 'gaussian' | 'logistic' | 'poisson';

/** y ~ N(η, σ²): a line, or a plane, and the spread about it. */
const gaussian: ExpertLaw = {
  name: 'gaussian',
  hasVariance: true,
  discrete: false,
  requireSupport() {}, // any number
  mean: (eta) => eta,
  slope: () => 1,
  logDensity: (y, eta, variance) => -0.5 * (LOG_2PI + Math.log(variance) + (y - eta) ** 2 / variance),
  cdf: (y, eta, variance) => normalCdf((y - eta) / Math.sqrt(variance)),
  upper: (y, eta, variance) => normalCdf((eta - y) / Math.sqrt(variance)),
  sampler(random) {
    const normal = randomNormal.source(random)();
    return (eta, variance) => eta + Math.sqrt(variance) * normal();
  },
  logInnerProduct: (eta, variance, otherEta, otherVariance) =>
    gaussian.logDensity(otherEta, eta, variance + otherVariance),
  divergence: (eta, variance, otherEta, otherVariance) =>
    0.5 * (Math.log(otherVariance / variance) + variance / otherVariance - 1 + (eta - otherEta) ** 2 / otherVariance),
};

/** log(1 + e^η), without overflow. */
const softplus = (eta: number): number => Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)));

/** 1 / (1 + e^−η) */
const expit = (eta: number): number => {
  const small = Math.exp(-Math.abs(eta));
  return (eta < 0 ? small : 1) / (1 + small);
};

/** y is 1 with the probability 1 / (1 + e^−η), else 0. */
const logistic: ExpertLaw = {
  name: 'logistic',
  hasVariance: false,
  discrete: true,
  requireSupport: (y) => requireResponses(y, (one) => one === 0 || one === 1, 'logistic experts are of 0 and 1'),
  mean: expit,
  slope: (eta) => expit(eta) * expit(-eta),
  logDensity: (y, eta) => -y * softplus(-eta) - (1 - y) * softplus(eta),
  cdf: (y, eta) => (y < 0 ? 0 : y < 1 ? expit(-eta) : 1),
  upper: (y, eta) => (y < 0 ? 1 : y < 1 ? expit(eta) : 0),
  sampler: (random) => (eta) => (random() < expit(eta) ? 1 : 0),
  logInnerProduct(eta, _, otherEta) {
    const [both, neither] = [-softplus(-eta) - softplus(-otherEta), -softplus(eta) - softplus(otherEta)];
    return Math.max(both, neither) + Math.log1p(Math.exp(-Math.abs(both - neither)));
  },
  // p (η − η′) + softplus(η′) − softplus(η)
  divergence: (eta, _, otherEta) =>
    Math.max(
      0,
      expit(eta) * (softplus(-otherEta) - softplus(-eta)) + expit(-eta) * (softplus(otherEta) - softplus(eta)),
    ),
};

/** y is a count of mean e^η. */
const poisson: ExpertLaw = {
  name: 'poisson',
  hasVariance: false,
  discrete: true,
  requireSupport: (y) =>
    requireResponses(
      y,
      (one) => one >= 0 && one <= 1e9 && Number.isInteger(one),
      'Poisson experts are of whole numbers from 0 on, to 1e9',
    ),
  mean: Math.exp,
  slope: Math.exp,
  logDensity: (y, eta) => y * eta - Math.exp(eta) - lgam(y + 1),
  cdf: (y, eta) => (y < 0 ? 0 : poissonCdf(Math.floor(y), Math.exp(eta))),
  upper: (y, eta) => (y < 0 ? 1 : poissonUpper(Math.floor(y), Math.exp(eta))),
  sampler: (random) => {
    const of = randomPoisson.source(random);
    return (eta) => of(Math.exp(eta))();
  },
  // as of the family of Poisson mixtures
  logInnerProduct(eta, _, otherEta) {
    const [root, other] = [Math.exp(eta / 2), Math.exp(otherEta / 2)];
    return Math.log(i0e(2 * root * other)) - (root - other) ** 2;
  },
  divergence: (eta, _, otherEta) => Math.max(0, Math.exp(eta) * (eta - otherEta) + Math.exp(otherEta) - Math.exp(eta)),
};

const laws = registryOf<ExpertLaw>('law of experts', { gaussian, logistic, poisson });

/** The names of the laws that there are. */
export const expertLawNames: () => string[] = laws.names;

/**
 * The law of a name.
 * @throws InvalidInput if there is none, listing them
 */
export const expertLawOf: (name: string) => ExpertLaw = laws.get;
