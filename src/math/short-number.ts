/** A number as sentences and labels show it, to a few digits: 0.3333333 is 0.3333, Infinity is ∞. */
export function shortNumber(value: number, digits = 4): string {
  return String(Number(value.toPrecision(digits))).replace('Infinity', '∞');
}
