import { symmetricEigen } from '../math/linear-algebra';

// Points and curves as figures store them.

/** Which of the rows are drawn if no more than `most` can be: every second, every third … */
export function thinned(rows: number, most: number): number[] {
  const step = Math.ceil(rows / most);
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step);
}

/** Rounded to a few significant digits: enough for the eye, and the notebook is half as large. */
export const rounded = (values: ArrayLike<number>, digits: number): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(digits)));

/** The points of a trace, to four digits, and one more for each power of ten by which they are farther from 0 than from each other. */
export function coordinates(points: readonly (readonly [number, number])[]): { x: number[]; y: number[] } {
  const [x, y] = [0, 1].map((i) => {
    const values = points.map((point) => point[i]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const powers = Math.floor(Math.log10(Math.max(Math.abs(least), Math.abs(most)) / (most - least)));
    return rounded(values, most > least ? 4 + Math.min(11, Math.max(0, powers)) : 4);
  });
  return { x, y };
}

/** The ellipse that holds 86 % of a Gaussian in the plane, two standard deviations from its mean, as a closed polygon. */
export function ellipse(mean: readonly [number, number], covariance: Float64Array): [number, number][] {
  const { values, vectors } = symmetricEigen(covariance, 2);
  const turns = Array.from({ length: 61 }, (_, i) => (2 * Math.PI * i) / 60);
  return turns.map((t): [number, number] => {
    const [u, v] = [2 * Math.sqrt(values[0]) * Math.cos(t), 2 * Math.sqrt(values[1]) * Math.sin(t)];
    const at = (i: number) => mean[i] + u * vectors.get(i, 0) + v * vectors.get(i, 1);
    return [at(0), at(1)];
  });
}
