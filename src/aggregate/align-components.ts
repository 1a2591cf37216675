import { leastAssignment } from '../math/assignment';
import type { Steps } from '../work/work';

/** Beyond this many radii of its centre a component is not part of the same cluster, but may be a neighbour. */
const CLUSTER_RADII = 1.5;

/** A component farther from its centre than this many radii costs hardly more: one wild component does not push the others about. */
const COST_RADII = 4;

/** The alternation of matching and re-centring ends after this many rounds at the latest; two or three are usual. */
const MOST_ROUNDS = 5;

/** How many machines' own components are tried as centres, those with the most near neighbours: peeling may err where kinds overlap. */
const MACHINES_TRIED = 5;

/** Radii whose logarithms sum to less by this are smaller, beyond rounding. */
const SMALLER = 1e-9;

/**
 * Matches the components of m mixtures of order K one to one: labels are arbitrary, and any minority of the components of a
 * kind may be anywhere. Each kind gets a centre of attention, the component around which at least half of the machines have one
 * of theirs within the least radius; machines are matched to the centres, and the centres move to those of their kind, in turn.
 * Of several starts the one is taken about whose centres the closest half of the machines are closest, all K components together.
 * @param squared squared distances of all components, mK × mK: component k of machine i is at i K + k
 * @returns at [i K + k], which component of machine i is of kind k
 */
export function* alignComponents(squared: Float64Array, m: number, K: number): Steps<Int32Array> {
  const N = m * K;
  const between = (a: number, b: number) => (a === b ? 0 : sameMachine(a, b, K) ? Infinity : squared[a * N + b]);
  const starts = [firstCentres(between, m, K), ...machinesAsCentres(between, m, K)];
  let best: { readonly matched: Int32Array; readonly spread: number } | undefined;
  for (const [s, start] of starts.entries()) {
    yield { stage: 'matching components', done: s, total: starts.length };
    const found = settled(between, start, m, K);
    if (!best || found.spread < best.spread - SMALLER) best = found;
  }
  return best?.matched ?? new Int32Array(N);
}

/** Matching and re-centring in turn, until the centres rest. */
function settled(between: Between, start: readonly Centre[], m: number, K: number) {
  let centres = start;
  let matched = matchAll(between, centres, m, K);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = centres.map((centre, k) => centreOfKind(between, matched, { centre, k, m, K }));
    const rest = next.every(({ point }, k) => point === centres[k].point);
    centres = next;
    matched = matchAll(between, centres, m, K);
    if (rest) break;
  }
  return { matched, spread: spreadOf(between, centres, matched, { m, K }) };
}

/** Distances count from half a radius, as nearer is by chance, and up to this many, so that one wild component is not all. */
const LEAST_RADII = 0.5;
const MOST_RADII = 100;

/**
 * How far half of the machines are from the centres, all K components together, in logarithms: a centre that stands where another
 * does costs every machine a component.
 */
function spreadOf(
  between: Between,
  centres: readonly Centre[],
  matched: Int32Array,
  { m, K }: { m: number; K: number },
): number {
  const ofMachine = (i: number) =>
    centres.reduce((sum, { point, squaredRadius }, k) => {
      const unit = Math.max(squaredRadius, Number.MIN_VALUE);
      const ratio = between(i * K + matched[i * K + k], point) / unit;
      return sum + Math.log(Math.min(Math.max(ratio, LEAST_RADII ** 2), MOST_RADII ** 2)) + Math.log(unit);
    }, 0);
  return halfOf(Float64Array.from({ length: m }, (_, i) => ofMachine(i))) + logRadii(centres);
}

const logRadii = (centres: readonly Centre[]): number =>
  centres.reduce((sum, { squaredRadius }) => sum + Math.log(Math.max(squaredRadius, Number.MIN_VALUE)), 0);

type Between = (a: number, b: number) => number;

/** A component, and the squared radius around it that holds one component of half of the machines. */
interface Centre {
  readonly point: number;
  readonly squaredRadius: number;
}

const sameMachine = (a: number, b: number, K: number): boolean => Math.floor(a / K) === Math.floor(b / K);

