import { minus, plus } from './multiply.part.assembly';

// exp(x) = 2^n exp(r), |r| ≤ ½ log 2, with log 2 in two parts and a polynomial of degree 11 for exp(r), to 1.5 units in the last
// place; x below −708 is taken as −708. Constants are kept in memory, two of each, as a splat would be built each time.
const CONSTANTS: usize = memory.data<f64>([
  -708.0, -708.0,
  1.4426950408889634, 1.4426950408889634, // 1 / log 2
  6755399441055744.0, 6755399441055744.0, // 1.5 · 2^52: what is added to it is rounded to an integer
  0.693145751953125, 0.693145751953125, // log 2, its first bits
  1.4286068203094173e-6, 1.4286068203094173e-6, // and the rest
  1.0, 1.0, 0.5000000000000019, 0.5000000000000019,
  0.1666666666666668, 0.1666666666666668, 0.04166666666648795, 0.04166666666648795,
  0.008333333333319589, 0.008333333333319589, 0.0013888888952352863, 0.0013888888952352863,
  0.00019841269890076403, 0.00019841269890076403, 2.4801485441561313e-5, 2.4801485441561313e-5,
  2.755724088722987e-6, 2.755724088722987e-6, 2.763265472252779e-7, 2.763265472252779e-7,
  2.5110049204818658e-8, 2.5110049204818658e-8,
], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(i: usize): v128 { return v128.load(CONSTANTS + i * 16); }

/** exp of two numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function expOf2(x: v128): v128 {
  x = f64x2.pmax(x, constant(0));
  const t = f64x2.add(f64x2.mul(x, constant(1)), constant(2)); // the integer n, in the low bits
  const n = f64x2.sub(t, constant(2));
  let r = minus(x, n, constant(3));
  r = minus(r, n, constant(4));
  const r2 = f64x2.mul(r, r), r4 = f64x2.mul(r2, r2);
  const low = plus(f64x2.add(constant(5), r), r2, plus(constant(6), r, constant(7)));
  const middle = plus(plus(constant(8), r, constant(9)), r2, plus(constant(10), r, constant(11)));
  const high = plus(plus(constant(12), r, constant(13)), r2, plus(constant(14), r, constant(15)));
  const power = plus(low, r4, plus(middle, r4, high));
  return i64x2.add(power, i64x2.shl(t, 52)); // n into the exponent
}

const LOG_CONSTANTS: usize = memory.data<f64>([
  0.6931471805599453, 0.6931471805599453, // log 2
  0.6666666666666735, 0.6666666666666735, 0.3999999999940942, 0.3999999999940942,
  0.2857142874366239, 0.2857142874366239, 0.22222198432149784, 0.22222198432149784,
  0.1818357216161805, 0.1818357216161805, 0.15313837699209373, 0.15313837699209373,
  0.14798198605116586, 0.14798198605116586,
  1.0, 1.0, 2.0, 2.0,
  4503599627371519.0, 4503599627371519.0, // 2^52 + 1023
], 16);

const LOG_BITS: usize = memory.data<u64>([
  0x00095f619980c432, 0x00095f619980c432, // what takes a mantissa above √2 to the next exponent
  0x4330000000000000, 0x4330000000000000, // 2^52
  0x000fffffffffffff, 0x000fffffffffffff, // the bits of a mantissa
  0x3fe6a09e667f3bce, 0x3fe6a09e667f3bce, // √½, and a bit
], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function logConstant(i: usize): v128 { return v128.load(LOG_CONSTANTS + i * 16); }

// @ts-ignore: a decorator of AssemblyScript
@inline
function logBits(i: usize): v128 { return v128.load(LOG_BITS + i * 16); }

/**
 * log of two numbers, positive and normal: x = 2^n (1 + f) with 1 + f in (√½, √2], and log (1 + f) = 2 atanh s, s = f / (2 + f), of
 * which the series after its first term is fdlibm's polynomial.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function logOf2(x: v128): v128 {
  const t = i64x2.add(x, logBits(0));
  const n = f64x2.sub(v128.or(i64x2.shr_u(t, 52), logBits(1)), logConstant(10));
  const f = f64x2.sub(i64x2.add(v128.and(t, logBits(2)), logBits(3)), logConstant(8));
  const s = f64x2.div(f, f64x2.add(logConstant(9), f));
  const z = f64x2.mul(s, s);
  let series = plus(logConstant(6), z, logConstant(7));
  series = plus(logConstant(5), z, series);
  series = plus(logConstant(4), z, series);
  series = plus(logConstant(3), z, series);
  series = plus(logConstant(2), z, series);
  series = plus(logConstant(1), z, series);
  const twice = f64x2.add(s, s);
  const log = plus(twice, f64x2.mul(s, z), series);
  return f64x2.add(f64x2.mul(n, logConstant(0)), log);
}
