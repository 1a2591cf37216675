import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { writeNpy } from '../../tables/write-npy';
import { readNistFeatures } from './nist-features';

const folder = mkdtempSync(path.join(tmpdir(), 'features-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => path.join(folder, `nist-${name}.npy`);

beforeEach(() => {
  writeNpy(file('digits-features'), [[1, 2], [3, 4], [5, 6]]); // biome-ignore format: a table
  writeNpy(file('digits-labels'), Uint8Array.of(0, 9, 5));
  writeNpy(file('letters-features'), [[-1, 0.5]], { precision: 'float16' });
  writeNpy(file('letters-labels'), Int32Array.of(12));
});

it('reads the features and their classes', () => {
  expect(readNistFeatures(folder)).toMatchObject({
    digits: { rows: 3, columns: 2, data: Float64Array.of(1, 2, 3, 4, 5, 6) },
    digitLabels: Int32Array.of(0, 9, 5),
    letters: { rows: 1, columns: 2, data: Float64Array.of(-1, 0.5) },
    letterLabels: Int32Array.of(12),
  });
});

it('needs as many labels as features', () => {
  writeNpy(file('letters-labels'), Int32Array.of(12, 13));
  expect(() => readNistFeatures(folder)).toThrow(`${folder} has 1 features of letters, but 2 labels`);
  writeNpy(file('digits-labels'), Uint8Array.of(0, 9));
  expect(() => readNistFeatures(folder)).toThrow(`${folder} has 3 features of digits, but 2 labels`);
});

it('names the file that is missing or damaged', () => {
  truncateSync(file('letters-labels'), 130);
  expect(() => readNistFeatures(folder)).toThrow(/nist-letters-labels\.npy: announces 1 × 1 values/);
  writeFileSync(file('digits-features'), readFileSync(file('digits-features')).fill(0, 0, 8));
  expect(() => readNistFeatures(folder)).toThrow(/nist-digits-features\.npy: is not a readable \.npy file/);
  rmSync(file('digits-labels'));
  writeNpy(file('digits-features'), [[1]]);
  expect(() => readNistFeatures(folder)).toThrow(/nist-digits-labels\.npy/);
});
