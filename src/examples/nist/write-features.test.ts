import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomStream } from '../../math/random';
import { readNpy } from '../../tables/npy';
import { extractFeatures, type Network, trainNetwork } from './network';
import { readNistFeatures } from './nist-features';
import { type Images, selectImages } from './nist-images';
import { type FeaturesReport, writeFeatures } from './write-features';

const folder = mkdtempSync(path.join(tmpdir(), 'write-features-'));
afterAll(() => rmSync(folder, { recursive: true }));
const out = path.join(folder, 'new', 'data');

/** Noise of each class: one image for the training set, and two for the test set, but three of the digit 7. */
const labels = Uint8Array.from([...Array.from({ length: 60 }, (_, i) => i % 20), 7]);
const random = randomStream(1, 'noise');
const images: Images = {
  count: 61,
  labels,
  pixels: Uint8Array.from({ length: 61 * 784 }, () => 256 * random()),
  test: labels.map((_, i) => Number(i >= 20)),
};

let network: Network;
let report: FeaturesReport;
const told: [number, number][] = [];
beforeAll(async () => {
  network = await trainNetwork(
    selectImages(images, (label) => label < 3),
    { epochs: 1 },
  );
  report = await writeFeatures(network, images, out, { onProgress: ({ done, total }) => told.push([done, total]) });
});

it('writes the features, the labels, the mean images and the report, and nothing else', () => {
  expect(readdirSync(out).sort()).toEqual([
    'nist-class-means.npy',
    'nist-digits-features.npy',
    'nist-digits-labels.npy',
    'nist-features.json',
    'nist-letters-features.npy',
    'nist-letters-labels.npy',
  ]);
  const headOf = (name: string) => readFileSync(path.join(out, name), 'latin1').slice(0, 128);
  expect(headOf('nist-digits-features.npy')).toMatch(/'descr': '<f2', .*'shape': \(21, 50\)/);
  expect(headOf('nist-letters-features.npy')).toMatch(/'descr': '<f2', .*'shape': \(30, 50\)/);
  expect(headOf('nist-class-means.npy')).toMatch(/'descr': '<f2', .*'shape': \(20, 784\)/);
  expect(headOf('nist-digits-labels.npy')).toMatch(/'descr': '\|u1', .*'shape': \(21,\)/);
});

it('tells how many images each class has', () => {
  expect(JSON.parse(readFileSync(path.join(out, 'nist-features.json'), 'utf8'))).toEqual(report);
  expect(report.classes.map(({ name }) => name).join('')).toBe('0123456789ABCDEFGHIJ');
  expect(report.classes.map(({ training }) => training)).toEqual(Array(20).fill(1));
  expect(report.classes.map(({ test }) => test)).toEqual(Array.from({ length: 20 }, (_, i) => (i === 7 ? 3 : 2)));
});

it('tells the share of the test digits that are recognised', async () => {
  const tested = selectImages(images, (label, test) => label < 10 && test);
  const { digits } = await extractFeatures(network, tested);
  const right = Array.from(digits).filter((digit, i) => digit === tested.labels[i]).length;
  expect(report.accuracy).toBe(right / 21);
  const seen = digits.values();
  const asSeen = labels.map((label, i) => (label < 10 && images.test[i] ? (seen.next().value ?? label) : label));
  const all = await writeFeatures(network, { ...images, labels: asSeen }, path.join(folder, 'other'));
  expect(all.accuracy).toBe(1);
});

it('is read back as what the network saw of the test digits and of all letters, in 11 bits', async () => {
  const read = readNistFeatures(out);
  for (const [features, classes, wanted] of [
    [read.digits, read.digitLabels, (label: number, test: boolean) => label < 10 && test],
    [read.letters, read.letterLabels, (label: number) => label >= 10],
  ] as const) {
    const expected = selectImages(images, wanted);
    const seen = (await extractFeatures(network, expected)).features;
    expect([...classes]).toEqual([...expected.labels]);
    expect([features.rows, features.columns]).toEqual([expected.count, 50]);
    const errors = seen.data.map((value, i) => Math.abs(features.data[i] - value) / (Math.abs(value) + 1e-4));
    expect(Math.max(...errors)).toBeLessThanOrEqual(2 ** -11);
  }
  const means = readNpy(path.join(out, 'nist-class-means.npy'));
  const ofSeven = [7, 27, 47, 60].map((i) => images.pixels[i * 784 + 3] / 255);
  expect(means.data[7 * 784 + 3]).toBeCloseTo(ofSeven.reduce((sum, ink) => sum + ink, 0) / 4, 3);
});

it('tells how far it is', () => {
  expect(told).toEqual([[21, 51], [51, 51]]); // biome-ignore format: a table
});

it('says what is missing, and writes nothing then', async () => {
  const target = path.join(folder, 'none');
  const digits = selectImages(images, (label) => label < 10);
  await expect(writeFeatures(network, digits, target)).rejects.toThrow('there are 21 test digits and 0 letters: both');
  const training = selectImages(images, (label, test) => label >= 10 || !test);
  await expect(writeFeatures(network, training, target)).rejects.toThrow('there are 0 test digits and 30 letters');
  const others = selectImages(images, (label) => label !== 13);
  await expect(writeFeatures(network, others, target)).rejects.toThrow(/no image of D/);
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(writeFeatures(network, images, target, { signal })).rejects.toThrow('enough');
  expect(readdirSync(folder)).toEqual(['new', 'other']);
});
