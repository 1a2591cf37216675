import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../../errors';
import { samplesOf } from '../../math/table';
import { writeNpy } from '../../tables/write-npy';
import type { WorkOptions } from '../../work/work';
import { extractFeatures, type Network } from './network';
import { CLASSES, classCounts, classMeans, className, DIGITS, type Images, PIXELS, selectImages } from './nist-images';

/** What is known of features that were made from images. */
export interface FeaturesReport {
  /** the share of the test digits that the network recognises */
  readonly accuracy: number;
  /** how many images of each class there were, and how many became features */
  readonly classes: readonly {
    /** the digit or letter */
    readonly name: string;
    /** images of the training set */
    readonly training: number;
    /** images of the test set */
    readonly test: number;
  }[];
}

/**
 * Writes the features that the notebooks read: of the digits of the test set, and of all letters, as float16, with their labels; the
 * mean image of each class; and what is known of them, `nist-features.json`.
 * @param network that extracts the features
 * @param images of digits and letters
 * @param folder it is created if it is missing
 * @param options progress counts images
 * @returns what is written to `nist-features.json`
 * @throws InvalidInput if there are no test digits, or no image of some class: nothing is written then; with the signal's reason when it aborts
 * @example
 * import { loadNetwork, writeFeatures } from 'dfmr/nist';
 * const { accuracy, classes } = await writeFeatures(await loadNetwork('data/nist-network'), images, 'features');
 * accuracy; // 1: of the ten mean images
 * classes[10]; // { name: 'A', test: 1 }
 */
export async function writeFeatures(
  network: Network,
  images: Images,
  folder: string,
  options: WorkOptions = {},
): Promise<FeaturesReport> {
  const { onProgress, signal } = options;
  const counts = classCounts(images);
  const digits = selectImages(images, (label, test) => label < DIGITS && test);
  const letters = selectImages(images, (label) => label >= DIGITS);
  if (digits.count === 0 || letters.count === 0)
    throw new InvalidInput(`there are ${digits.count} test digits and ${letters.count} letters: both are needed`);
  const missing = counts.train.findIndex((count, label) => count + counts.test[label] === 0);
  if (missing >= 0)
    throw new InvalidInput(`there is no image of ${className(missing)}: those of 0–9 and A–J are needed`);
  let before = 0;
  const extracted = async (which: Images) => {
    const result = await extractFeatures(network, which, {
      onProgress: ({ stage, done }) =>
        onProgress?.({ stage, done: before + done, total: digits.count + letters.count }),
      signal,
    });
    before += which.count;
    return { ...result, labels: which.labels };
  };
  const all = { digits: await extracted(digits), letters: await extracted(letters) };
  mkdirSync(folder, { recursive: true });
  for (const [what, { features, labels }] of Object.entries(all)) {
    writeNpy(path.join(folder, `nist-${what}-features.npy`), features, { precision: 'float16' });
    writeNpy(path.join(folder, `nist-${what}-labels.npy`), labels);
  }
  const means = samplesOf(classMeans(images), CLASSES, PIXELS);
  writeNpy(path.join(folder, 'nist-class-means.npy'), means, { precision: 'float16' });
  const classes = Array.from({ length: CLASSES }, (_, label) => ({
    name: className(label),
    training: counts.train[label],
    test: counts.test[label],
  }));
  const right = all.digits.digits.filter((digit, i) => digit === digits.labels[i]).length;
  const report = { accuracy: right / digits.count, classes };
  writeFileSync(path.join(folder, 'nist-features.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}
