import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));

/** Removes the files that the peers read. */
export function removeInputs(): void {
  rmSync(folder, { recursive: true });
}

/** Writes numbers to a file that the peers can read, and returns its path. */
export function inputFile(name: string, numbers: Float64Array | Int32Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return file;
}

/** Standard normal numbers of a stream. */
export function normalNumbers(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A mixture of unit covariances, whose means have standard deviation `spread` in each feature. */
export function population(K: number, d: number, spread: number): Mixture<GaussianParameter> {
  const normal = normalNumbers(randomStream(1, 'bench'));
  const identity = Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
  return gaussianMixture({
    weights: new Array(K).fill(1 / K),
    means: Array.from({ length: K }, () => Array.from({ length: d }, () => spread * normal())),
    covariances: new Array(K).fill(identity),
  });
}

/** Estimates of m machines, each with a sampling error of its own. */
export function estimates(m: number, K: number, d: number): Mixture<GaussianParameter>[] {
  const truth = population(K, d, d > 20 ? 0.4 : 1);
  return Array.from(
    { length: m },
    (_, i) => fit(sample(truth, 60 * d, i).data, { start: truth, maxIterations: 2 }).mixture,
  );
}

/** The numbers of estimates, in files that the peers can read. */
export function stored(name: string, machines: readonly Mixture<GaussianParameter>[]) {
  const [{ order: K, dimension: d }] = machines;
  const parameters = machines.flatMap((one) => one.parameters);
  return {
    weights: inputFile(`${name}.w`, Float64Array.from(machines.flatMap(({ weights }) => [...weights]))),
    means: inputFile(`${name}.m`, Float64Array.from(parameters.flatMap(({ mean }) => [...mean]))),
    covariances: inputFile(`${name}.s`, Float64Array.from(parameters.flatMap(({ covariance }) => [...covariance]))),
    m: machines.length,
    K,
    d,
  };
}
