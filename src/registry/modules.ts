import path from 'node:path';
import { InvalidInput, messageOf } from '../errors';
import { whileLoading } from './registry';

const loaded = new Set<string>();

/** The files of the modules that were loaded, in order: what a thread loads before it works. */
export function loadedModules(): readonly string[] {
  return [...loaded];
}

/**
 * Loads a module (CommonJS or ES) that registers families, distances, rules, failures or table formats of yours, here and in the
 * threads that are started later. Loading it again does nothing.
 * @param file its path from the working directory, with its ending
 * @throws InvalidInput if it cannot be loaded, or what it registers is refused
 * @example
 * loadModule('./my-rules.js'); // which calls registerRule({ name: 'last', … })
 * ruleNames().includes('last'); // true: here, and in threads
 */
export function loadModule(file: string): void {
  const found = path.resolve(file);
  if (loaded.has(found)) return;
  try {
    whileLoading(found, () => require(found)); // of ES modules too, if they have no top-level await
    loaded.add(found);
  } catch (cause) {
    throw new InvalidInput(`the module ${file} cannot be loaded: ${messageOf(cause)}`, { cause });
  }
}
