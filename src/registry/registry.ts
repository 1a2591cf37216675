import { InvalidInput } from '../errors';

// The contracts of the field (family, distance, rule, failure, table format) each have a registry, which commands, studies, figures and
// documentation read. What a user registers works wherever a built-in does.

let loading: string | undefined;

/** The module that is being loaded, whose registrations other threads can repeat. */
export function moduleInLoad(): string | undefined {
  return loading;
}

/** Loads a module, of which all that it registers meanwhile is. */
export function whileLoading(module: string, load: () => void): void {
  loading = module;
  try {
    load();
  } finally {
    loading = undefined;
  }
}

/** How something is registered. */
export interface RegisterOptions {
  /**
   * whether it may take the place of another of the same name, as when a cell is run again
   * @defaultValue false
   */
  readonly replace?: boolean;
}

/**
 * What has a name, or is made from a number: 'dfmr(1.3)' is what 'dfmr' makes of 1.3. If the function has a default for its number,
 * as `(factor = 1.3) => …` has, the name alone works too. What `ofList` marks is made from one number or more: 'categorical(3,2)'.
 */
export type Entry<Value> = Value | ((constant?: number) => Value) | ((constant: number) => Value) | OfList<Value>;

/** Makes something from a list of numbers; from the empty one, of the name alone, it may say what is missing. */
export interface OfList<Value> {
  (constants: readonly number[]): Value;
  readonly takesList: true;
}

/** Marks a function as one of a list of numbers. */
export const ofList = <Value>(make: (constants: readonly number[]) => Value): OfList<Value> =>
  Object.assign((constants: readonly number[] = []) => make(constants), { takesList: true as const });

/** The things of one kind, by name. */
export interface Registry<Value> {
  /** the names, in the order in which they were registered; those that are made from numbers end in '(number)' or '(numbers)' */
  readonly names: () => string[];
  /** @throws InvalidInput if the name is taken, or is not a name */
  readonly register: (name: string, entry: Entry<Value>, options?: RegisterOptions) => void;
  /**
   * What is registered under the name, in capitals or not.
   * @throws InvalidInput if there is none of that name, listing all names
   */
  readonly get: (name: string) => Value;
  readonly has: (name: string) => boolean;
  /** Whether another thread finds the name: it is built in, or a module that `loadModule` loaded registers it. */
  readonly isPortable: (name: string) => boolean;
}

interface Registered<Value> {
  readonly entry: Entry<Value>;
  readonly takes: 'nothing' | 'number' | 'numbers';
  /** whether another thread has it too */
  readonly portable: boolean;
}

const NAME = /^[\p{L}][\p{L}\p{N}-]*$/u;

/** Whether a function can be called without its number: `length` does not count parameters with a default. */
const hasDefault = (entry: unknown): boolean => typeof entry === 'function' && entry.length === 0;

/**
 * A registry of one kind of thing.
 * @param kind what it is called in messages, such as 'rule'
 * @param builtIn by name; a function makes one from a number
 */
export function registryOf<Value extends object>(
  kind: string,
  builtIn: Readonly<Record<string, Entry<Value>>>,
): Registry<Value> {
  const all = new Map<string, Registered<Value>>();
  const made = new Map<string, Value>(); // the same number, the same thing
  const put = (name: string, entry: Entry<Value>, portable: boolean) => {
    const takes = typeof entry !== 'function' ? 'nothing' : 'takesList' in entry ? 'numbers' : 'number';
    all.set(name.toLowerCase(), { entry, takes, portable });
  };
  for (const [name, entry] of Object.entries(builtIn)) put(name, entry, true);

  const names = () => [...all].map(([name, { takes }]) => (takes === 'nothing' ? name : `${name}(${takes})`));
  const find = (
    name: string,
  ): { readonly registered: Registered<Value>; readonly constants?: number[] } | undefined => {
    const key = name.toLowerCase().replace(/, /g, ',');
    const plain = all.get(key);
    if (plain) return plain.takes !== 'nothing' && !hasDefault(plain.entry) ? undefined : { registered: plain };
    const [, base, list] = /^([^()\s]+)\(([^()\s]+)\)$/.exec(key) ?? [];
    const registered = base === undefined ? undefined : all.get(base);
    const constants = (list ?? '').split(',').map((text) => (text === '' ? Number.NaN : Number(text)));
    if (!registered || registered.takes === 'nothing' || constants.some(Number.isNaN)) return undefined;
    return registered.takes === 'numbers' || constants.length === 1 ? { registered, constants } : undefined;
  };
  const missing = (name: unknown) =>
    new InvalidInput(`there is no ${kind} ${JSON.stringify(name) ?? String(name)}: use ${names().join(', ')}`);

  return {
    names,
    register(name, entry, { replace = false } = {}) {
      if (typeof name !== 'string' || !NAME.test(name))
        throw new InvalidInput(`the name of a ${kind} is ${JSON.stringify(name)}: use letters, digits and hyphens`);
      if (all.has(name.toLowerCase()) && !replace)
        throw new InvalidInput(
          `there is a ${kind} named "${name}" already: choose another name, or give { replace: true }`,
        );
      for (const key of made.keys())
        if (key === name.toLowerCase() || key.startsWith(`${name.toLowerCase()}(`)) made.delete(key);
      put(name, entry, moduleInLoad() !== undefined);
    },
    get(name) {
      const found = typeof name === 'string' ? find(name) : undefined;
      if (!found) throw missing(name);
      const { registered, constants } = found;
      if (registered.takes === 'nothing') return registered.entry as Value;
      const key = name.toLowerCase().replace(/\(.*/, `(${constants})`); // '2.0' is the same number as '2'
      const given = registered.takes === 'numbers' ? constants : constants?.[0];
      const value = made.get(key) ?? (registered.entry as (constant?: unknown) => Value)(given);
      made.set(key, value);
      return value;
    },
    has: (name) => typeof name === 'string' && find(name) !== undefined,
    isPortable: (name) => (typeof name === 'string' && find(name)?.registered.portable) === true,
  };
}
