import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { characterOf, PICTURE_SIDE } from './crop';

type Colour = readonly [red: number, green: number, blue: number];

/** A picture that a formula gives, as red, green, blue and opacity. */
function pictureOf(colour: (x: number, y: number) => Colour): Uint8Array {
  const pixels = Array.from({ length: PICTURE_SIDE ** 2 }, (_, i) => [
    ...colour(i % PICTURE_SIDE, Math.floor(i / PICTURE_SIDE)).map((part) => part % 256),
    255,
  ]);
  return Uint8Array.from(pixels.flat());
}

const inked = (ink: boolean): Colour => (ink ? [0, 0, 0] : [255, 255, 255]);

// Pillow 9.4: CRC-32 of image.convert('L').crop((32, 32, 96, 96)).resize((28, 28), Image.BILINEAR).tobytes(), and row 14 of it
it.each<[string, (x: number, y: number) => Colour, number, number[]]>([
  [
    'a ring',
    (x, y) => inked((x - 60) ** 2 + (y - 70) ** 2 > 20 ** 2 && (x - 60) ** 2 + (y - 70) ** 2 < 27 ** 2),
    1270921139,
    [
      202, 17, 0, 34, 222, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 213, 28, 0, 24,
      216, 255, 255, 255,
    ],
  ],
  [
    'two strokes',
    (x, y) => inked(Math.abs(x - y - 3) < 3 || Math.abs(x + 2 * y - 190) < 5),
    3010347989,
    [
      255, 255, 255, 255, 255, 255, 255, 255, 255, 237, 161, 63, 9, 20, 82, 22, 65, 217, 255, 255, 255, 255, 255, 255,
      255, 255, 255, 255,
    ],
  ],
  [
    'specks, up to every border',
    (x, y) => inked((x * x * 31 + y * y * 17 + x * y * 7) % 11 < 5),
    1119215995,
    [
      136, 172, 83, 79, 48, 147, 149, 94, 66, 55, 172, 123, 98, 56, 64, 187, 101, 92, 56, 85, 189, 90, 87, 53, 111, 179,
      82, 81,
    ],
  ],
  [
    'colours',
    (x, y) => [x * 7 + y * 13, x * y, x * x + 3 * y],
    3838430020,
    [
      75, 107, 98, 107, 124, 114, 134, 121, 151, 139, 144, 164, 149, 148, 99, 83, 100, 89, 104, 105, 115, 117, 118, 141,
      126, 144, 144, 150,
    ],
  ],
  ['paper only', () => inked(false), 1615679848, Array(28).fill(255)],
  ['ink only', () => inked(true), 4223965715, Array(28).fill(0)],
])('makes the bytes of Pillow from %s, turned round', (_, colour, sum, row14) => {
  const turned = characterOf(pictureOf(colour)).map((ink) => 255 - ink);
  expect([...turned.subarray(14 * 28, 15 * 28)]).toEqual(row14);
  expect(crc32(turned)).toBe(sum);
});

it('looks at the middle 64 × 64 pixels only', () => {
  const frame = (x: number, y: number) => Math.max(Math.abs(x - 63.5), Math.abs(y - 63.5));
  expect(characterOf(pictureOf((x, y) => inked(frame(x, y) > 32)))).toEqual(new Uint8Array(784));
  const seen = characterOf(pictureOf((x, y) => inked(frame(x, y) > 31)));
  expect([0, 27, 27 * 28, 783].every((corner) => seen[corner] > 0)).toBe(true);
});
