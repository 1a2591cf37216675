import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { gaussianEm as em } from './wasm';

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

// Node 20 has fused products and sums behind a flag, later ones have them without: the kernels' tests once more, with them.

const [fused] = em.map((build) => Buffer.from(build, 'base64'));
if (!WebAssembly.validate(fused)) setFlagsFromString('--experimental-wasm-relaxed-simd');

it('the engine runs the fused build', () => {
  expect(WebAssembly.validate(fused)).toBe(true);
});

describe('as in WebAssembly without them', async () => {
  await import('./gaussian-em.test');
  await import('./axis-em.test');
  await import('./exponential-em.test');
  await import('./dots.test');
  await import('./products.test');
  await import('./squares.test');
  await import('../distance/l2.test');
});
