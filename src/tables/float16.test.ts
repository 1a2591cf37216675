import { expect, it } from 'vitest';
import { float16, fromFloat16 } from './float16';

it('reads every number of 16 bits as the package does', () => {
  const view = new DataView(new ArrayBuffer(2));
  for (let bits = 0; bits < 2 ** 16; bits++) {
    view.setUint16(0, bits);
    if (!Object.is(fromFloat16(bits), float16().getFloat16(view, 0))) expect(fromFloat16(bits), `${bits}`).toBe(float16().getFloat16(view, 0)); // biome-ignore format: short
  }
});
