import { PIXELS, SIDE } from './nist-images';

/** The side of a picture of NIST's Special Database 19, in pixels. */
export const PICTURE_SIDE = 128;

/** The side of the middle of a picture, which holds the character, in pixels. */
const CROPPED_SIDE = 64;

/** Pixels of a picture before its middle, in a row or a column. */
const MARGIN = (PICTURE_SIDE - CROPPED_SIDE) / 2;

/** Binary places of the weights, which are fixed-point numbers as Pillow's are. */
const WEIGHT_BITS = 22;

/** The pixels of the source, from `first` on, that make one of the target, and their weights. */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

const TAPS: readonly Taps[] = triangleTaps(CROPPED_SIDE, SIDE);

/**
 * The image of a character of SD19 as the paper's code makes it, though of ink: grey, the middle 64 × 64 pixels, made smaller to 28 × 28.
 * It gives the bytes that Pillow gives: `convert('L')`, `crop((32, 32, 96, 96))` and `resize((28, 28), BILINEAR)`, whose triangle
 * is as wide as the pixels it makes: first along the rows, then along the columns, rounded to bytes after each. The paper's code keeps paper
 * white; here 0 is paper and 255 ink, that is 255 less Pillow's byte.
 * @param picture 128 × 128 × 4 bytes, row by row: red, green, blue, and opacity, which is ignored
 * @returns 28 × 28 bytes, row by row
 */
export function characterOf(picture: Uint8Array): Uint8Array {
  const narrow = new Uint8Array(CROPPED_SIDE * SIDE);
  const grey = new Uint8Array(CROPPED_SIDE);
  for (let row = 0; row < CROPPED_SIDE; row++) {
    let from = 4 * ((row + MARGIN) * PICTURE_SIDE + MARGIN);
    for (let i = 0; i < CROPPED_SIDE; i++, from += 4) {
      grey[i] = (picture[from] * 19595 + picture[from + 1] * 38470 + picture[from + 2] * 7471 + 0x8000) >> 16;
    }
    for (let column = 0; column < SIDE; column++) narrow[row * SIDE + column] = weighted(grey, 0, 1, TAPS[column]);
  }
  const ink = new Uint8Array(PIXELS);
  for (let i = 0; i < ink.length; i++) {
    ink[i] = 255 - weighted(narrow, i % SIDE, SIDE, TAPS[Math.floor(i / SIDE)]);
  }
  return ink;
}

/** The weighted sum of `pixels[start + stride · i]`, rounded to a byte. */
function weighted(pixels: Uint8Array, start: number, stride: number, { first, weights }: Taps): number {
  let sum = 1 << (WEIGHT_BITS - 1);
  for (let k = 0; k < weights.length; k++) sum += pixels[start + stride * (first + k)] * weights[k];
  return Math.min(sum >> WEIGHT_BITS, 255);
}

/** For each pixel of the smaller side, the weights of a triangle about its centre that reaches its neighbours' centres; their sum is 1. */
function triangleTaps(source: number, target: number): Taps[] {
  const scale = source / target;
  return Array.from({ length: target }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(Math.floor(centre - scale + 0.5), 0);
    const end = Math.min(Math.floor(centre + scale + 0.5), source);
    const heights = Float64Array.from({ length: end - first }, (_, k) =>
      Math.max(1 - Math.abs((first + k - centre + 0.5) * (1 / scale)), 0),
    );
    const total = heights.reduce((sum, height) => sum + height, 0);
    return { first, weights: Int32Array.from(heights, (height) => Math.round((height / total) * 2 ** WEIGHT_BITS)) };
  });
}
