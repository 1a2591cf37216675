import { randomNormal } from 'd3-random';
import { randomStream } from '../math/random';
import { type Samples, samplesOf, takeRows } from '../math/table';
import { expertsCovariates } from '../simulate/experts-population';
import type { ExpertsSetting } from './experts-setting';

/** S, if a setting does not say it. */
const USUAL_ROWS = 200;

/** Of the rows that failed machines send as covariates to compare on. */
const FAR_FACTOR = 10;

/** The covariates of machine i. */
export function rowsOfMachine({ population, sampleSize, shift = 0 }: ExpertsSetting, i: number, seed: string): Samples {
  const { covariates } = population;
  const normal = randomNormal.source(randomStream(seed, `the mean of machine ${i}`))(0, shift);
  const mean = Array.from({ length: covariates }, () => normal());
  return expertsCovariates(sampleSize, { covariates, mean, seed: `${seed}, machine ${i}` });
}

/** The rows that the server compares on. */
export function serverRows(
  { population: { covariates }, rows = USUAL_ROWS, rowsFrom = 'server' }: ExpertsSetting,
  tables: readonly { readonly x: Samples }[],
  failed: Int32Array,
  seed: string,
): Samples {
  if (rowsFrom === 'server') return expertsCovariates(rows, { covariates, seed: `${seed}, server` });
  const each = Array.from({ length: Math.ceil(rows / tables.length) }, (_, j) => j);
  const parts = tables.map(({ x }, i) => {
    const { data } = takeRows(x, each);
    return failed.includes(i) ? data.map((value) => FAR_FACTOR * value) : data;
  });
  return samplesOf(joined(parts), parts.length * each.length, covariates);
}

/** All rows in one table. */
export function pooledRows(tables: readonly { readonly x: Samples; readonly y: Samples }[]): {
  x: Samples;
  y: Samples;
} {
  const all = (of: 'x' | 'y') => {
    const rows = tables.reduce((sum, table) => sum + table[of].rows, 0);
    return samplesOf(joined(tables.map((table) => table[of].data)), rows, tables[0][of].columns);
  };
  return { x: all('x'), y: all('y') };
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