/** The least value that more than half do not exceed, the own 0 counted: copies of one machine by a minority do not make it 0. */
const halfOf = (row: Float64Array): number => row.sort()[Math.floor(row.length / 2)];

/** The squared radius of a ball about a component that holds one of those left of half of the machines. */
function squaredRadiusOf(between: Between, a: number, left: Uint8Array, K: number): number {
  const row = new Float64Array(left.length / K).fill(Infinity);
  row[Math.floor(a / K)] = 0;
  for (let b = 0; b < left.length; b++) {
    const i = Math.floor(b / K);
    if (left[b] && between(a, b) < row[i]) row[i] = between(a, b);
  }
  return halfOf(row);
}

/** Centres one after another, each with its cluster taken away: the nearest component of every machine, if it is near. */
function firstCentres(between: Between, m: number, K: number): Centre[] {
  const left = new Uint8Array(m * K).fill(1);
  return Array.from({ length: K }, () => {
    let best: Centre = { point: left.indexOf(1), squaredRadius: Infinity };
    for (let a = 0; a < m * K; a++) {
      const squaredRadius = left[a] ? squaredRadiusOf(between, a, left, K) : Infinity;
      if (squaredRadius < best.squaredRadius) best = { point: a, squaredRadius };
    }
    const own = Math.floor(best.point / K);
    left[best.point] = 0;
    for (let i = 0; i < m; i++) {
      if (i === own) continue;
      const free = Array.from({ length: K }, (_, k) => i * K + k).filter((b) => left[b]);
      const nearest = free.reduce((a, b) => (between(best.point, b) < between(best.point, a) ? b : a), free[0]);
      if (nearest !== undefined && between(best.point, nearest) <= CLUSTER_RADII ** 2 * best.squaredRadius)
        left[nearest] = 0;
    }
    return best;
  });
}

/** The components of each of a few machines as centres, those whose radii are smallest together. */
function machinesAsCentres(between: Between, m: number, K: number): Centre[][] {
  const all = new Uint8Array(m * K).fill(1);
  const ofMachine = (i: number) =>
    Array.from({ length: K }, (_, k): Centre => {
      const point = i * K + k;
      return { point, squaredRadius: squaredRadiusOf(between, point, all, K) };
    });
  return Array.from({ length: m }, (_, i) => ofMachine(i))
    .sort((a, b) => logRadii(a) - logRadii(b))
    .slice(0, MACHINES_TRIED);
}

/** Of a squared distance in squared radii: its logarithm beyond `COST_RADII`, so that of two that are far the nearer one costs less. */
function costOf(ratio: number): number {
  const most = COST_RADII ** 2;
  return ratio > most ? most + Math.log(Math.min(ratio / most, Number.MAX_VALUE)) : ratio;
}

/** Every machine's components matched to the centres, at least cost. */
function matchAll(between: Between, centres: readonly Centre[], m: number, K: number): Int32Array {
  const matched = new Int32Array(m * K);
  const cost = new Float64Array(K * K);
  for (let i = 0; i < m; i++) {
    centres.forEach(({ point, squaredRadius }, k) => {
      const unit = squaredRadius > 0 && squaredRadius < Infinity ? squaredRadius : Number.MIN_VALUE;
      for (let l = 0; l < K; l++) cost[k * K + l] = costOf(between(i * K + l, point) / unit);
    });
    matched.set(leastAssignment(cost, K), i * K);
  }
  return matched;
}

/** The centre of attention of those that were matched to kind k; the old one if no other has a smaller radius. */
function centreOfKind(
  between: Between,
  matched: Int32Array,
  { centre, k, m, K }: { centre: Centre; k: number; m: number; K: number },
): Centre {
  const kind = Array.from({ length: m }, (_, i) => i * K + matched[i * K + k]);
  let best: Centre = { point: centre.point, squaredRadius: Infinity };
  for (const point of kind) {
    const squaredRadius = halfOf(Float64Array.from(kind, (other) => between(point, other)));
    if (squaredRadius < best.squaredRadius) best = { point, squaredRadius };
  }
  return best;
}
