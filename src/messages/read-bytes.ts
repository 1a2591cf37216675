import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DamagedFile } from '../errors';

/** @throws DamagedFile if there are more bytes than the maximum */
export function requireSize(bytes: number, maximum: number): void {
  if (bytes > maximum) throw new DamagedFile(`it has ${bytes} bytes, more than ${maximum}: no estimate is that large`);
}

/** @throws DamagedFile if bytes are not those whose signature was verified */
export function requireDigest(bytes: Uint8Array, digest: string | undefined): void {
  if (digest !== undefined && createHash('sha256').update(bytes).digest('hex') !== digest)
    throw new DamagedFile('it was changed after its signature was verified: aggregate again');
}

/** How a file of unknown origin is read. */
export interface Reading {
  /** more bytes, of the file or of a line, are refused */
  readonly maximum: number;
  /** how long no data may arrive: what the system calls a file may never begin, or never end */
  readonly idleSeconds: number;
  readonly signal?: AbortSignal;
}

/**
 * The bytes of a file of unknown origin.
 * @throws DamagedFile if it is not a file that can be read, or is too large by now; the signal's reason when it aborts
 */
export async function bytesOf(file: string, { maximum, ...reading }: Reading): Promise<Uint8Array> {
  requireSize(await sizeOf(file), maximum);
  const chunks: Buffer[] = [];
  await streamed(file, { end: maximum, ...reading }, (chunk) => chunks.push(chunk));
  const bytes = Buffer.concat(chunks);
  requireSize(bytes.length, maximum);
  return bytes;
}

/** A line of a file: its number, from 1, and its bytes; or only how many there are, if they are too many. */
export type Line = { readonly number: number; readonly size: number; readonly bytes?: Uint8Array };

const LINE_FEED = 10;

/**
 * Reads a file of unknown origin line by line, so that one line is in memory. Lines end in a line feed, which may follow a carriage return; the last
 * one need not.
 * @param take what is called with each line that is not blank
 * @throws DamagedFile if it is not a file that can be read, after the lines that could be; the signal's reason when it aborts
 */
export async function eachLine(
  file: string,
  { maximum, ...reading }: Reading,
  take: (line: Line) => void,
): Promise<void> {
  await sizeOf(file);
  let parts: Buffer[] = [];
  let [number, size] = [1, 0];
  const add = (part: Buffer) => {
    size += part.length;
    if (size > maximum)
      parts = []; // its size is all that is told of it
    else if (part.length > 0) parts.push(part);
  };
  const end = () => {
    const bytes = size > maximum ? undefined : Buffer.concat(parts);
    if (!bytes || bytes.some((byte) => byte > 32)) take({ number, size, bytes });
    [number, size, parts] = [number + 1, 0, []];
  };
  await streamed(file, reading, (chunk) => {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      add(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    add(chunk.subarray(from));
  });
  end();
}

/** @throws DamagedFile if it is not a file */
async function sizeOf(file: string): Promise<number> {
  const about = await stat(file).catch(({ code }) => {
    throw new DamagedFile(code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  });
  if (!about.isFile())
    throw new DamagedFile(`it is ${about.isDirectory() ? 'a directory' : 'a device or a pipe'}, not a file`);
  return about.size;
}

/** Reads a file by chunks. */
async function streamed(
  file: string,
  { end: last, idleSeconds, signal }: Omit<Reading, 'maximum'> & { readonly end?: number },
  take: (chunk: Buffer) => void,
): Promise<void> {
  signal?.throwIfAborted();
  // events rather than an iterator: a read that the system never finishes cannot be waited for, not even to end the stream
  await new Promise<void>((resolve, reject) => {
    const stream = createReadStream(file, { end: last });
    const end = (how: () => void) => {
      clearTimeout(idle);
      signal?.removeEventListener('abort', aborted);
      stream.destroy();
      how();
    };
    const aborted = () => end(() => reject(signal?.reason));
    const idle = setTimeout(
      () => end(() => reject(new DamagedFile(`no data came from it for ${idleSeconds} s`))),
      1000 * idleSeconds,
    );
    signal?.addEventListener('abort', aborted);
    stream.on('data', (chunk) => {
      take(chunk as Buffer);
      idle.refresh();
    });
    stream.on('end', () => end(resolve));
    stream.on('error', (error: NodeJS.ErrnoException) =>
      end(() => reject(new DamagedFile(`it cannot be read (${error.code})`, { cause: error }))),
    );
  });
}
