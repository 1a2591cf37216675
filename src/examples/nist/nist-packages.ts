import { need } from '../../registry/packages';

// Imported first by what cannot do without: its message names all that the example needs.

need('the NIST example', [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-backend-wasm',
  'pngjs',
]);
