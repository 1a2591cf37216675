import { leastAssignment } from '../math/assignment';
import { valueInOrder } from '../math/quantile';
import type { Progress, Steps } from '../work/work';

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

/** What is known of the components of m mixtures of order K: component k of machine i is at i K + k. */
interface Table {
  /** squared distances from the components of the candidates to all, row-major: component k of the c-th candidate is row c K + k */
  readonly squared: Float64Array;
  readonly m: number;
  readonly K: number;
  /** the machines whose components may be centres, ascending */
  readonly candidates: Int32Array;
}

/**
 * Matches the components of m mixtures of order K one to one: labels are arbitrary, and any minority of the components of a
 * kind may be anywhere. Each kind gets a centre of attention, the component around which at least half of the machines have one
 * of theirs within the least radius; machines are matched to the centres, and the centres move to those of their kind, in turn.
 * Of several starts the one is taken about whose centres the closest half of the machines are closest, all K components together.
 * Among the candidates only, drawn at random, each kind has an honest one but for a chance of 2^−(their number) if fewer than half of
 * the machines failed in it; its ball holds half of all machines, so that the centre's is no larger.
 * @param squared squared distances from all components of candidates to all components, row-major; component k of machine i is at i K + k
 * @param candidates the machines whose components may be centres, ascending; all, if not given
 * @returns at [i K + k], which component of machine i is of kind k
 */
export function* alignComponents(
  squared: Float64Array,
  m: number,
  K: number,
  candidates: Int32Array = Int32Array.from({ length: m }, (_, i) => i),
): Steps<Int32Array> {
  const table: Table = { squared, m, K, candidates };
  const progress = (done: number) => ({ stage: 'matching components', done, total: MACHINES_TRIED + 1 });
  const starts: (readonly Centre[])[] = [yield* firstCentres(table, progress(0))];
  starts.push(...(yield* machinesAsCentres(table, progress(0))));
  let best: { readonly matched: Int32Array; readonly spread: number } | undefined;
  const passed = new Set<string>();
  for (const [s, start] of starts.entries()) {
    yield { stage: 'matching components', done: s, total: starts.length };
    const found = yield* settled(table, start, passed, progress(s));
    if (found && (!best || found.spread < best.spread - SMALLER)) best = found;
  }
  return best?.matched ?? new Int32Array(m * K);
}

/**
 * Matching and re-centring in turn, until the centres or the matching rest.
 * @param passed matchings on the way to one that rests, to which this adds its own
 * @returns undefined if this start's matching is on the way of another: what follows is known from there
 */
function* settled(table: Table, start: readonly Centre[], passed: Set<string>, progress: Progress) {
  let centres = start;
  let matched = matchAll(table, centres);
  const met = [keyOf(table, matched)];
  if (passed.has(met[0])) return undefined;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next: Centre[] = [];
    for (const k of centres.keys()) {
      yield progress;
      next.push(centreOfKind(table, matched, centres[k], k));
    }
    const rest = next.every(({ row }, k) => row === centres[k].row);
    centres = next;
    matched = matchAll(table, centres);
    met.push(keyOf(table, matched));
    const same = met[round] === met[round + 1];
    if (same) for (const key of met) passed.add(key);
    if (rest || same) break;
  }
  return { matched, spread: spreadOf(table, centres, matched) };
}

/** The same word for the same kinds, in whatever order they are. */
function keyOf({ m, K }: Table, matched: Int32Array): string {
  const kinds = Array.from({ length: K }, (_, k) => {
    let key = '';
    for (let at = k; at < m * K; at += K) key += String.fromCharCode(matched[at]);
    return key;
  });
  return kinds.sort().join('');
}

/** Distances count from half a radius, as nearer is by chance, and up to this many, so that one wild component is not all. */
const LEAST_RADII = 0.5;
const MOST_RADII = 100;

/**
 * How far half of the machines are from the centres, all K components together, in logarithms: a centre that stands where another
 * does costs every machine a component.
 */
function spreadOf(table: Table, centres: readonly Centre[], matched: Int32Array): number {
  const { m, K } = table;
  const ofMachine = (i: number) =>
    centres.reduce((sum, { row, squaredRadius }, k) => {
      const unit = Math.max(squaredRadius, Number.MIN_VALUE);
      const ratio = between(table, row, i * K + matched[i * K + k]) / unit;
      return sum + Math.log(Math.min(Math.max(ratio, LEAST_RADII ** 2), MOST_RADII ** 2)) + Math.log(unit);
    }, 0);
  const spreads = Float64Array.from({ length: m }, (_, i) => ofMachine(i));
  return valueInOrder(spreads, halfOf(m)) + logRadii(centres);
}

const logRadii = (centres: readonly Centre[]): number =>
  centres.reduce((sum, { squaredRadius }) => sum + Math.log(Math.max(squaredRadius, Number.MIN_VALUE)), 0);

/** A component of a candidate, by its row, and the squared radius around it that holds one component of half of the machines. */
interface Centre {
  readonly row: number;
  readonly squaredRadius: number;
}

/** The machine of a row's component. */
const machineOf = ({ candidates, K }: Table, row: number): number => candidates[Math.floor(row / K)];

/** The squared distance between a row's component and any; components of one machine are never of one kind. */
function between(table: Table, row: number, b: number): number {
  const { squared, m, K } = table;
  const own = machineOf(table, row);
  if (Math.floor(b / K) === own) return b === own * K + (row % K) ? 0 : Infinity;
  return squared[row * m * K + b];
}

