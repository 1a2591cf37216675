import { readFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput, messageOf } from '../errors';
import { messageFiles } from '../messages/message-files';
import { printable } from '../messages/untrusted';
import { isAddress, shownName } from '../tables/address';
import { remark } from './output';

/**
 * The files of messages that a command is given: as words, which are files or folders, or in a list.
 * @param from the file of the list; - is standard input
 * @param written what the command writes, which is no message even if it lies in a folder that is given
 * @returns the files, each once, in order of their names
 */
export function messagesOf(
  given: readonly string[],
  from?: string,
  written: readonly (string | undefined)[] = [],
): readonly string[] {
  const all = from === undefined ? given : [...given, ...listedIn(from)];
  if (all.length === 0)
    throw new InvalidInput('there are no estimates: name files or a folder, or give a list with --from');
  const address = all.find(isAddress);
  if (address !== undefined)
    throw new InvalidInput(`${shownName(address)} is an address: estimates are read from files, so download it first`);
  const { files, leftOut } = messageFiles(all);
  const some = `${leftOut
    .slice(0, 3)
    .map((file) => printable(file))
    .join(', ')}${leftOut.length > 3 ? ', …' : ''}`;
  if (leftOut.length > 0)
    remark(`dfmr: ${leftOut.length} files are left out, which do not end in .json or .jsonl: ${some}`);
  const own = new Set(written.map((file) => file && path.resolve(file)));
  return files.filter((file) => !own.has(path.resolve(file)));
}

function listedIn(list: string): string[] {
  try {
    const lines = readFileSync(list === '-' ? 0 : list, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  } catch (cause) {
    throw new InvalidInput(`the list ${list} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
