import { InvalidInput } from '../errors';
import { fallingRoot } from './root';

/**
 * The random variable Q = Σ_i (α_i Z_i² + β_i Z_i) + c of independent standard normal Z_i: a generalised χ², written so that
 * α_i = 0, a normal part, is nothing special.
 */
export interface QuadraticForm {
  /** α */
  readonly quadratic: ArrayLike<number>;
  /** β */
  readonly linear: ArrayLike<number>;
  /** c */
  readonly constant: number;
}

/** The step of the trapezoidal rule at first, how often it is halved, and the change by halving at which it has converged. */
const [FIRST_STEP, HALVINGS, CONVERGED_CHANGE] = [1 / 4, 6, 1e-13];

/** How far a path is bent from the vertical at most, as a slope: within 45°, so that normal parts fall off along it. */
const MAX_PATH_SLOPE = 0.5;

/** Where no α is positive, K is finite everywhere: the saddle point is sought up to here. */
const MAX_SADDLE_POINT = 1e150;

/**
 * P(Q ≤ q) and P(Q > q), both with their own digits: a tail of 1e-200 is not 0. The inversion formula
 * P(Q > q) = (2πi)⁻¹ ∫ exp{K(t) − t q} / t dt, K the cumulant generating function (Imhof 1961; Rice 1980), is taken over a path
 * through the saddle point that bends to where the integrand vanishes, by the trapezoidal rule in a variable that makes it fall
 * off exponentially.
 * @throws InvalidInput if a number is not finite
 */
export function quadraticFormTails(
  { quadratic, linear, constant }: QuadraticForm,
  q: number,
): { readonly below: number; readonly above: number } {
  const { form, unit } = inUnits({ quadratic, linear, constant });
  if (unit !== 1) return quadraticFormTails(form, q / unit);
  const alpha = Float64Array.from(quadratic);
  const beta = Float64Array.from(linear);
  const variance = alpha.reduce((sum, a, i) => sum + 2 * a * a + beta[i] * beta[i], 0);
  const mean = alpha.reduce((sum, a) => sum + a, constant);
  if (!(variance < Infinity && Math.abs(mean) < Infinity) || Number.isNaN(q)) {
    throw new InvalidInput(`a quadratic form of mean ${mean} and variance ${variance} has no distribution at ${q}`);
  }
  if (variance === 0 || Math.abs(q) === Infinity) return q >= mean ? { below: 1, above: 0 } : { below: 0, above: 1 };
  const scale = Math.sqrt(variance);
  const upper = q >= mean;
  const sign = upper ? 1 / scale : -1 / scale; // P(Q ≤ q) = P(−Q ≥ −q)
  const tail = upperTail(
    alpha.map((a) => a * sign),
    beta.map((b) => (b * sign) ** 2),
    (q - constant) * sign,
  );
  return upper ? { below: 1 - tail, above: tail } : { below: tail, above: 1 - tail };
}

/**
 * The form in a unit in which the squares of its coefficients stay within float64; 1 if they do.
 * @throws if α and β differ in length
 */
function inUnits({ quadratic, linear, constant }: QuadraticForm): { form: QuadraticForm; unit: number } {
  if (quadratic.length !== linear.length) {
    throw new InvalidInput(
      `a quadratic form has as many linear as quadratic coefficients: ${linear.length} and ${quadratic.length} are given`,
    );
  }
  const sizes = [quadratic, linear].flatMap((values) => Array.from(values, Math.abs));
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const unit = (largest > 1e100 && largest < Infinity) || (largest > 0 && largest < 1e-100) ? largest : 1;
  const scaled = (values: ArrayLike<number>) => Array.from(values, (value) => value / unit);
  return { form: { quadratic: scaled(quadratic), linear: scaled(linear), constant: constant / unit }, unit };
}

