import './nist-packages';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { DamagedFile, InvalidInput, messageOf } from '../../errors';
import { requirePositiveInteger } from '../../math/checks';
import { randomOrder, type Seed } from '../../math/random';
import { type Samples, samplesOf } from '../../math/table';
import { pause, type WorkOptions } from '../../work/work';
import { trainingBackend } from './backend';
import { DIGITS, type Images, PIXELS, SIDE } from './nist-images';

/** The network of Table 5, a model of TensorFlow.js. */
export type Network = layers.LayersModel;

/** How the network is trained. Progress counts the batches of all epochs. */
export interface TrainOptions extends WorkOptions {
  /**
   * passes over the images
   * @defaultValue 10
   */
  readonly epochs?: number;
  /**
   * of the initial weights and of the order of the images
   * @defaultValue 1
   */
  readonly seed?: Seed;
  /**
   * a folder that keeps the state after each epoch, as `epoch-01`, …; a training that was interrupted resumes from the last
   * @defaultValue none: an interrupted training begins anew
   */
  readonly checkpoints?: string;
  /**
   * called after each epoch with its number, from 1, and the mean cross-entropy of its batches, in nats
   * @defaultValue nothing is called
   */
  readonly onEpoch?: (epoch: number, loss: number) => void;
}

/** Images of a step of gradient descent. */
const BATCH_SIZE = 64;
const LEARNING_RATE = 0.01;
const MOMENTUM = 0.9;

/** Images whose features are extracted at once. */
const EXTRACTION_BATCH_SIZE = 1024;

/** The layer whose values are the features. */
const FEATURE_LAYER = 'features';

/**
 * Trains the network of the paper's Table 5 to recognise digits, by stochastic gradient descent (learning rate 0.01, momentum 0.9,
 * batches of 64) on the cross-entropy. The same seed gives the same weights, whether or not the training was interrupted.
 * @param images of digits
 * @param options epochs, seed and checkpoints; an abort ends the training before the next batch
 * @returns the trained network
 * @throws InvalidInput if there are no images, one is not of a digit, or the checkpoints are of another seed, DamagedFile if a checkpoint is
 *   damaged; with the signal's reason when it aborts
 * @example
 * import { extractFeatures, selectImages, trainNetwork } from 'dfmr/nist';
 * const digits = selectImages(images, (label) => label < 10); // far too few to learn from: the mean images of the ten digits
 * const network = await trainNetwork(digits, { epochs: 2, seed: 1 });
 * (await extractFeatures(network, digits)).features.columns; // 50
 */
export async function trainNetwork(images: Images, options: TrainOptions = {}): Promise<Network> {
  const { epochs = 10, seed = 1, checkpoints, onProgress, onEpoch, signal } = options;
  requirePositiveInteger('epochs', epochs);
  const { count, labels } = images;
  if (count === 0) throw new InvalidInput('there are no images to train with');
  const odd = labels.findIndex((label) => label >= DIGITS);
  if (odd >= 0) throw new InvalidInput(`image ${odd} has label ${labels[odd]}: the network learns the digits 0–9`);
  await trainingBackend();
  const done = checkpoints === undefined ? 0 : lastEpoch(checkpoints, epochs);
  const network = checkpoints !== undefined && done > 0 ? await resumed(checkpoints, done, seed) : newNetwork(seed);
  const batches = Math.ceil(count / BATCH_SIZE);
  for (let epoch = done + 1; epoch <= epochs; epoch++) {
    const order = randomOrder(count, `${seed}, epoch ${epoch}`);
    let loss = 0;
    for (let batch = 0; batch < batches; batch++) {
      await pause(signal);
      const which = order.subarray(batch * BATCH_SIZE, (batch + 1) * BATCH_SIZE);
      loss += (await learn(network, images, which)) * which.length;
      onProgress?.({ stage: 'training', done: (epoch - 1) * batches + batch + 1, total: epochs * batches });
    }
    if (!Number.isFinite(loss))
      throw new InvalidInput(`the training diverged in epoch ${epoch}: are the images right?`);
    if (checkpoints !== undefined) await saveNetwork(network, epochFolder(checkpoints, epoch), true);
    onEpoch?.(epoch, loss / count);
  }
  return network;
}

