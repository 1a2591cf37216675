import { isFaithful, type TextNumber } from './text-number';

// Numbers straight from the bytes of a text with delimiters, without a string for each cell: a table of a million rows is mostly
// decimal numbers of a few digits.

const [LINE_FEED, RETURN, SPACE, QUOTE, PLUS, MINUS, POINT, ZERO, EXPONENT, CAPITAL_EXPONENT] = [
  10, 13, 32, 34, 43, 45, 46, 48, 101, 69,
];

/** 10^e, exact in float64. */
const POWERS = Float64Array.from({ length: 23 }, (_, e) => Number(`1e${e}`));

/** Digits of an integer that float64 holds exactly, and as many again behind them. */
const FIRST_DIGITS = 15;
const MOST_DIGITS = 19;

/** A relative error that the correction of a quotient stays well below; it takes three roundings. */
const CORRECTION_ERROR = 2 ** -48;

/** How the lines of a text are cells, and which are wanted. */
export interface Cells {
  /** the byte between cells */
  readonly delimiter: number;
  /** cells of a line */
  readonly columns: number;
  /** places of the columns of numbers, all different */
  readonly chosen: readonly number[];
  /** the place of a column of labels */
  readonly label?: number;
  /** the number that any other cell says */
  readonly numberOf: TextNumber;
}

/** Rows of numbers, and their labels. */
export interface CellValues {
  readonly rows: number;
  /** rows × chosen, row-major */
  readonly data: Float64Array;
  readonly labels: readonly string[];
}

/**
 * Prepares a reader of whole lines. Decimal numbers are rounded correctly, as `Number` rounds them.
 * @returns a function of the lines' bytes that answers undefined where they are not plain: quotes, a cell that is no number, lines of other
 *   lengths; what reads text as text says what is wrong with them, if anything
 */
export function cellReader({
  delimiter,
  columns,
  chosen,
  label,
  numberOf,
}: Cells): (bytes: Buffer) => CellValues | undefined {
  const slots = new Int32Array(columns).fill(-1);
  chosen.forEach((column, slot) => {
    slots[column] = slot;
  });
  const width = chosen.length;
  let room = new Float64Array(0);

  return (bytes) => {
    const { length } = bytes;
    if (bytes.includes(QUOTE)) return undefined;
    const most = (Math.floor(length / Math.max(1, 2 * columns - 1)) + 2) * width;
    if (room.length < most) room = new Float64Array(most);
    const labels: string[] = [];
    let rows = 0;
    for (let at = 0; at < length; ) {
      if (columns > 1 && isEndOfLine(bytes, at)) {
        at += bytes[at] === RETURN ? 2 : 1;
        continue;
      }
      for (let column = 0; column < columns; column++) {
        const from = at;
        const slot = slots[column];
        let byte = bytes[at];
        if (slot >= 0) {
          while (byte === SPACE) byte = bytes[++at];
          const head = at;
          const negative = byte === MINUS;
          if (negative) byte = bytes[++at];
          let [first, second, digits, point] = [0, 0, 0, -1];
          for (; at < length; byte = bytes[++at]) {
            const digit = byte - ZERO;
            if (digit >= 0 && digit <= 9) {
              if (digits < FIRST_DIGITS) first = 10 * first + digit;
              else second = 10 * second + digit;
              if (digits > 0 || digit > 0) digits++;
            } else if (byte === POINT && point < 0) point = at;
            else break;
          }
          const end = at;
          const written = end - head - (negative ? 1 : 0) - (point < 0 ? 0 : 1);
          let decimals = point < 0 ? 0 : end - point - 1;
          let plain = written > 0 && digits <= MOST_DIGITS;
          if (plain && (byte === EXPONENT || byte === CAPITAL_EXPONENT)) {
            byte = bytes[++at];
            const less = byte === MINUS;
            if (less || byte === PLUS) byte = bytes[++at];
            let exponent = 0;
            const start = at;
            for (; at < length && byte >= ZERO && byte <= ZERO + 9; byte = bytes[++at])
              exponent = 10 * exponent + byte - ZERO;
            plain = at > start && at < start + 4;
            decimals += less ? exponent : -exponent;
          } else plain &&= point >= 0 || digits <= FIRST_DIGITS; // longer integers may be beyond float64
          let value = Number.NaN;
          if (plain && (at === length || byte === delimiter || isEndOfLine(bytes, at)))
            value = rounded(first, second, digits, decimals);
          if (Number.isNaN(value)) {
            while (at < length && bytes[at] !== delimiter && bytes[at] !== LINE_FEED) at++;
            const cell = bytes.toString('utf8', from, at);
            const number = numberOf(cell);
            if (number === undefined || (Math.abs(number) > Number.MAX_SAFE_INTEGER && !isFaithful(cell)))
              return undefined;
            value = number;
          } else if (negative) value = -value;
          room[rows * width + slot] = value;
        } else {
          while (at < length && bytes[at] !== delimiter && bytes[at] !== LINE_FEED) at++;
        }
        if (column === label) labels.push(bytes.toString('utf8', from, at).trim());
        if (column + 1 < columns) {
          if (bytes[at] !== delimiter) return undefined;
          at++;
        }
      }
      if (bytes[at] === RETURN) at++;
      if (at < length && bytes[at] !== LINE_FEED) return undefined;
      at++;
      rows++;
    }
    return { rows, data: room.slice(0, rows * width), labels };
  };
}

const isEndOfLine = (bytes: Buffer, at: number): boolean =>
  bytes[at] === LINE_FEED || (bytes[at] === RETURN && bytes[at + 1] === LINE_FEED);

/**
 * The float64 nearest to the decimal number of up to 19 digits, without its point `first` and then `second`, over 10^decimals; NaN if that is
 * not sure. Where both numbers are exact in float64, so is their quotient but for one rounding (Clinger 1990); else the remainder of the
 * division corrects it, unless it ends up too near the middle between two float64.
 */
function rounded(first: number, second: number, digits: number, decimals: number): number {
  if (decimals < 0) return digits <= FIRST_DIGITS && decimals >= -22 ? first * POWERS[-decimals] : Number.NaN;
  if (decimals > 22) return first === 0 && second === 0 ? 0 : Number.NaN;
  const divisor = POWERS[decimals];
  if (digits <= FIRST_DIGITS) return first / divisor;
  // first · 10^k + second is the sum of two float64, high + low
  const shift = POWERS[digits - FIRST_DIGITS];
  const product = first * shift;
  const left = product + second;
  const low = productError(first, shift, product) + (second - (left - product));
  const quotient = left / divisor;
  const taken = quotient * divisor;
  const remainder = left - taken - productError(quotient, divisor, taken);
  const correction = (remainder + low) / divisor;
  const below = quotient + correction * (1 - CORRECTION_ERROR);
  return below === quotient + correction * (1 + CORRECTION_ERROR) ? below : Number.NaN;
}

const SPLITTER = 2 ** 27 + 1;

/** a b − p, exactly, of the float64 p next to a b (Dekker 1971). */
function productError(a: number, b: number, p: number): number {
  const as = SPLITTER * a;
  const ah = as - (as - a);
  const al = a - ah;
  const bs = SPLITTER * b;
  const bh = bs - (bs - b);
  const bl = b - bh;
  return al * bl - (p - ah * bh - al * bh - ah * bl);
}
