import type { Family } from './family';
import { gaussian } from './gaussian';

/** The families of the library, by name. */
export const families = { gaussian };

export type FamilyName = keyof typeof families;

/** θ of the family of a name. */
export type ParameterOf<Name extends FamilyName> = (typeof families)[Name] extends Family<infer P> ? P : never;

/** The family of a name, or the family itself. */
export function familyOf<Parameter>(family: FamilyName | Family<Parameter>): Family<Parameter> {
  if (typeof family === 'object') return family;
  if (!Object.hasOwn(families, family)) {
    throw new Error(`there is no family "${family}": the library has ${Object.keys(families).join(', ')}`);
  }
  return families[family] as unknown as Family<Parameter>;
}

/** Whether the family can be found by its name. */
export function isRegistered(family: Family): boolean {
  return Object.values<Family>(families).includes(family);
}
