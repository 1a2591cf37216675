import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // which registers gradients
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../math/random';
import { trainingBackend } from './backend';

beforeAll(trainingBackend);

type Shape4D = [number, number, number, number];

interface Problem {
  readonly x: Shape4D;
  readonly filter: Shape4D;
  readonly outer: Shape4D;
  readonly values: { readonly [name in 'x' | 'filter' | 'outer']: Float32Array };
}

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** A batch, filters, and the outer gradient of their convolution, of which each value is a multiple of 1/8. */
function problemOf([batch, height, width, inputs, outputs, h, w]: readonly number[]): Problem {
  const x: Shape4D = [batch, height, width, inputs];
  const filter: Shape4D = [h, w, inputs, outputs];
  const outer: Shape4D = [batch, height - h + 1, width - w + 1, outputs];
  const random = randomStream(`${[x, filter]}`, 'gradients');
  const draw = (shape: Shape4D) => Float32Array.from({ length: size(shape) }, () => Math.floor(17 * random() - 8) / 8);
  return { x, filter, outer, values: { x: draw(x), filter: draw(filter), outer: draw(outer) } };
}

/** Σ outer · (x ∗ filter), by plain loops. It is linear in each of the three. */
function weighted({ x: [, height, width, inputs], filter: [h, w, , outputs], outer, values }: Problem): number {
  const [batch, rows, columns] = outer;
  let [sum, at] = [0, 0];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++)
        for (let o = 0; o < outputs; o++, at++)
          for (let u = 0; u < h; u++)
            for (let v = 0; v < w; v++)
              for (let c = 0; c < inputs; c++)
                sum +=
                  values.outer[at] *
                  values.x[((b * height + i + u) * width + j + v) * inputs + c] *
                  values.filter[((u * w + v) * inputs + c) * outputs + o];
  return sum;
}

/** Both gradients of the same, by the backend that is in use; 0 where it is −0. */
function gradients({ x, filter, outer, values }: Problem, strides = 1, pad: 'valid' | 'same' = 'valid'): number[][] {
  return tf.tidy(() => {
    const of = tf.grads((a, b) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, strides, pad));
    const both = of([tf.tensor4d(values.x, x), tf.tensor4d(values.filter, filter)], tf.tensor4d(values.outer, outer));
    return both.map((one) => Array.from(one.dataSync(), (value) => value + 0));
  });
}

/** Central differences, which are exact here: multiples of 1/512, below 2^24 of them. */
function differences(problem: Problem, name: 'x' | 'filter'): number[] {
  return Array.from(problem.values[name], (_, at) => {
    const [above, below] = [1, -1].map((step) => {
      const moved = problem.values[name].slice();
      moved[at] += step;
      return weighted({ ...problem, values: { ...problem.values, [name]: moved } });
    });
    return (above - below) / 2;
  });
}

/** batch, height, width, inputs, outputs, and the height and the width of the filter, which fits in */
const sizes = fc
  .tuple(...[3, 6, 6, 3, 4].map((most) => fc.integer({ min: 1, max: most })))
  .chain(([batch, height, width, inputs, outputs]) =>
    fc
      .tuple(fc.integer({ min: 1, max: height }), fc.integer({ min: 1, max: width }))
      .map(([h, w]) => [batch, height, width, inputs, outputs, h, w]),
  );

describe('the gradients of a convolution', () => {
  it('are its central differences', () => {
    for (const of of [
      [2, 5, 4, 3, 2, 3, 2],
      [1, 3, 3, 1, 1, 3, 3],
      [3, 4, 6, 1, 5, 1, 1],
    ]) {
      const problem = problemOf(of);
      expect(gradients(problem)).toEqual([differences(problem, 'x'), differences(problem, 'filter')]);
    }
  });

  it('are those of the backend in plain JavaScript, for any shapes', async () => {
    const problems = fc.sample(sizes, { numRuns: 40, seed: 1 }).map(problemOf);
    problems.push(problemOf([1, 12, 12, 20, 50, 5, 5]));
    const found = problems.map((problem) => gradients(problem));
    await tf.setBackend('cpu');
    const expected = problems.map((problem) => gradients(problem));
    await trainingBackend();
    expect(tf.getBackend()).toBe('wasm');
    expect(found).toEqual(expected);
  });

  it('leave nothing in memory', () => {
    const problem = problemOf([2, 5, 5, 3, 4, 3, 3]);
    gradients(problem);
    const { numTensors } = tf.memory();
    const held = tf.backend().numDataIds(); // with what kernels make for each other
    for (let i = 0; i < 5; i++) gradients(problem);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(tf.backend().numDataIds()).toBe(held);
  });

  it('are not given where they would be wrong', () => {
    const { x, filter, values } = problemOf([1, 5, 5, 1, 1, 3, 3]);
    const outer: Shape4D = [1, 2, 2, 1];
    expect(() => gradients({ x, filter, outer, values: { ...values, outer: values.outer.slice(0, 4) } }, 2)).toThrow(
      /a convolution has strides 2(,2)?: 1 is supported/,
    );
    const same = { x, filter, outer: x, values: { ...values, outer: values.x } };
    expect(() => gradients(same, 1, 'same')).toThrow(/a convolution is same NHWC: not supported/);
  });
});

it('is made ready once, however often it is asked for', async () => {
  const kernels = ['Conv2DBackpropFilter', 'Conv2DBackpropInput'].map((name) => tf.getKernel(name, 'wasm'));
  await Promise.all([trainingBackend(), trainingBackend()]);
  expect(['Conv2DBackpropFilter', 'Conv2DBackpropInput'].map((name) => tf.getKernel(name, 'wasm'))).toEqual(kernels);
});
