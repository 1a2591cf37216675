import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../../errors';
import type { WorkOptions } from '../../work/work';
import { readEmnist } from './emnist';
import type { Images } from './nist-images';
import { nistSources } from './nist-sources';
import { readSd19 } from './sd19';

/**
 * Reads images of digits and of the letters A–J from what NIST offers: Special Database 19 (by_class.zip, or its folder by_class), or
 * EMNIST (gzip.zip, its folder, or one …-images-idx3-ubyte.gz with its labels beside it).
 * @param from the path of the file or the folder
 * @param options progress counts pictures; EMNIST is read at once, without
 * @returns the pixels of all images, with their labels and whether they are of the test set
 * @throws InvalidInput if there is no such file, saying where to get one, or as `readSd19` and `readEmnist` do
 * @example
 * import { readNistImages } from 'dfmr/nist';
 * const { count, labels } = await readNistImages('emnist/test-images-idx3-ubyte'); // one file, with its labels beside it
 * count; // 20
 * labels.subarray(8, 12); // [8, 9, 10, 11]: 10 is A
 */
export async function readNistImages(from: string, options: WorkOptions = {}): Promise<Images> {
  if (!existsSync(from)) {
    const pages = Object.values(nistSources).map(({ page }) => page);
    throw new InvalidInput(`there is no ${from}: npx dfmr nist fetch gets one, or ${pages.join(' and ')}`);
  }
  const named = path.basename(from).startsWith('by_class');
  const holds = statSync(from).isDirectory() && ['by_class', '30'].some((name) => existsSync(path.join(from, name)));
  return named || holds ? readSd19(from, options) : readEmnist(from);
}
