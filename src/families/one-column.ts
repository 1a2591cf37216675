import { InvalidInput } from '../errors';
import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';
import type { Family } from './family';
import { LARGEST } from './scalar-parameter';

/**
 * The check of observations that are one number each.
 * @param family its name, for messages
 * @param admits whether the number can be observed
 * @param what what the family's observations are, and what to do with others
 * @returns a check that throws InvalidInput, naming the row and the remedy
 * @example
 * const check = oneColumn('waiting-times', (x) => x > 0, 'positive: leave out what is not');
 * check({ data: Float64Array.of(1, 2), rows: 2, columns: 1 }); // undefined: nothing is wrong
 */
export function oneColumn(
  family: string,
  admits: (x: number) => boolean = () => true,
  what = '',
): (samples: Samples) => void {
  return ({ data, columns }) => {
    if (columns !== 1) {
      throw new InvalidInput(
        `the ${family} family is over one column, but the table has ${columns}: choose one of them`,
      );
    }
    const bad = data.findIndex((x) => !admits(x));
    if (bad >= 0) throw new InvalidInput(`row ${bad} is ${data[bad]}: ${family} observations are ${what}`);
    const far = data.findIndex((x) => x !== 0 && !(Math.abs(x) <= LARGEST && Math.abs(x) >= 1 / LARGEST));
    if (far >= 0) throw new InvalidInput(`row ${far} is ${data[far]}: choose a unit in which the data are nearer to 1`);
  };
}

/**
 * A table of one column, each number changed by `f`.
 * @param samples n numbers
 * @param f the change
 * @returns a new table of one column, whose rows count as often
 * @example
 * const logs = mapColumn({ data: Float64Array.of(1, Math.E), rows: 2, columns: 1 }, Math.log);
 * logs.data; // [0, 1]
 */
export function mapColumn(samples: Samples, f: (x: number) => number): Samples {
  return { ...samples, data: samples.data.map(f) };
}

/**
 * The contract's sampler, of a source of single numbers.
 * @param source makes, for a parameter and a stream, the function that draws the next number
 * @returns the contract’s `sampler`
 * @example
 * const sampler = numberSampler(({ mean }: { readonly mean: number }, random) => () => -mean * Math.log(1 - random()));
 * const rows = new Float64Array(2);
 * const draw = sampler({ mean: 3 }, randomStream(1, 'waiting times'));
 * for (const j of rows.keys()) draw(rows, j);
 * rows; // [1.65, 7.78]
 */
export function numberSampler<P>(source: (parameter: P, random: RandomStream) => () => number): Family<P>['sampler'] {
  return (parameter, random) => {
    const next = source(parameter, random);
    return (out, offset) => {
      out[offset] = next();
    };
  };
}