/** A network whose weights and biases are drawn uniformly within ± 1/√(inputs), as PyTorch's are. */
function newNetwork(seed: Seed): Network {
  let layer = 0;
  const first = (inputs: number) => {
    const begin = (what: string) =>
      layers.initializers.randomUniform({
        minval: -(inputs ** -0.5),
        maxval: inputs ** -0.5,
        seed: `${seed}: ${what} of layer ${layer}` as unknown as number, // the library takes words, but does not say so
      });
    layer++;
    return { kernelInitializer: begin('weights'), biasInitializer: begin('biases') };
  };
  const pool = () => layers.layers.maxPooling2d({ poolSize: 2 });
  const network = layers.sequential({
    name: 'table-5',
    layers: [
      layers.layers.conv2d({
        inputShape: [SIDE, SIDE, 1],
        filters: 20,
        kernelSize: 5,
        activation: 'relu',
        ...first(25),
      }),
      pool(),
      layers.layers.conv2d({ filters: 50, kernelSize: 5, activation: 'relu', ...first(500) }),
      pool(),
      layers.layers.flatten(),
      layers.layers.dense({ name: FEATURE_LAYER, units: 50, ...first(800) }),
      layers.layers.activation({ activation: 'relu' }),
      layers.layers.dense({ units: DIGITS, activation: 'softmax', ...first(50) }),
    ],
  });
  network.compile({ optimizer: tf.train.momentum(LEARNING_RATE, MOMENTUM), loss: 'categoricalCrossentropy' });
  return network;
}

/** Takes a step of gradient descent, and returns the mean cross-entropy before it. */
async function learn(network: Network, images: Images, which: Int32Array): Promise<number> {
  const x = tensorOf(images, which);
  const y = tf.tidy(() =>
    tf.oneHot(
      tf.tensor1d(
        Array.from(which, (i) => images.labels[i]),
        'int32',
      ),
      DIGITS,
    ),
  );
  try {
    return (await network.trainOnBatch(x, y)) as number;
  } finally {
    tf.dispose([x, y]);
  }
}

function tensorOf({ pixels }: Images, which: ArrayLike<number>): tf.Tensor4D {
  const values = new Float32Array(which.length * PIXELS);
  for (let at = 0; at < which.length; at++) {
    const from = which[at] * PIXELS;
    for (let p = 0; p < PIXELS; p++) values[at * PIXELS + p] = pixels[from + p] / 255;
  }
  return tf.tensor4d(values, [which.length, SIDE, SIDE, 1]);
}

/** What the network makes of images. */
export interface ExtractedFeatures {
  /** count × 50: the values of the last hidden layer before its activation */
  readonly features: Samples;
  /** the digit that the network takes each image for */
  readonly digits: Int32Array;
}

/**
 * Extracts the features of images, digits or not, and classifies them.
 * @param network that `trainNetwork` or `loadNetwork` gave
 * @param images any number
 * @param options progress counts images
 * @returns a row of features and a digit for each image
 * @throws with the signal's reason when it aborts
 * @example
 * import { extractFeatures, loadNetwork } from 'dfmr/nist';
 * const network = await loadNetwork('data/nist-network');
 * const { features, digits } = await extractFeatures(network, images);
 * digits.subarray(0, 10); // [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]: what the mean images of the ten digits are taken for
 * features.columns; // 50
 */
export async function extractFeatures(
  network: Network,
  images: Images,
  options: WorkOptions = {},
): Promise<ExtractedFeatures> {
  const { onProgress, signal } = options;
  await trainingBackend();
  const { count } = images;
  const layer = network.getLayer(FEATURE_LAYER).output as layers.SymbolicTensor;
  const both = layers.model({ inputs: network.inputs, outputs: [layer, network.outputs[0]] });
  const columns = layer.shape[1] as number;
  const features = new Float64Array(count * columns);
  const digits = new Int32Array(count);
  for (let from = 0; from < count; from += EXTRACTION_BATCH_SIZE) {
    await pause(signal);
    const which = Uint32Array.from({ length: Math.min(EXTRACTION_BATCH_SIZE, count - from) }, (_, i) => from + i);
    tf.tidy(() => {
      const [values, probabilities] = both.predict(tensorOf(images, which)) as tf.Tensor[];
      features.set(values.dataSync(), from * columns);
      digits.set(tf.argMax(probabilities, 1).dataSync(), from);
    });
    onProgress?.({ stage: 'features', done: from + which.length, total: count });
  }
  return { features: samplesOf(features, count, columns), digits };
}

