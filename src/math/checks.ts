import { InvalidInput } from '../errors';
import { printed } from './printed';

/** @throws InvalidInput if the value of the option is not 1, 2, … */
export function requirePositiveInteger(name: string, value: unknown): void {
  if (!(Number.isInteger(value) && (value as number) >= 1)) {
    throw new InvalidInput(`${name} is ${described(value)}: it must be a positive integer`);
  }
}

/** @throws InvalidInput if the value of the option is not a finite number from 0 on */
export function requireNonNegative(name: string, value: unknown): void {
  if (!(typeof value === 'number' && value >= 0 && value < Infinity)) {
    throw new InvalidInput(`${name} is ${described(value)}: it must be 0 or a positive number`);
  }
}

/**
 * One of the values that an option may have.
 * @throws InvalidInput naming them all
 */
export function requireOneOf<Value extends string>(name: string, value: unknown, allowed: readonly Value[]): Value {
  if (allowed.includes(value as Value)) return value as Value;
  const last = allowed.map((one) => `'${one}'`);
  const list = last.length > 1 ? `${last.slice(0, -1).join(', ')} or ${last[last.length - 1]}` : last[0];
  throw new InvalidInput(`${name} is ${described(value)}: it must be ${list}`);
}

/** A value as a message shows it, on one short line. */
export function described(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : shown(value, 2);
  const line = text.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 120)} …` : line;
}

/** Items of a list, and fields of an object, beyond these are counted. */
const MOST_SHOWN = 12;

/** A value in the notation of a console, with objects within objects to some depth. */
function shown(value: unknown, depth: number): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return `[Function: ${value.name || 'without a name'}]`;
  if (typeof value === 'bigint' || Object.is(value, -0)) return typeof value === 'bigint' ? `${value}n` : '-0';
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error || value instanceof Date) return `[${value}]`;
  if (printed in value && typeof value[printed] === 'function') return value[printed]();
  const kind = value.constructor?.name ?? 'Object';
  if (depth < 0) return `[${kind}]`;
  const isList = Symbol.iterator in value;
  const parts = isList ? Array.from(value as Iterable<unknown>) : Object.entries(value);
  const some = parts.slice(0, MOST_SHOWN).map((part) => {
    if (isList) return shown(part, depth - 1);
    const [name, inner] = part as [string, unknown];
    return `${name}: ${shown(inner, depth - 1)}`;
  });
  if (parts.length > MOST_SHOWN) some.push(`… ${parts.length - MOST_SHOWN} more`);
  const inside = some.length > 0 ? ` ${some.join(', ')} ` : '';
  return `${kind === 'Object' || kind === 'Array' ? '' : `${kind} `}${isList ? `[${inside}]` : `{${inside}}`}`;
}

/** No parameter is a longer list of numbers than this. */
const MOST_NUMBERS = 2 ** 26;

/** The values as float64; null, true and "" are not numbers, though `Number` makes some of them. */
export function numbersOf(values: ArrayLike<unknown>, where: (index: number) => string): Float64Array {
  if (!(values.length >= 0 && values.length <= MOST_NUMBERS))
    throw new InvalidInput(`${where(0)} is one of ${values.length} numbers: too many`);
  if (values instanceof Float64Array) return values.slice();
  return Float64Array.from(values, (value, i) => {
    if (typeof value !== 'number') throw new InvalidInput(`${where(i)} is ${described(value)}: it must be a number`);
    return value;
  });
}
