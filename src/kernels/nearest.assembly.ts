// The nearest of K centres of many rows, and the squared distance to it. nearest.ts says what goes in and out; this file is
// AssemblyScript. A row is loaded once for two centres, two features at a time; an odd feature comes last, alone.

let features: i32 = 0;
let ROWS: usize = 0; // in: rows, row by row
let CENTRES: usize = 0; // in: centres, one after another
let LABELS: usize = 0; // out: of each row, its nearest centre, the first of several
let SQUARED: usize = 0; // out: of each row, the squared distance to it

/** Lays memory out for some rows of d features and K centres. */
export function layout(d: i32, K: i32, rows: i32): void {
  features = d;
  ROWS = (__heap_base + 63) & ~63;
  CENTRES = ROWS + <usize>(rows * d) * 8;
  SQUARED = CENTRES + <usize>(K * d) * 8;
  LABELS = SQUARED + <usize>rows * 8;
  const pages = <i32>((LABELS + <usize>rows * 4 + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

export function rowsAt(): usize { return ROWS; }
export function centresAt(): usize { return CENTRES; }
export function labelsAt(): usize { return LABELS; }
export function squaredAt(): usize { return SQUARED; }

/** Finds the nearest of K centres of the first `rows` rows. */
export function nearest(rows: i32, K: i32): void {
  const width = <usize>features * 8;
  const paired = width & ~15;
  const odd = paired < width;
  let row = ROWS;
  for (let i = 0; i < rows; i++, row += width) {
    let least = Infinity;
    let label = 0;
    let centre = CENTRES;
    let k = 0;
    for (; k + 2 <= K; k += 2) {
      const other = centre + width;
      let s = f64x2.splat(0), t = f64x2.splat(0);
      for (let o: usize = 0; o < paired; o += 16) {
        const x = v128.load(row + o);
        const a = f64x2.sub(x, v128.load(centre + o)), b = f64x2.sub(x, v128.load(other + o));
        s = f64x2.add(s, f64x2.mul(a, a));
        t = f64x2.add(t, f64x2.mul(b, b));
      }
      let first = both(s), second = both(t);
      if (odd) {
        const x = load<f64>(row + paired);
        const a = x - load<f64>(centre + paired), b = x - load<f64>(other + paired);
        first += a * a;
        second += b * b;
      }
      if (first < least) { least = first; label = k; }
      if (second < least) { least = second; label = k + 1; }
      centre = other + width;
    }
    if (k < K) {
      let s = f64x2.splat(0);
      for (let o: usize = 0; o < paired; o += 16) {
        const a = f64x2.sub(v128.load(row + o), v128.load(centre + o));
        s = f64x2.add(s, f64x2.mul(a, a));
      }
      let last = both(s);
      if (odd) {
        const a = load<f64>(row + paired) - load<f64>(centre + paired);
        last += a * a;
      }
      if (last < least) { least = last; label = k; }
    }
    store<i32>(LABELS + <usize>i * 4, label);
    store<f64>(SQUARED + <usize>i * 8, least);
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
