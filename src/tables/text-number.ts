const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;
const MISSING = new Set(['', 'na', 'n/a', '#n/a', '<na>', 'nan', '-nan', 'null', 'none', '?']);

const POWERS = Float64Array.from({ length: 16 }, (_, i) => 10 ** i);

/** The number that a cell says: NaN if it is missing, undefined if it is text. */
export type TextNumber = (text: string) => number | undefined;

/**
 * The reader of cells with a decimal mark: where that is a comma, digits may be grouped by points, spaces or apostrophes, else by commas.
 * @param missingCodes cells that are missing, too
 */
export function numberReader(decimal: '.' | ',', missingCodes: readonly string[] = []): TextNumber {
  const plain = decimal === '.' ? numberOfGrouped : numberWithComma;
  if (missingCodes.length === 0) return plain;
  const codes = new Set(missingCodes.map((code) => code.trim()));
  return (text) => (codes.has(text.trim()) ? Number.NaN : plain(text));
}

const GROUPS_BY_COMMAS = /^\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*$/;
const WITH_COMMA = /^\s*[+-]?(\d*|\d{1,3}([. '’\u00a0\u202f]\d{3})+)(,\d*)?(e[+-]?\d+)?\s*$/i;

function numberOfGrouped(text: string): number | undefined {
  return numberOfText(text) ?? (GROUPS_BY_COMMAS.test(text) ? numberOfText(text.replaceAll(',', '')) : undefined);
}

function numberWithComma(text: string): number | undefined {
  if (!/\d/.test(text)) return numberOfText(text);
  return WITH_COMMA.test(text)
    ? numberOfText(
        text
          .trim()
          .replace(/[. '’\u00a0\u202f]/g, '')
          .replace(',', '.'),
      )
    : undefined;
}

/** Whether float64 holds what an integer's digits say: to the last one, or as its shortest form. */
export function isFaithful(text: string): boolean {
  const digits = text.trim().replace(/^[+-]?0*(?=\d)/, '');
  if (digits.length < 16 || !/^\d+$/.test(digits)) return true;
  const number = Number(digits);
  return (
    String(number) === digits ||
    (number < Infinity && BigInt(number) === BigInt(digits)) ||
    String(number).includes('e')
  );
}

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
