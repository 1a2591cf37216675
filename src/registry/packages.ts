import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';

// Packages that only some uses need: optional peers, which npm does not install by itself.

/** The folder of a package that this library would load; undefined if it is not installed. */
export function folderOf(name: string): string | undefined {
  const places = require.resolve.paths(name) ?? [];
  return places.map((place) => path.join(place, name)).find((folder) => existsSync(folder));
}

/** Packages that npm has under another name than the one that they are loaded by. */
const SPECIFIERS: { readonly [name: string]: string } = { xlsx: 'xlsx@npm:@e965/xlsx' };

/**
 * The line that installs what is missing of some packages, all at once; undefined if nothing is.
 */
export function installLine(names: readonly string[]): string | undefined {
  const missing = names.filter((name) => folderOf(name) === undefined);
  return missing.length === 0 ? undefined : `npm install ${missing.map((name) => SPECIFIERS[name] ?? name).join(' ')}`;
}

/**
 * Makes sure that all packages of a use are there, before it begins.
 * @param use what needs them, as the subject of a sentence
 * @param otherwise what to do without them, as the end of that sentence
 * @throws InvalidInput if some are missing
 */
export function need(use: string, names: readonly string[], otherwise = ''): void {
  const line = installLine(names);
  if (line !== undefined) throw new InvalidInput(`${use} needs what is not installed with dfmr: ${line}${otherwise}`);
}
