import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';

/** What files of messages end in, in a folder; what else lies there is not read. */
const ENDINGS = /\.(json|jsonl|ndjson)$/i;

/** What is never a message, and needs no mention: hidden files, signatures, and files that are being written. */
const BESIDE = /^\.|\.(sig|part)$/i;

/** The files of messages that were found. */
export interface MessageFiles {
  /** in order of their names, numbers by their size, whatever the order in which they were given */
  readonly files: readonly string[];
  /** files of folders that are left out because their names do not end as those of messages do */
  readonly leftOut: readonly string[];
}

/**
 * The files that machines sent, from paths of files and of folders. A folder stands for the files in it that end in .json, or in
 * .jsonl or .ndjson with a message in each line; its subfolders, hidden files, signatures (.sig) and files that are being written
 * (.part) do not count. A path that does not exist stays, so that its machine is known to have sent nothing.
 * @param given paths
 * @returns the files, each once, in one order however they are given
 * @throws InvalidInput if a folder has none
 * @example
 * import { messageFiles } from 'dfmr';
 * messageFiles(['machine-2.json', 'machine-0.json']).files; // ['machine-0.json', 'machine-2.json']
 */
export function messageFiles(given: readonly string[]): MessageFiles {
  const files: string[] = [];
  const leftOut: string[] = [];
  for (const one of given.map(path.normalize)) {
    if (!isFolder(one)) {
      files.push(one);
      continue;
    }
    const seen = readdirSync(one).filter((name) => !BESIDE.test(name));
    const inside = seen.map((name) => path.join(one, name)).filter((file) => !isFolder(file));
    const messages = inside.filter((file) => ENDINGS.test(file));
    if (messages.length === 0)
      throw new InvalidInput(`the folder ${one} has no estimates: they are files that end in .json or .jsonl`);
    files.push(...messages);
    leftOut.push(...inside.filter((file) => !ENDINGS.test(file)));
  }
  return { files: inOrderOfNames(files), leftOut: inOrderOfNames(leftOut) };
}

/** Names in order, in which 9 comes before 10; a folder lists them by the whim of its file system, a shell by that of its language. */
export function inOrderOfNames(names: readonly string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...names].sort((a, b) => compare(a, b) || (a < b ? -1 : Number(a > b)));
}

const isFolder = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
