import type { Aggregated } from '../aggregate/rule';
import { InvalidInput } from '../errors';
import type { Seed } from '../math/random';
import type { Samples } from '../math/table';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { machinesOf } from '../protocol/round-machine';
import { dfmrRounds, type Rounds } from '../protocol/rounds';
import type { FailMachinesOptions } from '../simulate/fail-machines';
import { failMachines } from '../simulate/fail-machines';

/** A method that is rounds: how many, and how they are held. */
export interface RoundsMethod {
  readonly rounds: number;
  /** the same for all that are the first rounds of each other */
  readonly plan: string;
  readonly iterations?: number;
  readonly vote: boolean;
  readonly accelerate: boolean;
}

/**
 * The rounds of 'Rounds(12)', 'Rounds(8, E = 1)', 'Rounds(8, E = 1, no vote)' or 'Rounds(16, E = 1, accelerated)'; undefined for
 * another method.
 * @throws InvalidInput if the method is rounds of what there is not
 */
export function roundsMethodOf(method: string): RoundsMethod | undefined {
  const [, inside] = /^Rounds\((.*)\)$/.exec(method) ?? [];
  if (inside === undefined) return undefined;
  const [count, ...words] = inside.split(',').map((one) => one.trim());
  const steps = words.map((word) => /^E = ([1-9]\d*)$/.exec(word)?.[1]).find((one) => one !== undefined);
  const known = words.every((word) => /^(E = [1-9]\d*|no vote|accelerated)$/.test(word));
  if (!(/^[1-9]\d*$/.test(count) && known))
    throw new InvalidInput(
      `there is no method "${method}": write Rounds(12), with E = 1, no vote or accelerated after a comma`,
    );
  return {
    rounds: Number(count),
    plan: words.join(', '),
    ...(steps !== undefined && { iterations: Number(steps) }),
    vote: !words.includes('no vote'),
    accelerate: words.includes('accelerated'),
  };
}

/** What a study asks of rounds: the tables, what of the machines fails, and where round 1 starts. */
interface Held {
  readonly tables: readonly Samples[];
  readonly failure: Omit<FailMachinesOptions<unknown>, 'votes'> & { readonly seed: Seed };
  readonly start: Estimate<unknown>;
  readonly signal?: AbortSignal;
}

/**
 * Holds the rounds of all methods of one plan together: a method of fewer rounds is the first of them.
 * @returns of each method, the best so far after its rounds, and the machines that were used
 */
export async function resultsOfRounds(
  methods: readonly RoundsMethod[],
  { tables, failure, start, signal }: Held,
): Promise<Pick<Aggregated, 'mixture' | 'kept'>[]> {
  const [{ iterations, vote, accelerate }] = methods;
  const { machines } = failMachines(machinesOf(tables, { workers: 1 }), failure);
  const result = await dfmrRounds<unknown>(machines, {
    start,
    rounds: Math.max(...methods.map(({ rounds }) => rounds)),
    ...(iterations !== undefined && { iterations }),
    vote,
    accelerate,
    tolerance: 0,
    signal,
  });
  return methods.map(({ rounds }) => ({
    mixture: bestAfter(result, start, rounds),
    kept: Int32Array.from(usedIn(result, rounds)),
  }));
}

/** The best so far after some rounds; rounds that were not held changed nothing. */
function bestAfter({ history }: Rounds<unknown>, start: Estimate<unknown>, rounds: number): Mixture {
  const accepted = history.slice(0, rounds).filter((one) => one.accepted);
  const from = ('mixture' in start ? start.mixture : start) as Mixture;
  return accepted.length > 0 ? accepted[accepted.length - 1].mixture : from;
}

/** The machines of which a component was used in the last of some rounds that aggregated. */
function usedIn({ history, machines }: Rounds<unknown>, rounds: number): number[] {
  const held = history.slice(0, rounds).filter(({ keptComponents }) => keptComponents.length > 0);
  const { keptComponents = [] } = held[held.length - 1] ?? {};
  const K = keptComponents.length / machines.length;
  return [...machines.keys()].filter((i) => keptComponents.slice(i * K, (i + 1) * K).includes(1));
}
