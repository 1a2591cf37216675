/** Half-precision numbers, which few files have: the package is loaded when the first is read or written. */
export const float16 = (): typeof import('@petamoriken/float16') => require('@petamoriken/float16');
