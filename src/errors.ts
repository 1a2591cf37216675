// The errors that a caller may want to distinguish. All others are faults of the library or of the machine it runs on.

/** The class of every error that this library expects: if `error instanceof DfmrError` is false, it is a fault. */
export class DfmrError extends Error {
  /** the name of the class */
  override name = 'DfmrError';
}

/** A value that was given is wrong: the message names it, where it is, and the remedy. */
export class InvalidInput extends DfmrError {
  /** the name of the class */
  override name = 'InvalidInput';
}

/** A component has no maximum: on the way to the MLE it shrinks onto a few rows, or no rows are left to it. */
export class DegenerateComponent extends DfmrError {
  /** the name of the class */
  override name = 'DegenerateComponent';
}

/** Numbers leave the range of float64 on the way: rescale the data, or leave out what is too far. */
export class BeyondFloat64 extends DfmrError {
  /** the name of the class */
  override name = 'BeyondFloat64';
}

/** No estimate is at a finite distance from half of the others, or no majority agrees: there is nothing to trust. */
export class NoCentre extends DfmrError {
  /** the name of the class */
  override name = 'NoCentre';
}

/** A file, a message or a download is damaged, truncated or of another format than it should be. */
export class DamagedFile extends DfmrError {
  /** the name of the class */
  override name = 'DamagedFile';
}

/** What the operating system refuses, in words. */
const REFUSALS: { readonly [code: string]: string } = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'it is a file, not a folder',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk can only be read',
  EMFILE: 'too many files are open',
};

/** The operating system's refusal in words, without the file; undefined if the error is none, or has no words here. */
export function refusalOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  return syscall === undefined ? undefined : REFUSALS[String(code)];
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  const refusal = refusalOf(error);
  const { path } = (error ?? {}) as { path?: unknown };
  if (refusal !== undefined) return typeof path === 'string' ? `${path}: ${refusal}` : refusal;
  return error instanceof Error ? error.message : String(error);
}

/** What `of` answers; undefined if it meets an error that the library expects, as where numbers are tried that nobody gave. */
export function unlessError<Result>(of: () => Result): Result | undefined {
  try {
    return of();
  } catch (error) {
    if (error instanceof DfmrError) return undefined;
    throw error;
  }
}

/** The same kind of error with another message and the first as its cause, so that a message that says where it happened keeps the type. */
export function withMessage(error: unknown, message: string): Error {
  const kind =
    error instanceof DfmrError ? (error.constructor as new (text: string, options: object) => DfmrError) : Error;
  return new kind(message, { cause: error });
}

const KINDS = { DfmrError, InvalidInput, DegenerateComponent, BeyondFloat64, NoCentre, DamagedFile };

/** An error in a form that crosses to another thread or into a file without losing its kind. */
export interface ErrorJSON {
  readonly kind: string;
  readonly message: string;
}

/** The error, ready to be sent. */
export function errorToJSON(error: unknown): ErrorJSON {
  return { kind: error instanceof Error ? error.name : 'Error', message: messageOf(error) };
}

/** The error that was sent, of the same class. */
export function errorFromJSON({ kind, message }: ErrorJSON): Error {
  const Kind = Object.hasOwn(KINDS, kind) ? KINDS[kind as keyof typeof KINDS] : Error;
  return new Kind(message);
}