/** The place of the least value that more than half do not exceed, the own 0 counted: copies of one machine by a minority do not make it 0. */
const halfOf = (m: number): number => Math.floor(m / 2);

/**
 * The squared radius of a ball that holds half of m machines, if it is below `most`: as soon as too many are beyond that, it is Infinity.
 * @param squaredTo the squared distance of each machine
 */
function squaredRadiusOf(m: number, squaredTo: (i: number) => number, most = Infinity): number {
  const all = new Float64Array(m);
  let within = m - halfOf(m);
  for (let i = 0; i < m; i++) {
    all[i] = squaredTo(i);
    if (all[i] >= most && --within === 0) return Infinity;
  }
  return valueInOrder(all, halfOf(m));
}

/** The squared distance of a row's component to the nearest of each machine that is left. */
function nearestOf(table: Table, row: number, left: Uint8Array): (i: number) => number {
  const { squared, m, K } = table;
  const own = machineOf(table, row);
  const from = row * m * K;
  return (i) => {
    if (i === own) return 0;
    let least = Infinity;
    for (let b = i * K; b < (i + 1) * K; b++) if (left[b] && squared[from + b] < least) least = squared[from + b];
    return least;
  };
}

/** Centres one after another, each with its cluster taken away: the nearest component of every machine, if it is near. */
function* firstCentres(table: Table, progress: Progress): Generator<Progress, Centre[], void> {
  const { m, K, candidates } = table;
  const left = new Uint8Array(m * K).fill(1);
  const pointOf = (row: number) => machineOf(table, row) * K + (row % K);
  const rows = Array.from({ length: candidates.length * K }, (_, row) => row);
  const centres: Centre[] = [];
  for (let k = 0; k < K; k++) {
    let best: Centre = { row: rows.find((row) => left[pointOf(row)]) ?? 0, squaredRadius: Infinity };
    for (const row of rows) {
      if (!left[pointOf(row)]) continue;
      const squaredRadius = squaredRadiusOf(m, nearestOf(table, row, left), best.squaredRadius);
      if (squaredRadius < best.squaredRadius) best = { row, squaredRadius };
      if (row % 16 === 0) yield progress;
    }
    const own = machineOf(table, best.row);
    left[pointOf(best.row)] = 0;
    for (let i = 0; i < m; i++) {
      if (i === own) continue;
      let nearest = -1;
      for (let b = i * K; b < (i + 1) * K; b++)
        if (left[b] && (nearest < 0 || between(table, best.row, b) < between(table, best.row, nearest))) nearest = b;
      if (nearest >= 0 && between(table, best.row, nearest) <= CLUSTER_RADII ** 2 * best.squaredRadius)
        left[nearest] = 0;
    }
    centres.push(best);
  }
  return centres;
}

/** The components of each of a few machines as centres, those whose radii are smallest together. */
function* machinesAsCentres(table: Table, progress: Progress): Generator<Progress, Centre[][], void> {
  const { m, K, candidates } = table;
  const all = new Uint8Array(m * K).fill(1);
  const machines: Centre[][] = [];
  for (const c of candidates.keys()) {
    machines.push(
      Array.from({ length: K }, (_, k): Centre => {
        const row = c * K + k;
        return { row, squaredRadius: squaredRadiusOf(m, nearestOf(table, row, all)) };
      }),
    );
    yield progress;
  }
  return machines.sort((a, b) => logRadii(a) - logRadii(b)).slice(0, MACHINES_TRIED);
}

/** Of a squared distance in squared radii: its logarithm beyond `COST_RADII`, so that of two that are far the nearer one costs less. */
function costOf(ratio: number): number {
  const most = COST_RADII ** 2;
  return ratio > most ? most + Math.log(Math.min(ratio / most, Number.MAX_VALUE)) : ratio;
}

/** Every machine's components matched to the centres, at least cost. */
function matchAll(table: Table, centres: readonly Centre[]): Int32Array {
  const { m, K } = table;
  const matched = new Int32Array(m * K);
  const cost = new Float64Array(K * K);
  for (let i = 0; i < m; i++) {
    centres.forEach(({ row, squaredRadius }, k) => {
      const unit = squaredRadius > 0 && squaredRadius < Infinity ? squaredRadius : Number.MIN_VALUE;
      for (let l = 0; l < K; l++) cost[k * K + l] = costOf(between(table, row, i * K + l) / unit);
    });
    matched.set(leastAssignment(cost, K), i * K);
  }
  return matched;
}

/** The centre of attention of those that were matched to kind k; the old one if no other has a smaller radius. */
function centreOfKind(table: Table, matched: Int32Array, centre: Centre, k: number): Centre {
  const { squared, m, K, candidates } = table;
  const kind = Int32Array.from({ length: m }, (_, i) => i * K + matched[i * K + k]);
  let best: Centre = { row: centre.row, squaredRadius: Infinity };
  for (const [c, machine] of candidates.entries()) {
    const row = c * K + matched[machine * K + k];
    const from = row * m * K;
    const squaredTo = (i: number) => (i === machine ? 0 : squared[from + kind[i]]);
    const squaredRadius = squaredRadiusOf(m, squaredTo, best.squaredRadius);
    if (squaredRadius < best.squaredRadius) best = { row, squaredRadius };
  }
  return best;
}
