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
  let r = f64x2.sub(x, f64x2.mul(n, constant(3)));
  r = f64x2.sub(r, f64x2.mul(n, constant(4)));
  const r2 = f64x2.mul(r, r), r4 = f64x2.mul(r2, r2);
  const low = f64x2.add(f64x2.add(constant(5), r), f64x2.mul(r2, f64x2.add(constant(6), f64x2.mul(r, constant(7)))));
  const middle = f64x2.add(f64x2.add(constant(8), f64x2.mul(r, constant(9))), f64x2.mul(r2, f64x2.add(constant(10), f64x2.mul(r, constant(11)))));
  const high = f64x2.add(f64x2.add(constant(12), f64x2.mul(r, constant(13))), f64x2.mul(r2, f64x2.add(constant(14), f64x2.mul(r, constant(15)))));
  const power = f64x2.add(low, f64x2.mul(r4, f64x2.add(middle, f64x2.mul(r4, high))));
  return i64x2.add(power, i64x2.shl(t, 52)); // n into the exponent
}
