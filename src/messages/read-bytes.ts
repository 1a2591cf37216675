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

/**
 * The bytes of a file of unknown origin.
 * @param idleSeconds how long no data may arrive: what the system calls a file may never begin, or never end
 * @throws DamagedFile if it is not a file that can be read, or is too large by now; the signal's reason when it aborts
 */
export async function bytesOf(
  file: string,
  {
    maximum,
    idleSeconds,
    signal,
  }: { readonly maximum: number; readonly idleSeconds: number; readonly signal?: AbortSignal },
): Promise<Uint8Array> {
  const about = await stat(file).catch(({ code }) => {
    throw new DamagedFile(code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`);
  });
  if (!about.isFile())
    throw new DamagedFile(`it is ${about.isDirectory() ? 'a directory' : 'a device or a pipe'}, not a file`);
  requireSize(about.size, maximum);
  signal?.throwIfAborted();
  const chunks: Buffer[] = [];
  // events rather than an iterator: a read that the system never finishes cannot be waited for, not even to end the stream
  await new Promise<void>((resolve, reject) => {
    const stream = createReadStream(file, { end: maximum });
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
      chunks.push(chunk as Buffer);
      idle.refresh();
    });
    stream.on('end', () => end(resolve));
    stream.on('error', (error: NodeJS.ErrnoException) =>
      end(() => reject(new DamagedFile(`it cannot be read (${error.code})`, { cause: error }))),
    );
  });
  const bytes = Buffer.concat(chunks);
  requireSize(bytes.length, maximum);
  return bytes;
}
