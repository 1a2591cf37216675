import { expect, it } from 'vitest';
import { classCounts, classMeans, className, type Images, selectImages } from './nist-images';

/** Images of one ink all over. */
const images: Images = {
  count: 5,
  pixels: Buffer.concat([0, 51, 102, 153, 255].map((ink) => Buffer.alloc(784, ink))),
  labels: Uint8Array.of(3, 19, 3, 0, 3),
  test: Uint8Array.of(0, 1, 1, 0, 0),
};

it('names the classes as they are written', () => {
  expect(Array.from({ length: 20 }, (_, label) => className(label)).join('')).toBe('0123456789ABCDEFGHIJ');
});

it('selects by label and set, in their order', () => {
  const threes = selectImages(images, (label) => label === 3);
  expect(threes).toMatchObject({ count: 3, labels: Uint8Array.of(3, 3, 3), test: Uint8Array.of(0, 1, 0) });
  expect([0, 783, 784, 1567, 1568, 2351].map((at) => threes.pixels[at])).toEqual([0, 0, 102, 102, 255, 255]);
  expect(selectImages(images, (_, test) => test).labels).toEqual(Uint8Array.of(19, 3));
  expect(selectImages(images, () => false)).toMatchObject({ count: 0, pixels: new Uint8Array(0) });
});

it('counts the images of each class', () => {
  const { train, test } = classCounts(images);
  expect([train.length, train[0], train[3], train[19]]).toEqual([20, 1, 2, 0]);
  expect([test.length, test[0], test[3], test[19]]).toEqual([20, 0, 1, 1]);
});

it('averages the images of each class, from 0 to 1', () => {
  const means = classMeans(images);
  expect(means.length).toBe(20 * 784);
  for (const pixel of [0, 400, 783]) {
    expect(means[3 * 784 + pixel]).toBeCloseTo((0 + 102 + 255) / 3 / 255, 14);
    expect(means[pixel]).toBeCloseTo(0.6, 14);
    expect(means[19 * 784 + pixel]).toBeCloseTo(0.2, 14);
    expect(means[784 + pixel]).toBeNaN();
  }
});