/**
 * Writes a network as `model.json` and `weights.bin`, which TensorFlow.js reads anywhere.
 * @param network as `trainNetwork` or `loadNetwork` gives it
 * @param folder it is written whole or not at all, and replaces one that is there
 * @param includeOptimizer whether the optimiser's state is written too, from which a training can be resumed
 * @defaultValue `includeOptimizer` is false
 * @example
 * import { readdirSync } from 'node:fs';
 * import { saveNetwork, loadNetwork } from 'dfmr/nist';
 * await saveNetwork(await loadNetwork('data/nist-network'), 'copy-of-network');
 * readdirSync('copy-of-network').sort(); // ['model.json', 'weights.bin']
 */
export async function saveNetwork(network: Network, folder: string, includeOptimizer = false): Promise<void> {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const save = async (artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
    const { modelTopology, trainingConfig, weightSpecs, weightData } = artifacts;
    const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
    const model = { format: 'layers-model', modelTopology, trainingConfig, weightsManifest };
    writeFileSync(path.join(part, 'weights.bin'), Buffer.from(tf.io.CompositeArrayBuffer.join(weightData)));
    writeFileSync(path.join(part, 'model.json'), `${JSON.stringify(model)}\n`);
    return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
  };
  await network.save(tf.io.withSaveHandler(save), { includeOptimizer });
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
}

/**
 * Reads a network from the folder that `saveNetwork` wrote.
 * @param folder its path
 * @returns the network
 * @throws DamagedFile if there is none, or it is not as it was written
 * @example
 * import { extractFeatures, loadNetwork } from 'dfmr/nist';
 * const network = await loadNetwork('data/nist-network');
 * (await extractFeatures(network, images)).features.rows; // 20
 */
export async function loadNetwork(folder: string): Promise<Network> {
  await trainingBackend();
  try {
    const { modelTopology, trainingConfig, weightsManifest } = JSON.parse(
      readFileSync(path.join(folder, 'model.json'), 'utf8'),
    );
    const weights = readFileSync(path.join(folder, 'weights.bin'));
    const weightData = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength);
    const [{ weights: weightSpecs }] = weightsManifest as { weights: tf.io.WeightsManifestEntry[] }[];
    const size = 4 * weightSpecs.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0);
    if (size !== weights.length) throw new DamagedFile(`its weights are ${weights.length} bytes, not ${size}`);
    return await layers.loadLayersModel(tf.io.fromMemory({ modelTopology, trainingConfig, weightSpecs, weightData }));
  } catch (cause) {
    throw new DamagedFile(`${folder} holds no network: ${messageOf(cause)}`, { cause });
  }
}

const epochFolder = (checkpoints: string, epoch: number) =>
  path.join(checkpoints, `epoch-${String(epoch).padStart(2, '0')}`);

/** The last of the wanted epochs that has a checkpoint, or 0. */
function lastEpoch(checkpoints: string, wanted: number): number {
  mkdirSync(checkpoints, { recursive: true });
  const kept = readdirSync(checkpoints).map((name) => Number(/^epoch-(\d+)$/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...kept.filter((epoch) => epoch <= wanted));
}

/** The network after an epoch, if it began with the seed. */
async function resumed(checkpoints: string, epoch: number, seed: Seed): Promise<Network> {
  const network = await loadNetwork(epochFolder(checkpoints, epoch));
  const begun = newNetwork(seed);
  const same = seedOf(network) === seedOf(begun);
  begun.dispose();
  if (!same) throw new InvalidInput(`${checkpoints} is of a training with another seed: give another folder`);
  return network;
}

const seedOf = (network: Network) => JSON.stringify(network.layers[0].getConfig().kernelInitializer);
