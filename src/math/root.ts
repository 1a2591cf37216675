/**
 * The root of a continuous function that falls from above 0 to below 0 between `low` and `high`; the end on its own side
 * if it does not. Newton's method, with halving if a step would leave the bracket or does not help.
 * @param f the value and the slope at x
 */
export function fallingRoot(
  f: (x: number) => readonly [value: number, slope: number],
  low: number,
  high: number,
  guess: number,
): number {
  if (f(low)[0] <= 0) return low;
  if (f(high)[0] >= 0) return high;
  let [least, most] = [low, high];
  let x = Math.min(Math.max(guess, low), high);
  for (let step = 0; step < 200; step++) {
    const [value, slope] = f(x);
    if (value === 0) return x;
    if (value > 0) least = x;
    else most = x;
    const newton = x - value / slope;
    const next = newton > least && newton < most ? newton : (least + most) / 2;
    if (Math.abs(next - x) <= 4 * Number.EPSILON * Math.abs(x) || next === least || next === most) return next;
    x = next;
  }
  return x;
}
