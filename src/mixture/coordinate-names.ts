import type { Family } from '../families/family';
import type { Mixture } from './mixture';

/**
 * What each coordinate of `mixtureToVector` is called: 'weight 0', 'component 1: mean x', 'component 1: covariance x, y'.
 * @param mixture a mixture
 * @param features the names of the d features; their numbers if not given
 * @returns a name for each coordinate
 * @example
 * const G = gaussianMixture({ weights: [0.3, 0.7], means: [[0], [4]], covariances: [[[1]], [[1]]] });
 * coordinateNames(G, ['height']).slice(0, 3); // ['weight 0', 'component 0: mean height', 'component 0: covariance height, height']
 */
export function coordinateNames<Parameter>(mixture: Mixture<Parameter>, features?: readonly string[]): string[] {
  const { family, order, parameters } = mixture;
  const feature = (i: number) => features?.[i] ?? String(i);
  const own = namesOf(family, parameters[0], feature);
  const vector = family.toVector(parameters[0]);
  const areNamed = own.length === vector.length && own.every(([, value], i) => value === vector[i]);
  const names = Array.from(vector, (_, i) => (areNamed ? own[i][0] : `coordinate ${i}`));
  return [
    ...Array.from({ length: order - 1 }, (_, k) => `weight ${k}`),
    ...Array.from({ length: order }, (_, k) => names.map((name) => `component ${k}: ${name}`)).flat(),
  ];
}

/** The numbers of a family's JSON with their names: single ones, lists by feature, and the lower triangles of matrices. */
function namesOf<P>({ toJSON }: Family<P>, parameter: P, feature: (i: number) => string): [string, unknown][] {
  return Object.entries(toJSON(parameter) as object).flatMap(([name, value]): [string, unknown][] => {
    if (!Array.isArray(value)) return [[name, value]];
    if (!Array.isArray(value[0])) return value.map((one, i) => [`${name} ${feature(i)}`, one]);
    return value.flatMap((row: number[], j) =>
      row.slice(j).map((one, i): [string, unknown] => [`${name} ${feature(j)}, ${feature(i + j)}`, one]),
    );
  });
}