/** P(Σ α Z² + β Z > y), y at least the mean, variance 1. */
function upperTail(alpha: Float64Array, betaSquared: Float64Array, y: number): number {
  const largest = alpha.reduce((most, a) => Math.max(most, a), 0);
  const bound = largest > 0 ? (1 - 1e-14) / (2 * largest) : MAX_SADDLE_POINT; // K is finite below
  const slope = (t: number): [number, number] => {
    let [far, near, second] = [y, 1 / t, -1 / t ** 2];
    for (let i = 0; i < alpha.length; i++) {
      const r = 1 / (1 - 2 * alpha[i] * t);
      near -= alpha[i] * r;
      if (r < 0.5) {
        far += betaSquared[i] / (4 * alpha[i]); // as much as y, where y is near the largest value
        near -= (betaSquared[i] * r * r) / (4 * alpha[i]);
      } else near -= betaSquared[i] * t * (1 - alpha[i] * t) * r * r;
      second -= 2 * (alpha[i] * r) ** 2 + betaSquared[i] * r * r * r;
    }
    return [far + near, second];
  };
  const inLogarithm = (logT: number) => {
    const t = Math.exp(logT);
    const [first, second] = slope(t);
    return [first, second * t] as const;
  };
  // Newton's method takes a step per factor e where the exponent grows by powers: begin near, and bracket by doubling
  const guess = Math.log(Math.min(Math.max(y, 1), bound / 2));
  let [low, high] = [guess, guess];
  for (let step = 1; low > -300 && inLogarithm(low)[0] < 0; step *= 2) low = Math.max(-300, low - step);
  for (let step = 1; high < Math.log(bound) && inLogarithm(high)[0] > 0; step *= 2)
    high = Math.min(Math.log(bound), high + step);
  const saddle = Math.exp(fallingRoot(inLogarithm, low, high, (low + high) / 2));
  if (saddle >= MAX_SADDLE_POINT * (1 - 1e-9)) return 0; // beyond the largest value that the form takes
  const width = Math.sqrt(-1 / slope(saddle)[1]);
  let asymptotic = y; // the exponent's slope far away
  for (let i = 0; i < alpha.length; i++) if (alpha[i] !== 0) asymptotic += betaSquared[i] / (4 * alpha[i]);
  const toward = asymptotic >= 0 ? MAX_PATH_SLOPE : -MAX_PATH_SLOPE;
  for (const [bend, late] of [
    [toward, 1],
    [toward, 8],
    [0, 1],
    [toward, 64],
    [-toward, 1],
    [-toward, 8],
    [-toward, 64],
    [toward / 4, 1],
    [-toward / 4, 1],
  ]) {
    const tail = alongPath(alpha, betaSquared, y, saddle, width, bend, late * width);
    if (tail !== undefined) return Math.min(1, Math.max(0, tail));
  }
  throw new InvalidInput(`the tail of a quadratic form at ${y} standard deviations did not converge`);
}

