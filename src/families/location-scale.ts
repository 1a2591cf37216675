import { lineRule, logIntegral } from '../math/quadrature';
import { farLocation, widerScale } from './failures';
import type { Family } from './family';
import { maximise, robustScale, roughly, spreadOf } from './location-scale-local';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { penaltyShare } from './penalty-share';
import { scalarParameter } from './scalar-parameter';
import type { LocationScaleParameter, StandardDensity } from './standard-density';

/**
 * The location–scale family f₀((x − μ)/σ)/σ of a standard density. Its penalty is App. A.1's s²/σ² + log σ² with s the
 * sample's interquartile range, its M-step a maximisation in two variables; inner products and KL are by quadrature, to
 * 1e-10 relative (barycentres of scales that differ a thousandfold to 1e-3), and W₁'s ground distance is |μ − μ′| + |σ − σ′|.
 * @param standard log f₀, its derivatives and a sampler
 * @returns the family, which `registerFamily` may register
 * @example
 * // the hyperbolic secant distribution, ½ sech(π u / 2)
 * const sech = locationScaleFamily({
 *   name: 'hyperbolic-secant',
 *   logDensity: (u) => -Math.log(2 * Math.cosh((Math.PI / 2) * u)),
 *   slope: (u) => (-Math.PI / 2) * Math.tanh((Math.PI / 2) * u),
 *   curvature: (u) => -((Math.PI / 2) ** 2) / Math.cosh((Math.PI / 2) * u) ** 2,
 *   sampler: (random) => () => (2 / Math.PI) * Math.log(Math.tan((Math.PI / 2) * random())),
 * });
 * fit([1, 2, 2.5, 3, 4], { order: 1, family: sech }).mixture.parameters[0].location; // 2.50
 */
export function locationScaleFamily(standard: StandardDensity): Family<LocationScaleParameter> {
  const { name, logDensity } = standard;
  const logf = (x: number, { location, scale }: LocationScaleParameter) =>
    logDensity((x - location) / scale) - Math.log(scale);
  /** log ∫ exp(g(log f, log f′)), x counted from each density's own centre, in the unit of the narrower one. */
  const logIntegralOf = (
    a: LocationScaleParameter,
    b: LocationScaleParameter,
    g: (log: number, other: number) => number,
  ): number => {
    const unit = Math.min(a.scale, b.scale);
    const [own, other] = [a.scale / unit, b.scale / unit];
    const [logOwn, logOther] = [Math.log(own), Math.log(other)];
    const at = (fromA: number, fromB: number) =>
      g(logDensity(fromA / own) - logOwn, logDensity(fromB / other) - logOther);
    const length = Math.abs(b.location - a.location) / unit;
    return a.location <= b.location ? logIntegral(at, length, 1) : logIntegral((low, high) => at(high, low), length, 1);
  };
  let nodes: Expectation | undefined;

  return {
    name,
    ...scalarParameter<LocationScaleParameter>({ location: 'real', scale: 'positive' }),
    dimension: () => 1,
    requireSupport: oneColumn(name),
    clusterScale: (samples) => mapColumn(samples, robustScale(samples)),
    failures: {
      mean: ({ scale }, random) => ({ location: farLocation(random), scale }),
      scale: ({ location, scale }, random) => ({ location, scale: widerScale(scale, random) }),
    },
    sampler: numberSampler(({ location, scale }, random) => {
      const draw = standard.sampler(random);
      return () => location + scale * draw();
    }),

    logDensity:
      ({ data, rows }) =>
      (parameter, out) => {
        for (let j = 0; j < rows; j++) out[j] = logf(data[j], parameter);
      },

    localProblem(samples, strength) {
      const { rows, data } = samples;
      const spread = spreadOf(samples, name, strength);
      return {
        penalty: ({ scale }) => (spread / scale) ** 2 + 2 * Math.log(scale),
        penaltyShares: (parameters, masses) =>
          parameters.map(({ scale }, k) => Float64Array.of(penaltyShare((spread / scale) ** 2, masses[k], strength))),
        maximise: (responsibilities, order, previous) =>
          Array.from({ length: order }, (_, k) => {
            const shares = responsibilities.subarray(k * rows, (k + 1) * rows);
            const start = previous?.[k] ?? roughly(data, shares);
            return maximise(standard, data, shares, start, { strength, spread }, `component ${k}`);
          }),
      };
    },

    logInnerProduct(a, b) {
      const inOrder = a.location < b.location || (a.location === b.location && a.scale <= b.scale); // the same bits
      const [first, second] = inOrder ? [a, b] : [b, a];
      return logIntegralOf(first, second, (log, other) => log + other) - Math.log(Math.min(a.scale, b.scale));
    },

    // ∫ f {f′/f − 1 − log(f′/f)} dx, whose integrand is nowhere negative
    divergence: (a, b) => Math.exp(logIntegralOf(a, b, logExcess)),

    // maximises Σ π E_γ log f(x; θ): an M-step on the nodes of a quadrature in place of rows
    barycentre(parameters, weights) {
      const [first] = parameters;
      if (parameters.every((p) => p.location === first.location && p.scale === first.scale)) return first;
      nodes ??= expectation(standard);
      const { places, masses } = nodes;
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const rows = parameters.flatMap(({ location, scale }) => Array.from(places, (u) => location + scale * u));
      const shares = parameters.flatMap((_, g) => Array.from(masses, (mass) => (weights[g] / total) * mass));
      const heaviest = parameters[weights.indexOf(Math.max(...weights))];
      const none = { strength: 0, spread: heaviest.scale };
      return maximise(standard, Float64Array.from(rows), Float64Array.from(shares), heaviest, none, 'the barycentre');
    },
  };
}

/** Σ masses g(places) ≈ ∫ f₀(u) g(u) du. */
interface Expectation {
  readonly places: Float64Array;
  readonly masses: Float64Array;
}

function expectation({ logDensity }: StandardDensity): Expectation {
  const { x, weight } = lineRule(1, 4);
  const masses = weight.map((w, i) => w * Math.exp(logDensity(x[i])));
  const kept = Array.from(masses.keys()).filter((i) => masses[i] > 1e-18);
  return { places: Float64Array.from(kept, (i) => x[i]), masses: Float64Array.from(kept, (i) => masses[i]) };
}

/** log [f {f′/f − 1 − log(f′/f)}] from log f and log f′. */
function logExcess(log: number, other: number): number {
  if (log === -Infinity) return other;
  if (other === -Infinity) return log > -709 ? Infinity : -Infinity; // log f′ is beyond float64, f or the product is not
  const difference = other - log;
  if (difference > 700) return other;
  if (difference > 30) return other + Math.log1p(-(1 + difference) * Math.exp(-difference));
  if (Math.abs(difference) > 1e-3) return log + Math.log(Math.expm1(difference) - difference);
  const rest = difference / 3 + difference ** 2 / 12 + difference ** 3 / 60; // of the power series of exp
  return log + 2 * Math.log(Math.abs(difference)) - Math.LN2 + Math.log1p(rest);
}
