import { InvalidInput } from '../errors';
import { layout } from './axes';
import type { Figure } from './figure';

/**
 * A symmetric matrix as a picture, its entries divided by the roots of its diagonal: 1 is dark red, −1 dark blue, 0 white.
 * @param matrix its size and its entries, such as `l2Hessian` gives them
 * @param options the names of the rows
 * @throws InvalidInput if there are not as many labels as rows
 * @example
 * const labels = coordinateNames(truth, ['length', 'width']);
 * const figure = matrixFigure(l2Hessian(truth), { labels });
 * figure.data[0].type; // 'heatmap'
 */
export function matrixFigure(
  matrix: {
    /** how many rows the matrix has */
    readonly size: number;
    /** size × size numbers, row-major; those on the diagonal above 0 */
    readonly entries: ArrayLike<number>;
  },
  options: {
    /** the names of the rows */
    readonly labels: readonly string[];
  },
): Figure {
  const { size, entries } = matrix;
  const { labels } = options;
  if (labels.length !== size)
    throw new InvalidInput(`a matrix of ${size} rows needs as many labels, but ${labels.length} are given`);
  const scale = Array.from({ length: size }, (_, i) => Math.sqrt(entries[i * size + i]));
  const rows = labels.map((label, i) => `${i + 1}: ${label}`); // categories must differ
  return {
    data: [
      {
        type: 'heatmap',
        x: rows,
        y: rows,
        z: rows.map((_, i) => rows.map((__, j) => entries[i * size + j] / (scale[i] * scale[j]))),
        zmin: -1,
        zmax: 1,
        colorscale: [
          [0, '#0072B2'],
          [0.5, '#FFFFFF'],
          [1, '#D55E00'],
        ],
        colorbar: { thickness: 14 },
        hovertemplate: '%{y}, %{x}: %{z:.2f}<extra></extra>',
      },
    ],
    layout: layout({
      height: 460,
      xaxis: { tickvals: rows, ticktext: [...labels], tickangle: -60, showgrid: false, constrain: 'domain' },
      yaxis: { tickvals: rows, ticktext: [...labels], showgrid: false, scaleanchor: 'x', autorange: 'reversed' },
    }),
  };
}
