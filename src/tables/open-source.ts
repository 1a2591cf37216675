import { statSync } from 'node:fs';
import { messageOf, withMessage } from '../errors';
import type { WorkOptions } from '../work/work';
import { isAddress, shownName } from './address';
import { fileError } from './file-error';
import { byEnding } from './formats';
import { download } from './remote-file';
import type { FormatOptions, TableSource } from './source';

/** A table's source. Whoever opens it closes it. */
export interface OpenSource {
  readonly source: TableSource;
  /** bytes */
  readonly size: number;
  /** An error that was met on the way, by the name of the table; the signal's reason when it has aborted. */
  named(error: unknown): unknown;
  /** Removes what was downloaded. */
  close(): void;
}

/**
 * Opens a table's file, of the format that its ending says. Of a table at an address, parts are read, or it is downloaded for as long as it is open.
 * @throws InvalidInput, DamagedFile or BeyondFloat64 with the table's name; the signal's reason when it aborts
 */
export async function openSource(file: string, options: FormatOptions & WorkOptions): Promise<OpenSource> {
  const { signal } = options;
  const { format, ending } = byEnding(file);
  signal?.throwIfAborted();
  let opened = file;
  let close = (): void => {};
  const named = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    const message = messageOf(error).replaceAll(opened, shownName(file)); // no reader knows the name of a download
    return fileError(file, message === messageOf(error) ? error : withMessage(error, message));
  };
  try {
    if (isAddress(file) && !format.addresses) {
      const others = format.endings.filter((other) => other !== ending);
      ({ file: opened, remove: close } = await download(file, [ending, ...others], options));
    }
    const source = await format.open(opened, options);
    return { source, size: source.size ?? statSync(opened).size, named, close };
  } catch (error) {
    close();
    throw named(error);
  }
}
