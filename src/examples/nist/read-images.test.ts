import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { zipOf } from '../../tables/zip.fixture';
import { readNistImages } from './read-images';

const folder = mkdtempSync(path.join(tmpdir(), 'read-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (...parts: string[]) => path.join(folder, ...parts);

// each reader says of what is not whole what only it can say

const SD19 = /no pictures in by_class\/30|no picture of 0 in by_class\/30/;

it('takes by_class.zip and folders like it for Special Database 19', async () => {
  writeFileSync(at('by_class.zip'), zipOf([{ name: 'by_class/31/hsf_0/hsf_0_00000.png' }]));
  mkdirSync(at('unpacked', 'by_class', '30'), { recursive: true });
  for (const from of [at('by_class.zip'), at('unpacked'), at('unpacked', 'by_class')]) {
    await expect(readNistImages(from)).rejects.toThrow(SD19);
  }
  mkdirSync(at('renamed', '30'), { recursive: true });
  await expect(readNistImages(at('renamed'))).rejects.toThrow(SD19);
});

it('takes all else for EMNIST', async () => {
  writeFileSync(at('gzip.zip'), zipOf([{ name: 'gzip/emnist-mnist-train-images-idx3-ubyte.gz' }]));
  mkdirSync(at('gzip'));
  for (const from of [at('gzip.zip'), at('gzip')]) {
    await expect(readNistImages(from)).rejects.toThrow(/has no emnist-byclass-train-images/);
  }
  const image = Buffer.concat([Buffer.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28), Buffer.alloc(784, 9)]);
  writeFileSync(at('x-images-idx3-ubyte'), image);
  writeFileSync(at('x-labels-idx1-ubyte'), Buffer.of(0, 0, 8, 1, 0, 0, 0, 1, 5));
  expect(await readNistImages(at('x-images-idx3-ubyte'))).toMatchObject({ count: 1, labels: Uint8Array.of(5) });
});

it('tells where to get what is not there', async () => {
  await expect(readNistImages(at('none'))).rejects.toThrow(
    /there is no .*none: npx dfmr nist fetch gets one, or https:\/\/www\.nist\.gov\S+ and https:\/\/www\.nist\.gov/,
  );
});
