import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import { InvalidInput, messageOf, refusalOf, withMessage } from '../errors';
import { pathOf } from '../tables/address';
import { prepareOutput, STANDARD_OUTPUT } from './output-files';

/** Reads an option that is 1, 2, … */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(text);
}

/** The orders that are tried, 1, 2, … up to the most, if it was given. */
export const ordersTo = (most: number | undefined): { readonly orders?: readonly number[] } =>
  most === undefined ? {} : { orders: Array.from({ length: most }, (_, i) => i + 1) };

/** Reads an option that is a number of at least `least`. */
export function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(text.trim() !== '' && value >= least && value < Infinity))
      throw new InvalidArgumentError(`It must be a number of at least ${least}.`);
    return value;
  };
}

/** The flag of the penalty, and what it is for. */
export const PENALTY = [
  '--penalty <a>',
  "the strength of the penalty, 0 for none, or the paper's own: published; 1/√n for n rows if not given",
  penaltyFrom,
] as const;

/** Reads a strength, or 'published'. */
export function penaltyFrom(text: string): number | 'published' {
  if (text === 'published') return text;
  const value = Number(text);
  if (!(text.trim() !== '' && value >= 0 && value < Infinity))
    throw new InvalidArgumentError('It must be a number of at least 0, or published.');
  return value;
}

/**
 * Writes a file at once: it is whole or not there, even if two processes write it at the same time, the disk is full or the power fails.
 * @param file its path, or - for standard output
 * @throws InvalidInput if it cannot be written
 */
export function writeWhole(file: string, text: string | Uint8Array): void {
  if (file === STANDARD_OUTPUT) {
    process.stdout.write(text);
    return;
  }
  let part: string | undefined;
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    // a device or a pipe, such as /dev/stdout, is written to: another file must not get its name
    if (there && !there.isFile() && !there.isDirectory()) {
      writeFileSync(file, text);
      return;
    }
    const target = there ? realpathSync(file) : file; // a link stays one
    part = `${target}.${randomUUID().slice(0, 8)}.part`; // another writer, perhaps on another machine, has its own
    const descriptor = openSync(part, 'wx');
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor); // before it gets its name
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, target);
  } catch (error) {
    if (part !== undefined) rmSync(part, { force: true });
    throw new InvalidInput(`${file} cannot be written: ${refusalOf(error) ?? messageOf(error)}`, { cause: error });
  }
}

/** The name of the machine of a file: that of the file without its endings; of an address, of the file in its path. */
export function machineOf(file: string): string {
  return path
    .basename(pathOf(file))
    .replace(/\.gz$/, '')
    .replace(/\.[^.]+$/, '');
}

/**
 * Where what is made of each file goes: to `out` for one, else into the folder `out`, under the machine's name.
 * @returns the targets, and the files whose target is not there yet
 * @throws InvalidInput if two would be the same, or one is there and the others are not to be added
 */
export function targetsOf(
  files: readonly string[],
  out: string,
  {
    folder = false,
    resume = false,
    force,
  }: { readonly folder?: boolean; readonly resume?: boolean; readonly force?: boolean },
): { readonly targetOf: (file: string) => string; readonly left: readonly string[] } {
  const many = folder || files.length > 1;
  const targetOf = (file: string) => (many ? path.join(out, `${machineOf(file)}.json`) : out);
  const targets = files.map(targetOf);
  const twice = targets.find((target, i) => targets.indexOf(target) !== i);
  if (twice !== undefined)
    throw new InvalidInput(`the estimates of two tables would both be ${twice}: rename one table`);
  if (many && out === STANDARD_OUTPUT) throw new InvalidInput('--out - is for one table: name a folder for several');
  if (folder) requireNoOthers(out, targets, force);
  const left = resume ? files.filter((file) => !existsSync(targetOf(file))) : files;
  const remedy = 'give another name, keep it and fit the other machines with --resume';
  for (const file of left) if (targetOf(file) !== STANDARD_OUTPUT) prepareOutput(targetOf(file), { force, remedy });
  return { targetOf, left };
}

/**
 * Removes the estimates of another split from a folder: aggregated with those that are to come, they would count rows twice.
 * @throws InvalidInput if there are some, and they may not be removed
 */
function requireNoOthers(folder: string, targets: readonly string[], force = false): void {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^shard-\d+\.json$/.test(name)) : [];
  const others = names.map((name) => path.join(folder, name)).filter((file) => !targets.includes(file));
  if (others.length > 0 && !force)
    throw new InvalidInput(
      `${others[0]} exists, and is of a split among more machines: give another folder, or remove such estimates with --force`,
    );
  for (const file of others) rmSync(file);
}

/** Options of the library that its messages name, and the flags of commands for them. */
const FLAGS = [
  ["missing: 'drop'", '--missing drop'],
  ["missing: 'em'", '--missing em'],
  ['header: true or header: false', '--header yes or --header no'],
  ["delimiter: ';'", "--delimiter ';'"],
  ['say which is the table by member', 'say which is the table with --member'],
  ['member names another', '--member names another'],
  ['choose from those of numbers', 'choose with --columns from those of numbers'],
  ['leave smoothing out', 'leave out --smoothing'],
  ['give sampleSizes', 'choose --sample-sizes bounded'],
  ['choose the columns if it is one', 'choose with --columns if it is one'],
] as const;

/** A message of the library in the words of those who gave flags, without the queries of addresses, which may hold credentials. */
export function inFlags(message: string): string {
  const plain = message.replace(/(\bhttps?:\/+[^\s?#'"]*)[?#][^\s'"]*/gi, '$1');
  const counted = plain.replace(/\((row .*); rows count from 0\)/, (_, places: string) => {
    const fromOne = places.replace(/(^|; )row (\d+)/g, (__, before, j) => `${before}row ${Number(j) + 1}`);
    return `(${fromOne}, without the line of names)`;
  });
  return FLAGS.reduce((text, [option, flag]) => text.replace(option, flag), counted);
}

/** An error of a table with gaps, where what is fitted needs whole rows: what uses the others is no remedy then. */
export function ofWholeRows(error: unknown): unknown {
  const remedy = " fit Gaussians to what they hold with missing: 'em',";
  return messageOf(error).includes(remedy) ? withMessage(error, messageOf(error).replace(remedy, '')) : error;
}

/** What ends a command on Ctrl-C or a signal of the system. */
export class Interrupted extends Error {
  override name = 'Interrupted';

  constructor(
    /** as shells report it: 128 and the number of the signal */
    readonly exitCode: number,
    remedy: string,
  ) {
    super(`interrupted; ${remedy}`);
  }
}

/** What ends a command that did all it could, but not all there is to do: what is missing is named. */
export class Incomplete extends Error {
  override name = 'Incomplete';
  readonly exitCode = 2;

  constructor(
    message: string,
    /** what is missing, as JSON */
    readonly missing: unknown,
  ) {
    super(message);
  }
}

/**
 * A signal that aborts when the command is interrupted, so that it can clean up and leave; a second interrupt ends it at once.
 * @param remedy what became of the work, and what resumes it
 */
export function interruption(remedy = 'nothing was written'): AbortSignal {
  const controller = new AbortController();
  for (const [name, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(name, () => controller.abort(new Interrupted(exitCode, remedy)));
  return controller.signal;
}
