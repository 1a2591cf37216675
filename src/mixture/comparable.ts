import type { Mixture } from './mixture';

/** @throws where the list is empty, or the mixtures are not of one family and one dimension */
export function requireComparable(mixtures: readonly Mixture[]): void {
  if (mixtures.length === 0) throw new Error('the list of mixtures is empty: at least one is needed');
  const [first] = mixtures;
  mixtures.forEach((mixture, i) => {
    if (mixture.family !== first.family) {
      throw new Error(`mixture ${i} is of the family ${mixture.family.name}, mixture 0 of ${first.family.name}`);
    }
    if (mixture.dimension !== first.dimension) {
      throw new Error(`mixture ${i} is ${mixture.dimension}-dimensional, mixture 0 ${first.dimension}-dimensional`);
    }
  });
}
