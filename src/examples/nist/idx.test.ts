import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdx } from './idx';

/** The bytes of an idx file: two zeros, the type of the values, the number of axes, each length in four bytes, the values. */
const idx = (shape: readonly number[], values: readonly number[], type = 0x08) =>
  Buffer.from([0, 0, type, shape.length, ...shape.flatMap((n) => [n >>> 24, n >>> 16, n >>> 8, n]), ...values]);

const six = idx([2, 3], [1, 2, 3, 4, 5, 255]);

it('reads the shape and the values, compressed or not', () => {
  for (const file of [six, gzipSync(six)]) {
    expect(parseIdx(file, 'six')).toEqual({ shape: [2, 3], data: Buffer.from([1, 2, 3, 4, 5, 255]) });
  }
});

it('reads lengths of more than one byte, the first first', () => {
  const values = Array.from({ length: 258 }, (_, i) => i % 256);
  expect(parseIdx(idx([258], values), 'long').shape).toEqual([258]);
  expect(parseIdx(idx([2, 0, 70000], []), 'none')).toEqual({ shape: [2, 0, 70000], data: Buffer.of() });
});

it('reads bytes that do not begin where their memory does', () => {
  const within = Buffer.concat([Buffer.from('before'), six, Buffer.from('after')]).subarray(6, 6 + six.length);
  expect(parseIdx(within, 'within').shape).toEqual([2, 3]);
});

it('reads back whatever was written', () => {
  const any = fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }).chain((shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return fc.tuple(fc.constant(shape), fc.array(fc.nat(255), { minLength: size, maxLength: size }));
  });
  fc.assert(
    fc.property(any, fc.boolean(), ([shape, values], compressed) => {
      const file = idx(shape, values);
      const { shape: found, data } = parseIdx(compressed ? gzipSync(file) : file, 'any');
      expect([found, [...data]]).toEqual([shape, values]);
    }),
    { numRuns: 50 },
  );
});

describe('names the file that', () => {
  const zipped = gzipSync(six);
  const wrong = (at: number) => Buffer.from(zipped).fill(zipped[at] ^ 0xff, at, at + 1);
  it.each<[string, Uint8Array, RegExp]>([
    ['is empty', Buffer.of(), /^x is not an idx file/],
    ['is text', Buffer.from('<html>'), /^x is not an idx file/],
    ['is compressed text', gzipSync('<html>'), /^x is not an idx file/],
    ['is three zeros', Buffer.of(0, 0, 0), /^x is not an idx file/],
    ['holds floats', idx([1], [0, 0, 0, 0], 0x0d), /^x holds values of type 0xd: bytes are needed/],
    ['ends within its header', six.subarray(0, 11), /^x ends within its header/],
    ['has no axes', idx([], [7]), /^x ends within its header/],
    ['is too short', six.subarray(0, -1), /^x announces 2 × 3 bytes, but holds 5/],
    ['is too long', Buffer.concat([six, Buffer.of(0)]), /^x announces 2 × 3 bytes, but holds 7/],
    ['announces more than memory', idx([2 ** 32 - 1, 2 ** 32 - 1], []), /^x announces 4294967295 × 4294967295 bytes/],
    ['is truncated', zipped.subarray(0, -9), /^x cannot be decompressed \(.*\): fetch it again/],
    ['has lost its last byte', zipped.subarray(0, -1), /^x cannot be decompressed/],
    ['is only a beginning', zipped.subarray(0, 2), /^x cannot be decompressed/],
    ['has another checksum', wrong(zipped.length - 8), /^x cannot be decompressed/],
    ['has another length', wrong(zipped.length - 1), /^x cannot be decompressed/],
    ['has another method', wrong(2), /^x cannot be decompressed/],
  ])('%s', (_, file, message) => {
    expect(() => parseIdx(file, 'x')).toThrow(message);
  });

  it('has any other bytes, and no other error', () => {
    const mangled = fc.tuple(fc.boolean(), fc.nat(60), fc.nat(255)).map(([compressed, at, byte]) => {
      const file = Buffer.from(compressed ? zipped : six);
      file[at % file.length] = byte;
      return file;
    });
    fc.assert(
      fc.property(mangled, (file) => {
        try {
          const { shape, data } = parseIdx(file, 'a name');
          expect(data.length).toBe(shape.reduce((product, n) => product * n, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          expect((error as Error).message).toMatch(/^a name (is|holds|ends|announces|cannot)/);
        }
      }),
    );
  });
});
