import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../math/random';
import type { Progress } from '../../work/work';
import { extractFeatures, loadNetwork, type Network, saveNetwork, trainNetwork } from './network';
import type { Images } from './nist-images';

const folder = mkdtempSync(path.join(tmpdir(), 'network-'));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
const newFolder = () => path.join(folder, `${folders++}`);

/** Images of a bar that stands for 0, lies for 1 and rises for 2, thick and strong, at a random place over a pattern. */
function bars(count: number, seed: number): Images {
  const random = randomStream(seed, 'bars');
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const pixels = new Uint8Array(count * 784);
  labels.forEach((label, i) => {
    const at = Math.floor(11 + 6 * random());
    for (let row = 0; row < 28; row++)
      for (let column = 0; column < 28; column++) {
        const away = [column - at, row - at, row + column - 14 - at][label];
        pixels[i * 784 + row * 28 + column] =
          (Math.abs(away) < 3 ? 200 : 0) + 5 * ((31 * row + 17 * column + 7 * at * i) % 11);
      }
  });
  return { count, pixels, labels, test: new Uint8Array(count) };
}

/** The weights and the biases of each layer in turn, as they are, and what tells their bits. */
const weightsOf = (network: Network) => network.getWeights().map((tensor) => Float64Array.from(tensor.dataSync()));
const bitsOf = (network: Network) =>
  network.getWeights().map((tensor) => crc32(new Uint8Array(tensor.dataSync().buffer)));

/** Table 5 by plain loops, in float64. */
function forward(weights: readonly Float64Array[], ink: ArrayLike<number>): { features: number[]; logits: number[] } {
  const [w1, b1, w2, b2, w3, b3, w4, b4] = weights;
  const first = pooled(convolved(ink, 28, 1, w1, b1), 24, 20);
  const second = pooled(convolved(first, 12, 20, w2, b2), 8, 50);
  const features = dense(second, w3, b3);
  return { features, logits: dense(features.map((value) => Math.max(0, value)), w4, b4) }; // biome-ignore format: short
}

/** A convolution with filters of 5 × 5, then ReLU. */
function convolved(x: ArrayLike<number>, side: number, inputs: number, w: Float64Array, b: Float64Array): Float64Array {
  const [outputs, out] = [b.length, side - 4];
  const y = new Float64Array(out * out * outputs);
  for (let i = 0; i < out; i++)
    for (let j = 0; j < out; j++) {
      const at = (i * out + j) * outputs;
      y.set(b, at);
      for (let u = 0; u < 5; u++)
        for (let v = 0; v < 5; v++)
          for (let c = 0; c < inputs; c++) {
            const value = x[((i + u) * side + j + v) * inputs + c];
            const from = ((u * 5 + v) * inputs + c) * outputs;
            for (let o = 0; o < outputs; o++) y[at + o] += value * w[from + o];
          }
    }
  return y.map((value) => Math.max(0, value));
}

/** The largest of each 2 × 2. */
function pooled(x: Float64Array, side: number, channels: number): Float64Array {
  const out = side / 2;
  return Float64Array.from({ length: out * out * channels }, (_, at) => {
    const [i, j, c] = [Math.floor(at / channels / out), Math.floor(at / channels) % out, at % channels];
    const of = (u: number, v: number) => x[((2 * i + u) * side + 2 * j + v) * channels + c];
    return Math.max(of(0, 0), of(0, 1), of(1, 0), of(1, 1));
  });
}

const dense = (x: ArrayLike<number>, w: Float64Array, b: Float64Array) =>
  Array.from(b, (bias, o) => {
    let sum = bias;
    for (let i = 0; i < x.length; i++) sum += x[i] * w[i * b.length + o];
    return sum;
  });

const inkOf = ({ pixels }: Images, i: number) =>
  Float64Array.from(pixels.subarray(i * 784, (i + 1) * 784), (value) => value / 255);

/** The mean cross-entropy of images, in nats. */
function crossEntropy(weights: readonly Float64Array[], images: Images): number {
  const each = Array.from(images.labels, (label, i) => {
    const { logits } = forward(weights, inkOf(images, i));
    return Math.log(logits.reduce((sum, value) => sum + Math.exp(value), 0)) - logits[label];
  });
  return each.reduce((sum, value) => sum + value, 0) / images.count;
}

