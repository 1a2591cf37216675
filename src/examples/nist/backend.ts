import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/** How a kernel of TensorFlow.js is called. Tensors are float32 or int32 here. */
type Kernel = (of: { inputs: object; backend: unknown; attrs?: object }) => tf.TensorInfo;

/**
 * Starts the WebAssembly backend of TensorFlow.js, and makes it fit for training. It lacks the gradient of a convolution's filter, and its gradient
 * of a convolution's input is slow; both are convolutions themselves, for which it has a fast kernel.
 */
export async function trainingBackend(): Promise<void> {
  if (tf.getBackend() !== 'wasm' && !(await tf.setBackend('wasm')))
    throw new Error('the WebAssembly backend of TensorFlow.js does not start here');
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm')) return;
  tf.unregisterKernel('Conv2DBackpropInput', 'wasm');
  register('Conv2DBackpropInput', inputGradient);
  register('Conv2DBackpropFilter', filterGradient);
}

type Call = (name: string, inputs: object, attrs: object) => tf.TensorInfo;

/** Registers a gradient that calls other kernels, and frees the results of all but the last. */
function register(
  kernelName: string,
  gradient: (inputs: Record<string, tf.TensorInfo>, call: Call) => tf.TensorInfo,
): void {
  const kernelFunc: tf.KernelFunc = ({ inputs, backend, attrs }) => {
    const { strides, pad, dataFormat } = attrs as { strides: unknown; pad: unknown; dataFormat: unknown };
    if (String(strides) !== '1,1' && strides !== 1)
      throw new Error(`a convolution has strides ${strides}: 1 is supported`);
    if (pad !== 'valid' || dataFormat !== 'NHWC')
      throw new Error(`a convolution is ${pad} ${dataFormat}: not supported`);
    const made: tf.TensorInfo[] = [];
    const result = gradient(inputs as Record<string, tf.TensorInfo>, (name, its, itsAttributes) => {
      const kernel = tf.getKernel(name, 'wasm').kernelFunc as unknown as Kernel;
      const tensor = kernel({ inputs: its, backend, attrs: itsAttributes });
      made.push(tensor);
      return tensor;
    });
    for (const { dataId } of made) if (dataId !== result.dataId) (backend as tf.KernelBackend).disposeData(dataId);
    return result;
  };
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}

const CONVOLUTION = { strides: [1, 1], dilations: [1, 1], pad: 'valid', dataFormat: 'NHWC' };

/** ∂/∂x: the outer gradient within a margin of zeros, convolved with the filter turned by half a turn, outputs as inputs. */
function inputGradient({ dy, filter }: Record<string, tf.TensorInfo>, call: Call): tf.TensorInfo {
  const [height, width] = filter.shape;
  const margins = [[0, 0], [height - 1, height - 1], [width - 1, width - 1], [0, 0]]; // biome-ignore format: a table
  const padded = call('PadV2', { x: dy }, { paddings: margins, constantValue: 0 });
  const turned = call('Reverse', { x: filter }, { dims: [0, 1] });
  return call('Conv2D', { x: padded, filter: call('Transpose', { x: turned }, { perm: [0, 1, 3, 2] }) }, CONVOLUTION);
}

/** ∂/∂w: the images of each channel, the batch as their channels, convolved with the outer gradient as the filter. */
function filterGradient({ x, dy }: Record<string, tf.TensorInfo>, call: Call): tf.TensorInfo {
  const channels = call('Transpose', { x }, { perm: [3, 1, 2, 0] });
  const filter = call('Transpose', { x: dy }, { perm: [1, 2, 0, 3] });
  return call('Transpose', { x: call('Conv2D', { x: channels, filter }, CONVOLUTION) }, { perm: [1, 2, 0, 3] });
}
