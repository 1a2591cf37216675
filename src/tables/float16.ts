/** Half-precision numbers, which few files have: the package is loaded when the first is written. */
export const float16 = (): typeof import('@petamoriken/float16') => require('@petamoriken/float16');

/** What the fraction of a half-precision number counts in, by its exponent: 2^−24 of the smallest, twice as much with each from 2 on. */
const UNITS = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The half-precision number of 16 bits: in a file of millions, the package's way takes seconds. */
export function fromFloat16(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 31
      ? fraction > 0
        ? Number.NaN
        : Infinity
      : (exponent > 0 ? 1024 + fraction : fraction) * UNITS[exponent];
  return bits >> 15 === 0 ? size : -size;
}
