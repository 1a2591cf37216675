import { accessSync, constants, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { InvalidInput, refusalOf } from '../errors';

// What commands write. Nothing is overwritten without --force, and whether something can be written is asked before the work begins.

/** An option that names a file, or a folder of files, that the command writes; of one table a file, and of many a folder, which `targetsOf` asks about. */
export class OutputOption extends Option {
  constructor(
    flags: string,
    description: string,
    readonly kind: 'file' | 'folder' | 'of one or many' = 'file',
  ) {
    super(flags, description);
  }
}

/** The flag without which nothing is overwritten. */
export const FORCE = ['--force', 'overwrite what is there'] as const;

/** The path that means standard output. */
export const STANDARD_OUTPUT = '-';

/** Adds `--force` to a command that names what it writes. */
export function addForce(command: Command): void {
  const has = (test: (option: Option) => boolean) => command.options.some(test);
  if (has((option) => option instanceof OutputOption) && !has(({ long }) => long === '--force'))
    command.option(...FORCE);
}

/**
 * Makes the folders of what a command is to write.
 * @returns whether something goes to standard output
 * @throws InvalidInput if something would be overwritten without --force, two things have one name, or one cannot be written
 */
export function prepareOutputs(command: Command): boolean {
  const values = command.opts();
  const seen = new Map<string, string>();
  let printed = false;
  for (const option of command.options) {
    if (!(option instanceof OutputOption)) continue;
    const { kind } = option;
    const file: string | undefined = values[option.attributeName()];
    if (file === undefined) continue;
    const other = seen.get(path.resolve(file));
    if (other !== undefined) throw new InvalidInput(`${other} and ${option.long} are both ${file}: name two files`);
    seen.set(path.resolve(file), option.long ?? '');
    if (file === STANDARD_OUTPUT) printed = true;
    else if (kind !== 'of one or many') prepareOutput(file, { force: values.force, kind });
  }
  return printed;
}

/**
 * Makes the folder of a file that is to be written, or the folder that files are to be written to.
 * @throws InvalidInput if something would be overwritten without --force, or it cannot be written
 */
export function prepareOutput(
  file: string,
  { force = false, kind = 'file', remedy }: { force?: boolean; kind?: 'file' | 'folder'; remedy?: string } = {},
): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    const isFolder = there?.isDirectory() ?? false;
    if (isFolder && kind === 'file') throw new InvalidInput(`${file} is a folder: name a file in it`);
    if (there && !isFolder && kind === 'folder') throw new InvalidInput(`${file} is a file: name a folder`);
    const lost = kind === 'folder' ? isFolder && readdirSync(file).length > 0 : there?.isFile();
    const it = kind === 'folder' ? 'what it holds' : 'it';
    if (lost && !force)
      throw new InvalidInput(`${file} exists: ${remedy ?? 'give another name'}, or overwrite ${it} with --force`);
    const folder = kind === 'folder' ? file : path.dirname(file);
    mkdirSync(folder, { recursive: true });
    if (!there || there.isFile() || isFolder) accessSync(folder, constants.W_OK); // devices lie where nobody may write
  } catch (error) {
    const refusal = refusalOf(error);
    throw refusal === undefined ? error : new InvalidInput(`${file} cannot be written: ${refusal}`, { cause: error });
  }
}
