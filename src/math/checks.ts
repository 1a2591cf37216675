import { inspect } from 'node:util';

/** @throws where the value of the option is not 1, 2, … */
export function requirePositiveInteger(name: string, value: unknown): void {
  if (!(Number.isInteger(value) && (value as number) >= 1)) {
    throw new Error(`${name} is ${value}: it must be a positive integer`);
  }
}

/** @throws where the value of the option is not a finite number from 0 on */
export function requireNonNegative(name: string, value: unknown): void {
  if (!(typeof value === 'number' && value >= 0 && value < Infinity)) {
    throw new Error(`${name} is ${value}: it must be a number from 0 on`);
  }
}

/** A value as a message tells it, on one short line. */
export function told(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { breakLength: Infinity, depth: 2 });
  const line = text.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 120)} …` : line;
}

/** Longer lists of numbers than this are no parameters. */
const MOST_NUMBERS = 2 ** 26;

/** The values as float64; null, true and "" are no numbers, though `Number` makes some of them. */
export function numbersOf(values: ArrayLike<unknown>, where: (index: number) => string): Float64Array {
  if (!(values.length >= 0 && values.length <= MOST_NUMBERS))
    throw new Error(`${where(0)} is one of ${values.length} numbers: too many`);
  return Float64Array.from(values, (value, i) => {
    if (typeof value !== 'number') throw new Error(`${where(i)} is ${told(value)}: it must be a number`);
    return value;
  });
}
