// Double exponential quadrature (Takahasi and Mori 1974): a substitution that makes the integrand fall off doubly
// exponentially at both ends, then the trapezoidal rule, whose number of right digits about doubles when its step is
// halved. For positive integrands that are given by their logarithm, so that nothing under- or overflows.

/** Beyond |t| = 4 every substitution below is within rounding of its end, or out of the range of any density. */
const MAX_T = 4;

/** The step in t of the trapezoidal rule at first, and how often it is halved at most. */
const [FIRST_STEP, MAX_HALVINGS] = [1 / 8, 6];

/** The relative change by halving the step at which an integral is taken as it is; its error is far smaller. */
const CONVERGED_CHANGE = 1e-11;

/** What a level of halving adds to the rule: the places between those of the level before, on the unit scale. */
interface Level {
  /** exp(π/2 sinh t), for x = end ± scale · this, and the log of its derivative */
  readonly away: Float64Array;
  readonly logAway: Float64Array;
  /** half of 1 + tanh(π/2 sinh t), measured from the nearer end (negative: from the upper one), and its log derivative */
  readonly fromEnd: Float64Array;
  readonly logBetween: Float64Array;
}

const levels: Level[] = [];

function level(l: number): Level {
  levels[l] ??= makeLevel(FIRST_STEP / 2 ** l, l === 0);
  return levels[l];
}

function makeLevel(h: number, all: boolean): Level {
  const steps = Math.round(MAX_T / h);
  const t = Float64Array.from({ length: 2 * steps + 1 }, (_, i) => (i - steps) * h).filter(
    (_, i) => all || i % 2 === 1,
  );
  const inner = t.map((u) => (Math.PI / 2) * Math.sinh(u));
  const logSlope = t.map((u) => Math.log((Math.PI / 2) * Math.cosh(u)));
  const distance = inner.map((u) => 1 / (1 + Math.exp(2 * Math.abs(u))));
  return {
    away: inner.map(Math.exp),
    logAway: inner.map((u, i) => u + logSlope[i]),
    fromEnd: distance.map((one, i) => (t[i] < 0 ? one : -one)),
    logBetween: inner.map(
      (u, i) => Math.LN2 - 2 * Math.abs(u) - 2 * Math.log1p(Math.exp(-2 * Math.abs(u))) + logSlope[i],
    ),
  };
}

/**
 * Hands on each place of the real line that level l adds to an integral, by its distances from two ends that are `length`
 * apart, of which the one from the nearer end has all its digits; and the log of its weight, without the step h.
 */
function visitLine(
  length: number,
  scale: number,
  l: number,
  visit: (fromLower: number, fromUpper: number, logWeight: number) => void,
): void {
  const { away, logAway, fromEnd, logBetween } = level(l);
  const logScale = Math.log(scale);
  for (let i = 0; i < away.length; i++) {
    const outside = scale * away[i];
    visit(-outside, -outside - length, logScale + logAway[i]);
    visit(outside + length, outside, logScale + logAway[i]);
  }
  if (length === 0) return;
  const logLength = Math.log(length);
  for (let i = 0; i < fromEnd.length; i++) {
    const inside = fromEnd[i] * length; // from the upper end where it is negative
    if (inside > 0) visit(inside, inside - length, logLength + logBetween[i]);
    else visit(inside + length, inside, logLength + logBetween[i]);
  }
}

/**
 * log ∫ exp(g) dx over the real line, to 1e-12 relative where g is smooth but at two places, where it may have peaks, kinks
 * or turns.
 * @param g given the distances of x from the lower and from the upper place
 * @param length how far apart the places are, up to 1e30 scales; 0 for one place
 * @param scale the width of the narrowest peak at a place
 */
export function logIntegral(
  g: (fromLower: number, fromUpper: number) => number,
  length: number,
  scale: number,
): number {
  let most = -Infinity; // the sum so far is total · exp(most)
  let total = 0;
  let last = Number.NaN;
  for (let l = 0; l <= MAX_HALVINGS; l++) {
    visitLine(length, scale, l, (fromLower, fromUpper, logWeight) => {
      const log = g(fromLower, fromUpper) + logWeight;
      if (log > most) {
        total *= Math.exp(most - log);
        most = log;
      }
      if (log > -Infinity) total += Math.exp(log - most);
    });
    if (most === -Infinity || most === Infinity) return most;
    const next = most + Math.log(total * (FIRST_STEP / 2 ** l));
    if (Math.abs(next - last) < CONVERGED_CHANGE * Math.max(1, Math.abs(next))) return next;
    last = next;
  }
  return last;
}

/** The places and weights of the rule for ∫ dx over the real line, about 0, at level `l` of halving. */
export function lineRule(scale: number, l: number): { x: Float64Array; weight: Float64Array } {
  const x: number[] = [];
  const weight: number[] = [];
  for (let finer = 0; finer <= l; finer++) {
    visitLine(0, scale, finer, (at, _, logWeight) => {
      x.push(at);
      weight.push(Math.exp(logWeight) * (FIRST_STEP / 2 ** l));
    });
  }
  return { x: Float64Array.from(x), weight: Float64Array.from(weight) };
}
