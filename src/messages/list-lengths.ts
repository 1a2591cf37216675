import { InvalidInput } from '../errors';

/** @throws InvalidInput if a list has not the length that another part of the estimate states */
export function requireLength(where: string, list: readonly unknown[], length: number, of: string): void {
  if (list.length !== length)
    throw new InvalidInput(`${where} has the length ${list.length}, but the ${of} is ${length}: make both the same`);
}
