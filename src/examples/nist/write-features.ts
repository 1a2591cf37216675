import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../../errors';
import { samplesOf } from '../../math/table';
import { writeNpy } from '../../tables/write-npy';
import { type Network, see } from './network';
import { CLASSES, classCounts, classMeans, className, DIGITS, type Images, PIXELS, selectImages } from './nist-images';

/** What is known of features that were made from images. */
export interface FeaturesReport {
  /** the share of the test digits that the network recognises */
  readonly accuracy: number;
  /** how many images of each class there were, and how many became features */
  readonly classes: readonly { readonly name: string; readonly training: number; readonly test: number }[];
}

/**
 * Writes the features that the notebooks read: of the digits of the test set, and of all letters, as float16, with their labels; the
 * mean image of each class; and what is known of them, `nist-features.json`.
 * @throws where there are no test digits, or no image of some class; nothing is written then
 */
export async function writeFeatures(
  network: Network,
  images: Images,
  folder: string,
  { onProgress, signal }: { onProgress?: (done: number, total: number) => void; signal?: AbortSignal } = {},
): Promise<FeaturesReport> {
  const counts = classCounts(images);
  const digits = selectImages(images, (label, test) => label < DIGITS && test);
  const letters = selectImages(images, (label) => label >= DIGITS);
  if (digits.count === 0 || letters.count === 0)
    throw new InvalidInput(`there are ${digits.count} test digits and ${letters.count} letters: both are needed`);
  const missing = counts.train.findIndex((count, label) => count + counts.test[label] === 0);
  if (missing >= 0)
    throw new InvalidInput(`there is no image of ${className(missing)}: those of 0–9 and A–J are needed`);
  let before = 0;
  const seeAll = async (which: Images) => {
    const seen = await see(network, which, {
      onProgress: (done) => onProgress?.(before + done, digits.count + letters.count),
      signal,
    });
    before += which.count;
    return { ...seen, labels: which.labels };
  };
  const seen = { digits: await seeAll(digits), letters: await seeAll(letters) };
  mkdirSync(folder, { recursive: true });
  for (const [what, { features, labels }] of Object.entries(seen)) {
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
  const right = seen.digits.digits.filter((digit, i) => digit === digits.labels[i]).length;
  const report = { accuracy: right / digits.count, classes };
  writeFileSync(path.join(folder, 'nist-features.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}
