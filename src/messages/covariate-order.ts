import { isOfExperts } from './estimate-file';
import type { Received } from './received';

/**
 * Messages of experts with their covariates in one order: those whose tables have the same columns in different orders mean the same by a name,
 * and not by a place. The order is the most frequent one of these names.
 */
export function inOneOrder(all: readonly Received[]): readonly Received[] {
  const counts = new Map<string, Map<string, number>>(); // of the orders of the same names
  for (const one of all) {
    const names = namesOf(one);
    if (!names) continue;
    const orders = counts.get(keyOf(names)) ?? new Map<string, number>();
    counts.set(keyOf(names), orders.set(JSON.stringify(names), (orders.get(JSON.stringify(names)) ?? 0) + 1));
  }
  return all.map((one) => {
    const names = namesOf(one);
    const orders = names && counts.get(keyOf(names));
    if (!orders || orders.size < 2) return one;
    const [[most]] = [...orders].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return reordered(one, names, JSON.parse(most));
  });
}

/** The names of a message's covariates, if they tell these apart. */
function namesOf({ json }: Received): readonly string[] | undefined {
  if (!json?.names || !isOfExperts(json)) return undefined;
  return new Set(json.names).size === json.names.length ? json.names : undefined;
}

const keyOf = (names: readonly string[]): string => JSON.stringify([...names].sort());

function reordered(one: Received, names: readonly string[], order: string[]): Received {
  if (!one.json || !isOfExperts(one.json)) return one;
  const places = [0, ...order.map((name) => 1 + names.indexOf(name))]; // the constant stays the first
  const line = (numbers: number[]): number[] => places.map((place) => numbers[place]);
  const { gates, coefficients, ...rest } = one.json.experts;
  const planes = (coefficients as (number[] | number[][])[]).map((own) =>
    Array.isArray(own[0]) ? (own as number[][]).map(line) : line(own as number[]),
  ) as number[][] | number[][][];
  const experts = { ...rest, gates: gates.map(line), coefficients: planes };
  return { ...one, json: { ...one.json, experts, names: order } };
}
