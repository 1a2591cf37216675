import { InvalidInput } from '../errors';
import { requirePositiveInteger } from '../math/checks';
import { layout } from './axes';
import type { Figure } from './figure';

/** Pixels between two images. */
const GAP_PIXELS = 2;

/**
 * Square images side by side, row by row: the larger a value, the darker.
 * @param images each of side × side values, row by row, from the upper left
 * @param options what stands above the images, and how many stand in a row
 * @throws InvalidInput if the images are not squares of one size, or there are not as many names
 * @example
 * const means = readNpy('data/nist-class-means.npy'); // the mean image of each class, 20 × 784
 * const digits = [3, 8].map((label) => means.data.subarray(784 * label, 784 * (label + 1)));
 * const figure = imagesFigure(digits, { names: ['3', '8'] });
 * figure.data[0].type; // 'heatmap'
 */
export function imagesFigure(
  images: readonly ArrayLike<number>[],
  options: {
    /** what stands above each image */
    readonly names: readonly string[];
    /**
     * how many images stand in a row
     * @defaultValue 10
     */
    readonly columns?: number;
  },
): Figure {
  const { names, columns = 10 } = options;
  requirePositiveInteger('columns', columns);
  if (images.length === 0 || names.length !== images.length)
    throw new InvalidInput(`${images.length} images need as many names, but ${names.length} are given`);
  const side = Math.sqrt(images[0].length);
  const odd = images.findIndex((image) => image.length !== side * side || !Number.isInteger(side));
  if (odd >= 0)
    throw new InvalidInput(`image ${odd} has ${images[odd].length} values: images must be squares of one size`);
  const step = side + GAP_PIXELS;
  const head = Math.ceil(side / 3); // for the names
  const rows = Math.ceil(images.length / columns);
  const canvas = Array.from({ length: rows * (step + head) }, () =>
    new Array<number | null>(columns * step).fill(null),
  );
  const corner = (i: number) => [Math.floor(i / columns) * (step + head) + head, (i % columns) * step];
  images.forEach((image, i) => {
    const [top, left] = corner(i);
    for (let at = 0; at < image.length; at++) canvas[top + Math.floor(at / side)][left + (at % side)] = image[at];
  });
  const hidden = { visible: false, showgrid: false, constrain: 'domain' } as const;
  return {
    data: [
      {
        type: 'heatmap',
        z: canvas as number[][],
        colorscale: [
          [0, '#FFFFFF'],
          [1, '#1A1A1A'],
        ],
        showscale: false,
        hoverinfo: 'skip',
      },
    ],
    layout: layout({
      height: 20 + rows * 110,
      margin: { t: 5, r: 10, b: 5, l: 10 },
      xaxis: hidden,
      yaxis: { ...hidden, autorange: 'reversed', scaleanchor: 'x' },
      annotations: names.map((text, i) => {
        const [top, left] = corner(i);
        return { text, x: left + side / 2, y: top - 1, yanchor: 'bottom', showarrow: false, font: { size: 12 } };
      }),
    }),
  };
}
