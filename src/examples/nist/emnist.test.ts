import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../tables/zip.fixture';
import { readEmnist } from './emnist';

const folder = mkdtempSync(path.join(tmpdir(), 'emnist-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const idx = (shape: readonly number[], values: Uint8Array) =>
  Buffer.concat([Buffer.of(0, 0, 8, shape.length), ...shape.map((n) => Buffer.of(0, 0, n >> 8, n)), values]);

/** An image as one sees it: a grey that tells images apart, but for one stroke from the upper left along the top. */
const seen = (grey: number) => Uint8Array.from({ length: 784 }, (_, at) => (at < 5 ? 250 + at : grey));

/** The same as EMNIST stores it: mirrored at the diagonal, so that the stroke goes down the left edge. */
const stored = (grey: number) =>
  Uint8Array.from({ length: 784 }, (_, at) => (at % 28 === 0 && at < 5 * 28 ? 250 + at / 28 : grey));

const imagesOf = (greys: readonly number[]) => idx([greys.length, 28, 28], Buffer.concat(greys.map(stored)));
const labelsOf = (labels: readonly number[]) => idx([labels.length], Uint8Array.from(labels));

type Files = Readonly<Record<string, Uint8Array>>;

/** Two parts, of which the second image of each is of no class that is read: K, and z. */
const both: Files = {
  'emnist-byclass-train-images-idx3-ubyte': imagesOf([1, 2, 3]),
  'emnist-byclass-train-labels-idx1-ubyte': labelsOf([7, 20, 19]),
  'emnist-byclass-test-images-idx3-ubyte': imagesOf([4, 5, 6]),
  'emnist-byclass-test-labels-idx1-ubyte': labelsOf([0, 61, 10]),
};
const compressed = (files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]));

const expected = {
  count: 4,
  pixels: Buffer.concat([1, 3, 4, 6].map(seen)),
  labels: Buffer.of(7, 19, 0, 10),
  test: Buffer.of(0, 0, 1, 1),
};

function folderOf(files_: Files): string {
  const target = path.join(folder, `${files++}`);
  mkdirSync(target);
  for (const [name, bytes] of Object.entries(files_)) writeFileSync(path.join(target, name), bytes);
  return target;
}

describe('reads digits and the letters A–J, upright,', () => {
  it('of a folder, compressed or not, whatever else is there', async () => {
    expect(await readEmnist(folderOf(both))).toEqual(expected);
    const others = { 'emnist-mnist-train-images-idx3-ubyte.gz': Buffer.of(1), 'read me.txt': Buffer.of(2) };
    expect(await readEmnist(folderOf({ ...others, ...compressed(both) }))).toEqual(expected);
  });

  it('of the zip file that is offered', async () => {
    const others = { 'emnist-letters-train-images-idx3-ubyte.gz': Buffer.of(1), '._emnist-byclass-train-images-idx3-ubyte.gz': Buffer.of(2) }; // biome-ignore format: a table
    const members = Object.entries({ ...others, ...compressed(both) });
    const file = path.join(folder, 'gzip.zip');
    writeFileSync(file, zipOf([{ name: 'gzip/' }, ...members.map(([name, data]) => ({ name: `gzip/${name}`, data }))]));
    expect(await readEmnist(file)).toEqual(expected);
  });

  it.each(['', '.gz'])('of one file of images, "%s", whose name tells the test set', async (end) => {
    const target = folderOf(end ? compressed(both) : both);
    const of = async (split: string) => {
      const { count, labels, test } = await readEmnist(
        path.join(target, `emnist-byclass-${split}-images-idx3-ubyte${end}`),
      );
      return [count, [...labels], [...test]];
    };
    expect(await of('train')).toEqual([2, [7, 19], [0, 0]]);
    expect(await of('test')).toEqual([2, [0, 10], [1, 1]]);
  });

  it('of one file with a source beside it, which is 0 for the test set', async () => {
    const target = folderOf({
      'a-test-images-idx3-ubyte': imagesOf([1, 2, 3]),
      'a-test-labels-idx1-ubyte': labelsOf([1, 30, 2]),
      'a-test-source-idx1-ubyte': labelsOf([5, 0, 0]),
    });
    const images = await readEmnist(path.join(target, 'a-test-images-idx3-ubyte'));
    expect(images).toMatchObject({ count: 2, labels: Uint8Array.of(1, 2), test: Uint8Array.of(0, 1) });
  });

  it('where there are none', async () => {
    const target = folderOf({ 'a-images-idx3-ubyte': imagesOf([]), 'a-labels-idx1-ubyte': labelsOf([]) });
    expect(await readEmnist(path.join(target, 'a-images-idx3-ubyte'))).toMatchObject({ count: 0 });
  });
});

describe('says what is wrong where', () => {
  const images = 'emnist-byclass-train-images-idx3-ubyte';
  const labels = 'emnist-byclass-train-labels-idx1-ubyte';
  const source = 'emnist-byclass-train-source-idx1-ubyte';
  const { [labels]: _, ...unlabelled } = both;

  it.each<[string, Files, RegExp]>([
    ['a label is of no class', { ...both, [labels]: labelsOf([7, 62, 1]) }, /label 1 of .*train-images.* is 62/],
    ['labels are fewer', { ...both, [labels]: labelsOf([7, 8]) }, /has 3 images, but the file beside it has 2 numbers/],
    ['labels are more', { ...both, [labels]: labelsOf([7, 8, 9, 1]) }, /has 3 images, but .* has 4 numbers/],
    ['sources are fewer', { ...both, [source]: labelsOf([0]) }, /has 3 images, but .* has 1 numbers/],
    ['labels are images', { ...both, [labels]: both[images] }, /has 3 images, but .* has 3 × 28 × 28 numbers/],
    ['there are no labels', unlabelled, /labels of emnist-byclass-train-images.* are not beside it/],
    ['images are larger', { ...both, [images]: idx([3, 32, 32], Buffer.alloc(3072)) }, /holds 3 × 32 × 32 bytes/],
    ['images are labels', { ...both, [images]: labelsOf([1]) }, /holds 1 bytes: images of 28 × 28 are needed/],
    [
      'a file is damaged',
      { ...both, [labels]: both[labels].subarray(0, -1) },
      /^emnist-byclass-train-labels.* announces/,
    ],
    ['there is no test set', { [images]: both[images], [labels]: both[labels] }, /has no emnist-byclass-test-images/],
    ['there is nothing', {}, /has no emnist-byclass-train-images-idx3-ubyte.gz: EMNIST by-class is needed/],
  ])('%s', async (_, of, message) => {
    await expect(readEmnist(folderOf(of))).rejects.toThrow(message);
  });

  it('there is no file, or it is no zip', async () => {
    await expect(readEmnist(path.join(folder, 'none'))).rejects.toThrow(/there is no .*none: fetch EMNIST/);
    const text = path.join(folder, 'text.zip');
    writeFileSync(text, '<html>not found</html>');
    await expect(readEmnist(text)).rejects.toThrow(/text\.zip cannot be read as a zip file/);
  });

  it('a member of the zip is damaged', async () => {
    const file = path.join(folder, 'damaged.zip');
    const members = Object.entries(both).map(([name, data]) => ({ name, data, says: { crc32: 1 } }));
    writeFileSync(file, zipOf(members));
    await expect(readEmnist(file)).rejects.toThrow(/damaged\.zip: emnist-byclass-train-images-idx3-ubyte is damaged/);
  });
});
