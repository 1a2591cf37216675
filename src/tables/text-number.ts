const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;
const MISSING = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'nan', '-nan', 'null', 'none', '?']);

const POWERS = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);

/** The number that a cell says, correctly rounded: NaN if it is missing, undefined if it is text. */
export function numberOfText(text: string): number | undefined {
  const short = shortDecimal(text);
  if (!Number.isNaN(short)) return short;
  const trimmed = text.trim();
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  if (MISSING.has(trimmed.toLowerCase())) return Number.NaN;
  const infinite = INFINITE.exec(trimmed);
  return infinite ? (infinite[1] === '-' ? -Infinity : Infinity) : undefined;
}

/**
 * The number of up to 15 digits without an exponent, else NaN: both the digits as an integer and the power of ten are exact
 * in float64, so that their quotient is rounded once (Clinger 1990). `Number` takes much longer.
 */
function shortDecimal(text: string): number {
  const { length } = text;
  const negative = text.charCodeAt(0) === 45;
  const first = negative ? 1 : 0;
  if (length > first + 16) return Number.NaN;
  let [integer, point] = [0, length];
  for (let i = first; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) integer = 10 * integer + digit;
    else if (digit === -2 && point === length) point = i;
    else return Number.NaN;
  }
  const decimals = Math.max(0, length - point - 1);
  const digits = length - first - (point < length ? 1 : 0);
  if (digits < 1 || digits > 15) return Number.NaN;
  const value = integer / POWERS[decimals];
  return negative ? -value : value;
}
