/** Images of handwritten characters, 28 × 28, upright: 0 is paper, 255 is ink. */
export interface Images {
  /** how many images there are */
  readonly count: number;
  /** count × 784, row by row */
  readonly pixels: Uint8Array;
  /** 0–9 are the digits, 10–19 the letters A–J */
  readonly labels: Uint8Array;
  /** 1 for an image of the test set, else 0 */
  readonly test: Uint8Array;
}

/** The side of an image, in pixels. */
export const SIDE = 28;

/** Pixels of an image. */
export const PIXELS: number = SIDE * SIDE;

/** Classes of digits, which come first. */
export const DIGITS = 10;

/** Classes in all: the digits, then the letters A–J. */
export const CLASSES = 20;

/**
 * The name of a class.
 * @param label 0 … 19
 * @returns '0' … '9', 'A' … 'J'
 * @example
 * import { className } from 'dfmr/nist';
 * [className(7), className(10)]; // ['7', 'A']
 */
export function className(label: number): string {
  return label < DIGITS ? String(label) : String.fromCharCode(65 + label - DIGITS);
}

/**
 * Some of the images, in their order.
 * @param images pixels and labels
 * @param wanted chooses by the class and by whether the image is of the test set
 * @returns those that were wanted
 * @example
 * import { selectImages } from 'dfmr/nist';
 * selectImages(images, (label) => label < 10).count; // 10: the digits
 */
export function selectImages(images: Images, wanted: (label: number, test: boolean) => boolean): Images {
  const { count, pixels, labels, test } = images;
  const which = Uint32Array.from({ length: count }, (_, i) => i).filter((i) => wanted(labels[i], test[i] === 1));
  const selected = new Uint8Array(which.length * PIXELS);
  which.forEach((i, at) => {
    selected.set(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), at * PIXELS);
  });
  const of = (values: Uint8Array) => Uint8Array.from(which, (i) => values[i]);
  return { count: which.length, pixels: selected, labels: of(labels), test: of(test) };
}

/**
 * How many images each class has, as in Table 1 of the paper.
 * @param images of digits and letters
 * @returns a count for each class, of the training and of the test set
 * @example
 * import { classCounts } from 'dfmr/nist';
 * const { train, test } = classCounts(images);
 * test[3]; // 1: of the digit 3
 */
export function classCounts(images: Images): {
  /** of the training set, by class */
  train: Int32Array;
  /** of the test set, by class */
  test: Int32Array;
} {
  const { labels, test } = images;
  const counts = { train: new Int32Array(CLASSES), test: new Int32Array(CLASSES) };
  labels.forEach((label, i) => {
    counts[test[i] ? 'test' : 'train'][label]++;
  });
  return counts;
}

/**
 * The mean image of each class.
 * @param images of digits and letters
 * @returns 20 × 784 values from 0 (paper) to 1 (ink); NaN for a class without images
 * @example
 * import { classMeans } from 'dfmr/nist';
 * const means = classMeans(images);
 * means.length; // 15680: 20 classes of 784 pixels
 * images.pixels[784 * 3 + 400] / 255 === means[784 * 3 + 400]; // true: here, each class has one image
 */
export function classMeans(images: Images): Float64Array {
  const { count, pixels, labels } = images;
  const sums = new Float64Array(CLASSES * PIXELS);
  const counts = new Int32Array(CLASSES);
  for (let i = 0; i < count; i++) {
    counts[labels[i]]++;
    for (let p = 0; p < PIXELS; p++) sums[labels[i] * PIXELS + p] += pixels[i * PIXELS + p];
  }
  return sums.map((sum, at) => sum / counts[Math.floor(at / PIXELS)] / 255);
}
