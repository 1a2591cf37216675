import { describe, expect, it } from 'vitest';
import { decompressLz4 } from './lz4';

const HEAD = [0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0xc0]; // version 1, blocks that go on from one another
const size = (bytes: number, plain = false) => [bytes & 255, bytes >> 8, 0, plain ? 0x80 : 0];
const text = (characters: string) => [...Buffer.from(characters)];
const frame = (...parts: number[][]) => Uint8Array.from([...HEAD, ...parts.flat(), 0, 0, 0, 0]);
const told = (bytes: Uint8Array) => Buffer.from(decompressLz4(bytes)).toString();

describe('a frame of LZ4', () => {
  it('of literals', () => {
    expect(told(frame(size(6), [0x50], text('hello')))).toBe('hello');
    expect(told(frame(size(3, true), text('abc')))).toBe('abc');
    expect(told(frame())).toBe('');
  });

  it('of repetitions that overlap, and reach into the block before', () => {
    // 4 letters of block 1, from 4 back; then 1 + 4 + 15 + 2 times the last letter
    const block = [0x00, 4, 0, 0x1f, ...text('x'), 1, 0, 2, 0x10, ...text('!')];
    expect(told(frame(size(4, true), text('abcd'), size(block.length), block))).toBe(`abcdabcdx${'x'.repeat(21)}!`);
  });

  it('of long literals, with counts in further bytes', () => {
    const letters = 'y'.repeat(15 + 255 + 7);
    expect(told(frame(size(3 + letters.length), [0xf0, 255, 7], text(letters)))).toBe(letters);
  });

  it('with the size of the content', () => {
    const bytes = Uint8Array.from([...HEAD.slice(0, 4), 0x48, 0x40, 3, 0, 0, 0, 0, 0, 0, 0, 0xc0, ...size(3, true)]);
    expect(told(Uint8Array.from([...bytes, ...text('abc'), 0, 0, 0, 0]))).toBe('abc');
  });

  it('is refused where it is damaged', () => {
    expect(() => decompressLz4(Uint8Array.of(1, 2, 3))).toThrow(/does not begin like one/);
    expect(() => decompressLz4(frame(size(6), [0x50], text('he')).subarray(0, 12))).toThrow(/ends too early/);
    expect(() => decompressLz4(frame(size(3, true), text('abc')).subarray(0, 14))).toThrow(/ends too early/);
    expect(() => decompressLz4(frame(size(5), [0x10, 97, 9, 0, 0]))).toThrow(/is damaged/);
    expect(() => decompressLz4(frame(size(5), [0x10, 97, 0, 0, 0]))).toThrow(/is damaged/);
  });
});
