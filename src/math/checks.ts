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
