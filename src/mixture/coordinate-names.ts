import type { Family } from '../families/family';
import type { Mixture } from './mixture';

/**
 * What each coordinate of `mixtureToVector` is called: 'weight 0', 'component 1: mean x', 'component 1: covariance x, y'.
 * @param mixture a mixture
 * @param features the names of the d features; their numbers if not given
 * @returns a name for each coordinate
 */
export function coordinateNames<Parameter>(
  { family, order, dimension, parameters }: Mixture<Parameter>,
  features?: readonly string[],
): string[] {
  const feature = (i: number) => features?.[i] ?? String(i);
  const own = namesOf(family, parameters[0], feature);
  const p = family.size(dimension);
  const names = own.length === p ? own : Array.from({ length: p }, (_, i) => `coordinate ${i}`);
  return [
    ...Array.from({ length: order - 1 }, (_, k) => `weight ${k}`),
    ...Array.from({ length: order }, (_, k) => names.map((name) => `component ${k}: ${name}`)).flat(),
  ];
}

/** The names of a family's JSON: numbers, lists by feature, and the lower triangles of matrices. */
function namesOf<P>({ toJSON }: Family<P>, parameter: P, feature: (i: number) => string): string[] {
  return Object.entries(toJSON(parameter) as object).flatMap(([name, value]) => {
    if (!Array.isArray(value)) return name;
    if (!Array.isArray(value[0])) return value.map((_, i) => `${name} ${feature(i)}`);
    return value.flatMap((row: number[], j) => row.slice(j).map((_, i) => `${name} ${feature(j)}, ${feature(i + j)}`));
  });
}
