import path from 'node:path';
import { InvalidInput } from '../../errors';
import type { Samples } from '../../math/table';
import { readNpy } from '../../tables/npy';

/** The features of the images and their classes, as the files in `data` hold them. */
export interface NistFeatures {
  /** of the digits of the test set */
  readonly digits: Samples;
  /** 0 … 9 */
  readonly digitLabels: Int32Array;
  /** of all letters A–J */
  readonly letters: Samples;
  /** 10 … 19 */
  readonly letterLabels: Int32Array;
}

/**
 * Reads the features of handwritten digits and letters.
 * @param folder where `nist-digits-features.npy` and its three companions are
 * @returns features and labels of digits and of letters
 * @throws InvalidInput if a file is missing or there are not as many labels as features, DamagedFile if one is damaged
 * @example
 * import { readNistFeatures } from 'dfmr/nist';
 * const { digits, letterLabels } = readNistFeatures('features');
 * [digits.rows, digits.columns]; // [400, 2]: these are made up; the real ones have 50 columns
 * Math.min(...letterLabels); // 10: A
 */
export function readNistFeatures(folder: string): NistFeatures {
  const table = (name: string) => readNpy(path.join(folder, `nist-${name}.npy`));
  const of = (what: string): [Samples, Int32Array] => {
    const [features, labels] = [table(`${what}-features`), table(`${what}-labels`)];
    if (features.rows !== labels.rows)
      throw new InvalidInput(`${folder} has ${features.rows} features of ${what}, but ${labels.rows} labels`);
    return [features, Int32Array.from(labels.data)];
  };
  const [[digits, digitLabels], [letters, letterLabels]] = [of('digits'), of('letters')];
  return { digits, digitLabels, letters, letterLabels };
}
