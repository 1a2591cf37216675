// A product and a sum, rounded once (fused) in the build with relaxed SIMD, which instance.ts chooses if the engine has it.

/** sum + x y */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function plus(sum: v128, x: v128, y: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(x, y, sum) : f64x2.add(sum, f64x2.mul(x, y));
}

/** sum − x y */
// @ts-ignore: a decorator of AssemblyScript
@inline
export function minus(sum: v128, x: v128, y: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_nmadd(x, y, sum) : f64x2.sub(sum, f64x2.mul(x, y));
}
