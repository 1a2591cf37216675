import { InvalidInput } from '../errors';
import { listed } from '../tables/source';
import { type EstimateJSON, type ExpertsEstimateJSON, isOfExperts } from './estimate-file';
import { type Checked, type Received, step } from './received';

/** What has names: features, which are the covariates of experts, or the responses of experts. */
type Named = 'names' | 'responses';

/**
 * Messages with their features and responses in one order: those whose tables have the same columns in different orders mean the same by a name,
 * and not by a place. The order is the most frequent one of these names.
 */
export function inOneOrder(all: readonly Received[]): readonly Received[] {
  return orderedBy('responses', orderedBy('names', all));
}

function orderedBy(named: Named, all: readonly Received[]): readonly Received[] {
  const counts = new Map<string, Map<string, number>>(); // of the orders of the same names
  for (const one of all) {
    const names = namesOf(one, named);
    if (!names) continue;
    const orders = counts.get(keyOf(names)) ?? new Map<string, number>();
    counts.set(keyOf(names), orders.set(JSON.stringify(names), (orders.get(JSON.stringify(names)) ?? 0) + 1));
  }
  return all.map((one) => {
    const names = namesOf(one, named);
    const orders = names && counts.get(keyOf(names));
    if (!orders || orders.size < 2) return one;
    const [[most]] = [...orders].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    const order: string[] = JSON.parse(most);
    const places = order.map((name) => names.indexOf(name));
    if (places.every((place, i) => place === i)) return one;
    return step(one, ({ json }) => ({ json: reordered(json as Checked, named, order, places) }));
  });
}

/** The names of a message's features or responses, if they tell these apart. */
function namesOf({ json }: Received, named: Named): readonly string[] | undefined {
  const names = json && (named === 'names' ? json.names : isOfExperts(json) ? json.responses : undefined);
  return names && new Set(names).size === names.length ? names : undefined;
}

const keyOf = (names: readonly string[]): string => JSON.stringify([...names].sort());

function reordered(json: Checked, named: Named, order: string[], places: readonly number[]): Checked {
  if (!isOfExperts(json)) return reorderedMixture(json, order, places);
  return named === 'names' ? withCovariates(json, order, places) : withResponses(json, order, places);
}

/** The constant stays the first of each line. */
function withCovariates(json: ExpertsEstimateJSON, names: string[], places: readonly number[]): ExpertsEstimateJSON {
  const line = picked([0, ...places.map((place) => 1 + place)]);
  const { gates, coefficients, ...rest } = json.experts;
  const planes = (coefficients as (number[] | number[][])[]).map((own) =>
    Array.isArray(own[0]) ? (own as number[][]).map(line<number>) : line(own as number[]),
  ) as number[][] | number[][][];
  return { ...json, experts: { ...rest, gates: gates.map(line<number>), coefficients: planes }, names };
}

function withResponses(json: ExpertsEstimateJSON, responses: string[], places: readonly number[]): ExpertsEstimateJSON {
  const of = picked(places);
  const { coefficients, variances, ...rest } = json.experts;
  const experts = {
    ...rest,
    coefficients: (coefficients as number[][][]).map(of<number[]>),
    ...(variances && { variances: (variances as number[][][]).map((matrix) => of(matrix).map(of<number>)) }),
  };
  return { ...json, experts, responses };
}

/** What of a component's JSON is by feature: lists, and matrices in both directions. */
const BY_FEATURE = ['mean', 'variances', 'meanDirection', 'concentration', 'probabilities'];
const BY_PAIR = ['covariance'];

/** @throws InvalidInput if the family's parameters do not say which of their numbers are of which feature */
function reorderedMixture(json: EstimateJSON, names: string[], places: readonly number[]): EstimateJSON {
  const of = picked(places);
  const ordered = (key: string, value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    if (BY_PAIR.includes(key)) return of(value as number[][]).map(of<number>);
    return of(value);
  };
  const parameters = json.parameters.map((parameter) => {
    const entries = Object.entries(parameter as object);
    const lists = entries.filter(([, value]) => Array.isArray(value));
    if (lists.length === 0 || !lists.every(([key]) => BY_FEATURE.includes(key) || BY_PAIR.includes(key)))
      throw new InvalidInput(
        `its features are ${listed(json.names ?? [])}, in another order than those of the others: fit with ${listed(names)}`,
      );
    return Object.fromEntries(entries.map(([key, value]) => [key, ordered(key, value)]));
  });
  const { noise, categories } = json;
  return {
    ...json,
    // the numbers of categories are in the name of the family
    family: json.family.replace(
      /^categorical\((.*)\)$/,
      (_, counts: string) => `categorical(${of(counts.split(','))})`,
    ),
    parameters,
    names,
    ...(noise && { noise: { ...noise, lower: of(noise.lower), upper: of(noise.upper) } }),
    ...(categories && { categories: of(categories) }),
  };
}

/** The entries of a list at some places. */
const picked =
  (places: readonly number[]) =>
  <T>(list: readonly T[]): T[] =>
    places.map((place) => list[place]);