/** π⁻¹ ∫ Im {exp(K(t) − t y) t⁻¹ dt} over t = saddle + i u + bend (√(u² + late²) − late), u = width · sinh v; undefined if it does not converge. */
function alongPath(
  alpha: Float64Array,
  betaSquared: Float64Array,
  y: number,
  saddle: number,
  width: number,
  bend: number,
  late: number,
): number | undefined {
  const beyond = Float64Array.from(alpha, (a, i) => (-2 * a * saddle > 1 ? betaSquared[i] / (4 * a) : 0));
  const slope = beyond.reduce((sum, one) => sum + one, y);
  let peak = 0; // the exponent at the saddle, taken out so that denormal tails keep their digits
  const integrand = (v: number): number => {
    const u = width * Math.sinh(v);
    const root = width * Math.cosh(v); // √(u² + width²), and du / dv
    const far = Math.hypot(u, late);
    const x = saddle + bend * (far - late);
    const [slopeX, slopeY] = [(bend * u * root) / far, root]; // dt / dv
    let [real, imaginary] = [-x * slope, -u * slope];
    for (let i = 0; i < alpha.length; i++) {
      const [a, b] = [1 - 2 * alpha[i] * x, -2 * alpha[i] * u];
      const squared = a * a + b * b;
      real -= 0.25 * Math.log(squared);
      imaginary -= 0.5 * Math.atan2(b, a);
      if (betaSquared[i] === 0) continue;
      if (beyond[i] !== 0) {
        const half = beyond[i] / (2 * alpha[i]);
        real += half * (a / squared - 1);
        imaginary -= (half * b) / squared;
        continue;
      }
      const [c, d] = [x * x - u * u, 2 * x * u]; // t²
      const half = betaSquared[i] / (2 * squared);
      real += half * (c * a + d * b);
      imaginary += half * (d * a - c * b);
    }
    if (v === 0) peak = real;
    const size = Math.exp(real - peak) / (x * x + u * u); // and 1 / t = (x − i u) / |t|²
    const [re, im] = [size * Math.cos(imaginary), size * Math.sin(imaginary)];
    const [f, g] = [re * x + im * u, im * x - re * u];
    return f * slopeY + g * slopeX;
  };
  let last = Number.NaN;
  for (let halving = 0; halving <= HALVINGS; halving++) {
    const h = FIRST_STEP / 2 ** halving;
    let sum = integrand(0) / 2;
    if (peak < -760) return 0; // e^-745 is the last number above 0
    const highest = 64 * Math.abs(2 * sum); // of a path that goes down from the saddle
    let small = 0;
    for (let v = h; small < 8 && v < 500; v += h) {
      const term = integrand(v);
      if (!(Math.abs(term) <= highest)) return undefined; // it goes up, or NaN
      sum += term;
      small = Math.abs(term) <= 1e-17 * Math.abs(sum) ? small + 1 : 0;
    }
    const next = (sum * h) / Math.PI;
    if (Math.abs(next - last) <= CONVERGED_CHANGE * (1 + Math.abs(peak) / 100) * Math.abs(next))
      return next * Math.exp(peak);
    last = next;
  }
  return undefined;
}

/**
 * The distribution function of a generalised χ².
 * @param form Q
 * @param q the value
 * @returns P(Q ≤ q)
 * @throws InvalidInput if a number is not finite
 * @example
 * quadraticFormCdf({ quadratic: [1, 1], linear: [0, 0], constant: 0 }, 2); // 0.632: 1 − exp(−1), as of χ² with two degrees of freedom
 */
export function quadraticFormCdf(form: QuadraticForm, q: number): number {
  return quadraticFormTails(form, q).below;
}

/**
 * The quantiles of a generalised χ².
 * @param form Q
 * @param p between 0 and 1
 * @returns the q with P(Q ≤ q) = p
 * @throws InvalidInput if p is not between 0 and 1
 * @example
 * quadraticFormQuantile({ quadratic: [1, 1], linear: [0, 0], constant: 0 }, 0.95); // 5.99: −2 log 0.05, as of χ² with two degrees of freedom
 */
export function quadraticFormQuantile(form: QuadraticForm, p: number): number {
  if (!(p > 0 && p < 1)) throw new InvalidInput(`p is ${p}: it must be between 0 and 1`);
  const { form: inside, unit } = inUnits(form);
  if (unit !== 1) return unit * quadraticFormQuantile(inside, p);
  const alpha = Array.from(form.quadratic);
  const variance = alpha.reduce((sum, a, i) => sum + 2 * a * a + form.linear[i] ** 2, 0);
  const mean = alpha.reduce((sum, a) => sum + a, form.constant);
  const reach = Math.sqrt(variance / Math.min(p, 1 - p)); // Chebyshev
  const missing = (q: number) => {
    const { below, above } = quadraticFormTails(form, q);
    return [p <= 0.5 ? p - below : above - (1 - p), Number.NaN] as const;
  };
  return fallingRoot(missing, mean - reach, mean + reach, mean);
}
