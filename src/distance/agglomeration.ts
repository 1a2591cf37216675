import { InvalidInput } from '../errors';
import { type Estimate, mixtureOf } from '../mixture/given';
import { costOf } from './costs';
import type { DistanceMatrix } from './distance-matrix';

/** Two groups that become one. A group is a leaf, 0 … m − 1, or what merge s made, m + s. */
export interface Merge {
  /** one group */
  readonly first: number;
  /** the other group */
  readonly second: number;
  /** where they merge: not below the merges that made them */
  readonly height: number;
}

/** A tree of m leaves that merge two by two until they are one. */
export interface Agglomeration {
  /** what the heights are, as an axis shows it */
  readonly title: string;
  /** what the leaves are */
  readonly of: 'machine' | 'component';
  /** m */
  readonly leaves: number;
  /** m − 1 of them, by height */
  readonly merges: readonly Merge[];
}

/**
 * Merges estimates, the nearest groups first, at the mean distance between the members of the two (average linkage). Groups of
 * machines that agree are branches which join the others high up. One liar between two groups cannot make them one, as it could with
 * single linkage, nor one stray member split a group, as with complete linkage. Takes m² steps, by chains of nearest neighbours
 * (Murtagh 1983).
 * @param distances between m estimates
 * @returns the tree, with heights on the scale of `distances.at`
 * @throws InvalidInput if a distance is not a number from 0 to Infinity, naming the pair
 * @example
 * const { merges } = agglomerate(l2DistanceMatrix(fits));
 * [merges[0].first, merges[0].second]; // [0, 3]: the two machines that are nearest to each other
 * merges.length; // 4
 */
export function agglomerate(distances: DistanceMatrix): Agglomeration {
  const { size: m, title = 'distance' } = distances;
  const between = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) {
      const distance = distances.at(i, j);
      if (!(distance >= 0))
        throw new InvalidInput(`the distance between estimates ${i} and ${j} is ${distance}: it must be 0 or more`);
      between[i * m + j] = distance;
      between[j * m + i] = distance;
    }
  }
  const sizes = new Float64Array(m).fill(1); // of the group that each slot holds
  const slots = new Set(sizes.keys());
  const chain: number[] = [];
  const found: SlotMerge[] = [];
  while (slots.size > 1) {
    if (chain.length === 0) chain.push(Math.min(...slots));
    const end = chain[chain.length - 1];
    const before = chain[chain.length - 2];
    const nearest = nearestTo(end, slots, (slot) => between[end * m + slot]);
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    const [kept, gone] = [Math.min(end, nearest), Math.max(end, nearest)];
    found.push({ kept, gone, height: between[kept * m + gone] });
    slots.delete(gone);
    for (const other of slots) {
      const total = sizes[kept] * between[kept * m + other] + sizes[gone] * between[gone * m + other];
      between[kept * m + other] = total / (sizes[kept] + sizes[gone]);
      between[other * m + kept] = between[kept * m + other];
    }
    sizes[kept] += sizes[gone];
  }
  return { title: `mean ${title} between groups`, of: 'machine', leaves: m, merges: byHeight(found, m) };
}

/** Two slots of which one then holds both groups. */
interface SlotMerge {
  readonly kept: number;
  readonly gone: number;
  readonly height: number;
}

/** The nearest other slot; of several the first, so that chains never go round. */
function nearestTo(end: number, slots: Iterable<number>, distanceTo: (slot: number) => number): number {
  let nearest = -1;
  for (const slot of slots) {
    if (slot !== end && (nearest < 0 || distanceTo(slot) < distanceTo(nearest))) nearest = slot;
  }
  return nearest;
}

/** Merges by height, with groups numbered as in `Merge`. Rounding puts none below those that made it. */
function byHeight(found: readonly SlotMerge[], m: number): Merge[] {
  const reached = new Float64Array(m);
  const raised = found.map(({ kept, gone, height }) => {
    reached[kept] = Math.max(height, reached[kept], reached[gone]);
    return { kept, gone, height: reached[kept] };
  });
  const group = Array.from(reached.keys());
  return raised
    .sort((a, b) => (a.height === b.height ? 0 : a.height - b.height)) // Infinity − Infinity is no order
    .map(({ kept, gone, height }, s) => {
      const [first, second] = [group[kept], group[gone]].sort((a, b) => a - b);
      group[kept] = m + s;
      return { first, second, height };
    });
}

/**
 * Merges the components of a mixture, each time the two whose merging costs least. The height is what all merges so far cost: the
 * transport cost Σ w_i KL(θ_i ‖ θ̄) of moving every component to the barycentre θ̄ of its group, in nats. So the tree shows what is lost
 * with fewer components; those that are the same merge at 0.
 * @param estimate a mixture of any family, or a result that holds one
 * @returns the tree
 * @throws BeyondFloat64 if two components are too far from each other
 * @example
 * const { merges } = agglomerateComponents(truth);
 * [merges[0].first, merges[0].second]; // [0, 2]: the components that are most alike
 * merges[1].height; // 2.54: what a single component would cost
 */
export function agglomerateComponents<Parameter>(estimate: Estimate<Parameter>): Agglomeration {
  const { family, order, parameters, weights } = mixtureOf(estimate);
  const { divergence, barycentre } = costOf('kl', family);
  const costOfGroup = (members: readonly number[]) => {
    const own = Float64Array.from(members, (k) => weights[k] || Number.MIN_VALUE); // where none has a weight, all count alike
    const centre = barycentre(
      members.map((k) => parameters[k]),
      own,
    );
    return members.reduce((sum, k, i) => sum + own[i] * divergence(parameters[k], centre), 0);
  };
  const groups = parameters.map((_, k): Group => ({ number: k, members: [k], cost: 0 }));
  const known = new Map<string, number>();
  const more = (a: Group, b: Group) => {
    const pair = `${a.number}, ${b.number}`;
    const cost = known.get(pair) ?? costOfGroup([...a.members, ...b.members]);
    known.set(pair, cost);
    return Math.max(0, cost - a.cost - b.cost);
  };
  const merges: Merge[] = [];
  let height = 0;
  while (groups.length > 1) {
    let best: { i: number; j: number; cost: number } | undefined;
    for (let j = 1; j < groups.length; j++) {
      for (let i = 0; i < j; i++) {
        const cost = more(groups[i], groups[j]);
        if (!best || cost < best.cost) best = { i, j, cost };
      }
    }
    const { i, j, cost } = best as { i: number; j: number; cost: number };
    const [first, second] = [groups[i], groups[j]];
    height += cost;
    merges.push({ first: first.number, second: second.number, height });
    groups.splice(j, 1);
    groups.splice(i, 1);
    const members = [...first.members, ...second.members];
    groups.push({ number: order + merges.length - 1, members, cost: first.cost + second.cost + cost });
  }
  return { title: 'transport cost of the merges so far, nats', of: 'component', leaves: order, merges };
}

/** Components that were merged. */
interface Group {
  readonly number: number;
  readonly members: readonly number[];
  /** Σ w KL(θ ‖ θ̄) of its members */
  readonly cost: number;
}
