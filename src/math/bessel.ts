// Modified Bessel functions of the first kind of any order ν ≥ 0 and argument κ ≥ 0, as directions in many dimensions need
// them: log I_ν(κ), and the ratio I_{ν+1}(κ) / I_ν(κ). A uniform expansion at an order of 40 or more (Debye; DLMF 10.41) is
// accurate to float64 for every κ, and the recurrence leads down to ν, which is its stable direction.

/** The order from which the expansion of `TERMS` terms is accurate to float64. */
const LEAST_ORDER = 40;

/** Steps of the recurrence in which an error of the first ratio falls below float64 where κ is at most the order. */
const LEAST_STEPS = 20;

const TERMS = 10;

type Polynomial = readonly number[];

const derivative = (f: Polynomial): Polynomial => f.slice(1).map((c, i) => c * (i + 1));
const times = (f: Polynomial, g: Polynomial): Polynomial =>
  Array.from({ length: f.length + g.length - 1 }, (_, n) =>
    f.reduce((sum, c, i) => (n - i in g ? sum + c * g[n - i] : sum), 0),
  );
const sum = (f: Polynomial, g: Polynomial): Polynomial =>
  Array.from({ length: Math.max(f.length, g.length) }, (_, i) => (f[i] ?? 0) + (g[i] ?? 0));

/** U_k(p), and V_k(p) − U_k(p), of which the expansions of I and of its derivative are made (DLMF 10.41.9–11). */
const { u, difference } = (() => {
  const u: Polynomial[] = [[1]];
  const difference: Polynomial[] = [[0]];
  for (let k = 0; k < TERMS; k++) {
    const slope = derivative(u[k]);
    const integral = [0, ...times([1, 0, -5], u[k]).map((c, i) => c / (8 * (i + 1)))];
    u.push(sum(times([0, 0, 0.5, 0, -0.5], slope.length > 0 ? slope : [0]), integral));
    const half = times([0, -0.5, 0, 0.5], u[k]);
    difference.push(sum(half, times([0, 0, -1, 0, 1], slope.length > 0 ? slope : [0])));
  }
  return { u, difference };
})();

/** Σ_k f_k(p) / N^k */
function series(terms: readonly Polynomial[], p: number, order: number): number {
  let total = 0;
  for (let k = terms.length - 1; k >= 0; k--) {
    const f = terms[k];
    let value = 0;
    for (let i = f.length - 1; i >= 0; i--) value = value * p + f[i];
    total = total / order + value;
  }
  return total;
}

/** The order at which the expansion is used. */
const startOf = (order: number): number => order + Math.max(LEAST_STEPS, Math.ceil(LEAST_ORDER - order));

/**
 * log{exp(−κ) κ^{−ν} I_ν(κ)}, to about 1e-15 of its size; at κ = 0 it is −log{2^ν Γ(ν + 1)}.
 * @param order ν ≥ 0
 * @param kappa κ ≥ 0
 */
export function logScaledBessel(order: number, kappa: number): number {
  const top = startOf(order);
  const root = Math.hypot(top, kappa);
  // √(N² + κ²) − κ, without cancellation
  const exponent = (top * top) / (root + kappa) - top * Math.log(top + root);
  let log = exponent - 0.5 * Math.log(2 * Math.PI * root) + Math.log(series(u, top / root, top));
  // I_j κ^{−j} = I_{j+1} κ^{−j−1} / q_j, q_j = I_{j+1} / (κ I_j)
  let q = ratioAtTop(top, kappa) / kappa;
  if (!(kappa > 0)) q = 1 / (2 * top + 2);
  for (let j = top; j > order; j--) {
    q = 1 / (2 * j + kappa * (kappa * q));
    log -= Math.log(q);
  }
  return log;
}

/**
 * A(κ) = I_{ν+1}(κ) / I_ν(κ), from 0 at κ = 0 to 1, and 1 − A(κ), each to about 1e-15 of its own size.
 * @param order ν ≥ 0
 * @param kappa κ ≥ 0
 */
export function besselRatio(order: number, kappa: number): { readonly ratio: number; readonly complement: number } {
  const top = startOf(order);
  if (kappa <= top) {
    let ratio = kappa / (top + 0.5 + Math.hypot(top + 1.5, kappa)); // Amos 1974; the recurrence makes it exact
    for (let j = top; j > order; j--) ratio = kappa / (2 * j + kappa * ratio);
    return { ratio, complement: 1 - ratio };
  }
  let complement = complementAtTop(top, kappa);
  for (let j = top; j > order; j--) {
    const rest = (2 * j) / kappa - complement;
    complement = rest / (1 + rest);
  }
  return { ratio: 1 - complement, complement };
}

const ratioAtTop = (top: number, kappa: number): number =>
  kappa <= top ? besselRatio(top, kappa).ratio : 1 - complementAtTop(top, kappa);

/** 1 − I_{N+1}(κ) / I_N(κ) = 1 + N / κ − I′_N(κ) / I_N(κ), κ > N. */
function complementAtTop(top: number, kappa: number): number {
  const root = Math.hypot(top, kappa);
  const p = top / root;
  const bend = series(difference, p, top) / series(u, p, top);
  return (top - (top * top) / (kappa + root) - root * bend) / kappa;
}

/** exp(−x) I₀(x), x ≥ 0: by its power series (DLMF 10.25.2), and by Hankel's expansion (10.40.1) where that is exact to float64 */
export function i0e(x: number): number {
  let [term, sum] = [1, 1];
  if (x < 20) {
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= ((x / 2) * (x / 2)) / (k * k);
      sum += term;
    }
    return sum * Math.exp(-x);
  }
  for (let k = 1; term > 1e-17; k++) {
    term *= (2 * k - 1) ** 2 / (8 * k * x);
    sum += term;
  }
  return sum / Math.sqrt(2 * Math.PI * x);
}