describe('the network', () => {
  let network: Network;
  const images = bars(5, 1);
  beforeAll(async () => {
    network = await trainNetwork(bars(3, 2), { epochs: 1 });
  });

  it('has the layers of Table 5', () => {
    expect(network.getWeights().map(({ shape }) => shape)).toEqual(
      [[5, 5, 1, 20], [20], [5, 5, 20, 50], [50], [800, 50], [50], [50, 10], [10]], // biome-ignore format: a table
    );
  });

  it('sees the features and the digits that plain loops find', async () => {
    const { features, digits } = await extractFeatures(network, images);
    expect([features.rows, features.columns]).toEqual([5, 50]);
    const weights = weightsOf(network);
    const probabilities = tf.tidy(
      () =>
      Array.from((network.predict(tf.tensor4d(Float32Array.from(images.pixels, (v) => v / 255), [5, 28, 28, 1])) as tf.Tensor).dataSync()), // biome-ignore format: short
    );
    for (let i = 0; i < 5; i++) {
      const { features: expected, logits } = forward(weights, inkOf(images, i));
      const total = logits.reduce((sum, value) => sum + Math.exp(value), 0);
      expected.forEach((value, j) => {
        expect(features.data[i * 50 + j]).toBeCloseTo(value, 5);
      });
      logits.forEach((value, k) => {
        expect(probabilities[i * 10 + k]).toBeCloseTo(Math.exp(value) / total, 5);
      });
      expect(digits[i]).toBe(logits.indexOf(Math.max(...logits)));
    }
    expect(features.data.some((value) => value < 0)).toBe(true); // before the activation
  });

  it('sees letters as it sees digits, and each of many images', async () => {
    const many = bars(1030, 3); // in two glances
    const letters = { ...many, labels: many.labels.map((label) => label + 10) };
    const told: [number, number][] = [];
    const { features, digits } = await extractFeatures(network, letters, {
      onProgress: ({ done, total }) => told.push([done, total]),
    });
    expect([features.rows, digits.length]).toEqual([1030, 1030]);
    expect(told).toEqual([[1024, 1030], [1030, 1030]]); // biome-ignore format: a table
    for (const i of [0, 1023, 1024, 1029]) {
      const { features: expected } = forward(weightsOf(network), inkOf(many, i));
      expect(features.data[i * 50 + 7]).toBeCloseTo(expected[7], 5);
    }
  });

  it('sees nothing where there is nothing, or the signal has ended it', async () => {
    expect((await extractFeatures(network, bars(0, 1))).features).toMatchObject({ rows: 0, columns: 50 });
    await expect(extractFeatures(network, images, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  it('leaves nothing in memory when it sees', async () => {
    await extractFeatures(network, images);
    const { numTensors } = tf.memory();
    const held = tf.backend().numDataIds();
    for (let i = 0; i < 3; i++) await extractFeatures(network, images);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.backend().numDataIds()).toBe(held);
  });
});

describe('a training', () => {
  it('begins with weights within ± 1/√(inputs)', async () => {
    const blank = { ...bars(4, 1), pixels: new Uint8Array(4 * 784) };
    const network = await trainNetwork(blank, { epochs: 1 }); // the filters of the first layer learn nothing from white paper
    const [filters, ...others] = weightsOf(network);
    expect(Math.max(...filters.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.2));
    const deviation = Math.sqrt(filters.reduce((sum, value) => sum + value ** 2, 0) / filters.length);
    expect(Math.abs(deviation / (0.2 / Math.sqrt(3)) - 1)).toBeLessThan(0.06); // of 500 uniform numbers: ± 0.02
    [25, 500, 500, 800, 800, 50, 50].forEach((inputs, layer) => {
      const most = Math.max(...others[layer].map(Math.abs)) * Math.sqrt(inputs);
      expect(most).toBeLessThan(1.05); // with what one step has moved
      expect(most).toBeGreaterThan(0.6);
    });
    expect(new Set(filters).size).toBe(500);
  });

  it('steps by v ← 0.9 v + g, w ← w − 0.01 v', async () => {
    const images = bars(2, 4); // one batch: each epoch is a step
    const checkpoints = newFolder();
    const losses: number[] = [];
    await trainNetwork(images, { epochs: 3, checkpoints, onEpoch: (_, loss) => losses.push(loss) });
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(async (epoch) => weightsOf(await loadNetwork(path.join(checkpoints, `epoch-0${epoch}`)))),
    );
    expect(losses[1]).toBeCloseTo(crossEntropy(one, images), 5);
    expect(losses[2]).toBeCloseTo(crossEntropy(two, images), 5);
    one.forEach((layer, l) => {
      // of each layer the weights that moved most, and some other
      const moved = layer.map((value, at) => Math.abs(value - two[l][at]));
      for (const at of [moved.indexOf(Math.max(...moved)), Math.floor(layer.length / 3)]) {
        const loss = (step: number) => {
          const weights = two.map((values) => values.slice());
          weights[l][at] += step;
          return crossEntropy(weights, images);
        };
        const gradient = (loss(1e-5) - loss(-1e-5)) / 2e-5;
        const [before, after] = [(one[l][at] - two[l][at]) / 0.01, (two[l][at] - three[l][at]) / 0.01];
        expect(after - 0.9 * before).toBeCloseTo(gradient, 4);
      }
      expect(Math.max(...moved) / 0.01).toBeGreaterThan(0.005); // so that the figures above tell something
    });
  });

  const images = bars(70, 5); // two batches
  let alone: number[];
  beforeAll(async () => {
    alone = bitsOf(await trainNetwork(images, { epochs: 2, seed: 'a' }));
  });

  it('gives the same weights for the same seed, and others for another', async () => {
    expect(bitsOf(await trainNetwork(images, { epochs: 2, seed: 'a' }))).toEqual(alone);
    const [a, b] = [
      bitsOf(await trainNetwork(bars(2, 5), { epochs: 1, seed: 'a' })),
      bitsOf(await trainNetwork(bars(2, 5), { epochs: 1, seed: 'b' })),
    ];
    expect(b.filter((bits, layer) => bits === a[layer])).toEqual([]);
  });

  it.each([1, 2, 3])('gives the same weights when it was ended after %i batches, and gone on with', async (batches) => {
    const checkpoints = newFolder();
    const abort = new AbortController();
    const onProgress = ({ done }: Progress) => {
      if (done === batches) abort.abort(new Error('enough'));
    };
    const options = { epochs: 2, seed: 'a', checkpoints };
    await expect(trainNetwork(images, { ...options, onProgress, signal: abort.signal })).rejects.toThrow('enough');
    const done = Math.floor(batches / 2);
    expect(readdirSync(checkpoints)).toEqual(['epoch-01'].slice(0, done));
    const epochs: number[] = [];
    const told: [number, number][] = [];
    const network = await trainNetwork(images, {
      ...options,
      onEpoch: (epoch) => epochs.push(epoch),
      onProgress: ({ done, total }) => told.push([done, total]),
    });
    expect(bitsOf(network)).toEqual(alone);
    expect(epochs).toEqual([1, 2].slice(done));
    expect(told[0]).toEqual([2 * done + 1, 4]);
    expect(told.at(-1)).toEqual([4, 4]);
  });

  it('is as long as was asked for, whatever is kept, and in the order of numbers', async () => {
    const checkpoints = newFolder();
    const few = bars(2, 1);
    const one = await trainNetwork(few, { epochs: 1, checkpoints });
    const two = await trainNetwork(few, { epochs: 2, checkpoints });
    expect(bitsOf(await trainNetwork(few, { epochs: 1, checkpoints }))).toEqual(bitsOf(one));
    expect(bitsOf(await trainNetwork(few, { epochs: 2, checkpoints }))).toEqual(bitsOf(two));
    for (const other of ['99', '100']) cpSync(path.join(checkpoints, 'epoch-01'), path.join(checkpoints, `epoch-${other}`), { recursive: true }); // biome-ignore format: short
    const epochs: number[] = [];
    await trainNetwork(few, { epochs: 101, checkpoints, onEpoch: (epoch) => epochs.push(epoch) });
    expect(epochs).toEqual([101]);
  });

  it('does not go on with another seed', async () => {
    const checkpoints = newFolder();
    await trainNetwork(bars(2, 1), { epochs: 1, checkpoints, seed: 1 });
    await expect(trainNetwork(bars(2, 1), { epochs: 2, checkpoints, seed: 2 })).rejects.toThrow(
      `${checkpoints} is of a training with another seed: give another folder`,
    );
  });

  it('lets the rest of the program have its turn, and be ended by it', async () => {
    const signal = AbortSignal.timeout(30);
    const ended = await trainNetwork(bars(2, 1), { epochs: 100, signal }).catch((reason) => reason);
    expect(ended).toBe(signal.reason);
  });

  it('learns', async () => {
    const losses: number[] = [];
    const network = await trainNetwork(bars(15, 6), { epochs: 32, onEpoch: (_, loss) => losses.push(loss) });
    expect(losses[0]).toBeGreaterThan(2); // log 10 is 2.3
    expect(losses[31]).toBeLessThan(0.5);
    const others = bars(60, 7);
    const { digits } = await extractFeatures(network, others);
    expect(digits.filter((digit, i) => digit === others.labels[i]).length).toBeGreaterThan(54);
  });

  it('leaves nothing in memory, batch by batch', async () => {
    const seen: string[] = [];
    await trainNetwork(images, {
      epochs: 2,
      onProgress: () => {
        seen.push(`${tf.memory().numTensors}, ${tf.backend().numDataIds()}`);
      },
    });
    expect(seen.length).toBe(4);
    expect(new Set(seen.slice(1)).size).toBe(1);
  });

  it('says what is wrong', async () => {
    await expect(trainNetwork(bars(0, 1))).rejects.toThrow('there are no images to train with');
    const labels = Uint8Array.of(0, 1, 10);
    await expect(trainNetwork({ ...bars(3, 1), labels })).rejects.toThrow(/image 2 has label 10: .* the digits 0–9/);
    await expect(trainNetwork(bars(3, 1), { epochs: 0 })).rejects.toThrow(/epochs is 0/);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(trainNetwork(bars(3, 1), { signal })).rejects.toThrow('enough');
  });
});

describe('a network in a folder', () => {
  const kept = newFolder();
  let network: Network;
  beforeAll(async () => {
    network = await trainNetwork(bars(3, 8), { epochs: 1 });
    await saveNetwork(network, kept);
  });

  it('is read back to the last bit, and sees the same', async () => {
    const back = await loadNetwork(kept);
    expect(bitsOf(back)).toEqual(bitsOf(network));
    const images = bars(4, 9);
    expect(await extractFeatures(back, images)).toEqual(await extractFeatures(network, images));
  });

  it('is nothing but the form that TensorFlow.js reads anywhere', () => {
    expect(readdirSync(kept).sort()).toEqual(['model.json', 'weights.bin']);
    const { format, weightsManifest } = JSON.parse(readFileSync(path.join(kept, 'model.json'), 'utf8'));
    expect(format).toBe('layers-model');
    expect(weightsManifest[0].paths).toEqual(['weights.bin']);
    const bytes = readFileSync(path.join(kept, 'weights.bin'));
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect([...values]).toEqual(weightsOf(network).flatMap((layer) => [...layer]));
  });

  it('takes the place of another', async () => {
    const target = newFolder();
    await saveNetwork(network, target, true);
    expect(readFileSync(path.join(target, 'weights.bin')).length).toBeGreaterThan(2 * 66_000 * 4); // momenta, too
    await saveNetwork(network, target);
    expect(readFileSync(path.join(target, 'weights.bin')).equals(readFileSync(path.join(kept, 'weights.bin')))).toBe(
      true,
    );
    expect(readFileSync(path.join(target, 'model.json')).equals(readFileSync(path.join(kept, 'model.json')))).toBe(
      true,
    );
  });

  const changed = (change: (model: string, weights: string) => void) => {
    const target = newFolder();
    cpSync(kept, target, { recursive: true });
    change(path.join(target, 'model.json'), path.join(target, 'weights.bin'));
    return target;
  };
  it.each<[string, (model: string, weights: string) => void]>([
    ['has no weights', (_, weights) => rmSync(weights)],
    ['has no model', (model) => rmSync(model)],
    ['has a model cut off', (model) => truncateSync(model, 1000)],
    ['has an empty model', (model) => writeFileSync(model, '{}')],
    ['has a model of something else', (model) => writeFileSync(model, '[1]')],
    ['has no weights in its model', (model) => writeFileSync(model, readFileSync(model, 'utf8').replace('weightsManifest', 'other'))], // biome-ignore format: a table
    ['has weights cut off', (_, weights) => truncateSync(weights, 100_000)],
    ['has weights cut off within a number', (_, weights) => truncateSync(weights, 100_001)],
    ['has lost its last weight', (_, weights) => truncateSync(weights, readFileSync(weights).length - 4)],
    ['has no bytes of weights', (_, weights) => truncateSync(weights, 0)],
    ['has more weights', (_, weights) => appendFileSync(weights, Buffer.alloc(4))],
  ])('is refused where it %s', async (_, change) => {
    const target = changed(change);
    await expect(loadNetwork(target)).rejects.toThrow(`${target} holds no network: `);
  });

  it('is refused where there is none', async () => {
    await expect(loadNetwork(path.join(folder, 'none'))).rejects.toThrow(
      /none holds no network: .*there is no such file/,
    );
  });
});
