import { DamagedFile, DfmrError, InvalidInput, messageOf, refusalOf, withMessage } from '../errors';
import { shownName } from './address';

/** Whether the operating system refused: there is no such file, or it is a folder. */
export const isSystemError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/**
 * An error that names the file that it is about, and is of the right kind: our own errors keep theirs, what the operating system
 * refuses was named wrongly, and what else a format's library throws comes from a file that is not of its format.
 */
export function fileError(path: string, error: unknown): Error {
  const file = shownName(path);
  const message = messageOf(error);
  if (error instanceof DfmrError) return message.startsWith(file) ? error : withMessage(error, `${file}: ${message}`);
  if (isSystemError(error)) return new InvalidInput(`${file}: ${refusalOf(error) ?? message}`, { cause: error });
  return new DamagedFile(`${file}: is damaged, or of another format than its name says: ${message}`, { cause: error });
}
