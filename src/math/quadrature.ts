// Double exponential quadrature (Takahasi and Mori 1974): a substitution that makes the integrand fall off doubly
// exponentially at both ends, then the trapezoidal rule, whose number of right digits about doubles when its step is
// halved. For positive integrands that are given by their logarithm, so that nothing under- or overflows.

/** Beyond |t| = 4 every substitution below is within rounding of its end, or out of the range of any density. */
const RANGE = 4;

const COARSEST = 1 / 8;
const FINEST = 8; // halvings

/** The relative change by halving the step at which an integral is taken as it is; its error is far smaller. */
const TOLERANCE = 1e-10;

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
  levels[l] ??= makeLevel(COARSEST / 2 ** l, l === 0);
  return levels[l];
}

function makeLevel(h: number, all: boolean): Level {
  const steps = Math.round(RANGE / h);
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

/** Hands on each place and the log of its weight, without the step h, that level l adds to an integral over the real line. */
function visitLine(
  breaks: readonly number[],
  scale: number,
  l: number,
  visit: (x: number, logWeight: number) => void,
): void {
  const { away, logAway, fromEnd, logBetween } = level(l);
  const logScale = Math.log(scale);
  for (let i = 0; i < away.length; i++) {
    visit(breaks[0] - scale * away[i], logScale + logAway[i]);
    visit(breaks[breaks.length - 1] + scale * away[i], logScale + logAway[i]);
  }
  for (let b = 0; b + 1 < breaks.length; b++) {
    const length = breaks[b + 1] - breaks[b];
    if (length === 0) continue;
    const logLength = Math.log(length);
    for (let i = 0; i < fromEnd.length; i++) {
      visit((fromEnd[i] > 0 ? breaks[b] : breaks[b + 1]) + fromEnd[i] * length, logLength + logBetween[i]);
    }
  }
}

/**
 * log ∫ exp(g(x)) dx over the real line, to 1e-12 relative where g is smooth between the breaks.
 * @param breaks where the integrand turns: centres of peaks, kinks; ascending, at least one
 * @param scale the width of the narrowest peak at a break
 */
export function logIntegral(g: (x: number) => number, breaks: readonly number[], scale: number): number {
  let most = -Infinity; // the sum so far is total · exp(most)
  let total = 0;
  let last = Number.NaN;
  for (let l = 0; l <= FINEST; l++) {
    visitLine(breaks, scale, l, (x, logWeight) => {
      const log = g(x) + logWeight;
      if (log > most) {
        total *= Math.exp(most - log);
        most = log;
      }
      if (log > -Infinity) total += Math.exp(log - most);
    });
    if (most === -Infinity || most === Infinity) return most;
    const next = most + Math.log(total * (COARSEST / 2 ** l));
    if (Math.abs(next - last) < TOLERANCE) return next;
    last = next;
  }
  return last;
}

/** The places and weights of the rule for ∫ dx over the real line at level `l` of halving. */
export function lineRule(
  breaks: readonly number[],
  scale: number,
  l: number,
): { x: Float64Array; weight: Float64Array } {
  const x: number[] = [];
  const weight: number[] = [];
  for (let finer = 0; finer <= l; finer++) {
    visitLine(breaks, scale, finer, (at, logWeight) => {
      x.push(at);
      weight.push(Math.exp(logWeight) * (COARSEST / 2 ** l));
    });
  }
  return { x: Float64Array.from(x), weight: Float64Array.from(weight) };
}
