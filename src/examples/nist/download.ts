import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as wait } from 'node:timers/promises';
import { DamagedFile, DfmrError } from '../../errors';
import type { WorkOptions } from '../../work/work';
import type { Source } from './nist-sources';

/** Where a download goes. Progress counts bytes; after an abort, the next call resumes from what has arrived. */
export interface DownloadOptions extends WorkOptions {
  /** the folder in which the file is written; it is created if it is missing */
  readonly directory: string;
}

/** When a connection that fails is given up. */
export interface Patience {
  /** milliseconds without a byte after which a connection has failed */
  readonly silence: number;
  /** milliseconds before the second try; twice as many before the third, and so on */
  readonly pause: number;
  /** how many times the connection is tried in all without a byte between */
  readonly tries: number;
}

/** The files of what has arrived so far, and of the entity tag or date by which the server's file is known to be the same. */
interface Part {
  readonly file: string;
  readonly tag: string;
}

/**
 * Downloads a file, or resumes its download: what has arrived before is in FILE.part, and is used if the server still has the same file.
 * A file that is complete is not downloaded again.
 * @param source one of `nistSources`
 * @param patience how long a server may be silent, and how often it is tried again
 * @param options where the file goes
 * @returns the file's path
 * @throws DfmrError if it cannot be downloaded, saying what to do instead; DamagedFile if its checksum differs, then nothing of it stays, or
 *   if another file of its name is there, which stays; with the signal's reason when it aborts
 * @example
 * import { createServer } from 'node:http';
 * import type { AddressInfo } from 'node:net';
 * import { download, nistSources } from 'dfmr/nist';
 * const server = createServer((_, response) => response.end('hello')).listen(0);
 * const address = `http://localhost:${(server.address() as AddressInfo).port}/greeting.txt`;
 * const source = { ...nistSources.emnist, address, md5: '5d41402abc4b2a76b9719d911017c592', bytes: 5 };
 * await download(source, { directory: 'downloads' }); // 'downloads/greeting.txt'
 * server.close();
 */
export async function download(
  source: Source,
  options: DownloadOptions,
  patience: Patience = { silence: 30_000, pause: 1000, tries: 5 },
): Promise<string> {
  const { directory, onProgress, signal } = options;
  const file = path.join(directory, path.posix.basename(new URL(source.address).pathname));
  const part: Part = { file: `${file}.part`, tag: `${file}.part.tag` };
  try {
    await mkdir(directory, { recursive: true });
    if (existsSync(file)) return await verified(file, source, signal);
    // a download that was killed after its last byte is complete
    if (!existsSync(part.file) || (await md5Of(part.file, signal)) !== source.md5) {
      await fetchPart(source, part, patience, { directory, onProgress, signal });
      await check(source, part, signal);
    }
    await rename(part.file, file);
    await rm(part.tag, { force: true });
    return file;
  } catch (failure) {
    signal?.throwIfAborted();
    throw failure;
  }
}

/** The path of a file that is there already. It is never overwritten: somebody may have put it there. */
async function verified(file: string, { md5, address }: Source, signal?: AbortSignal): Promise<string> {
  const sum = await md5Of(file, signal);
  if (sum === md5) return file;
  throw new DamagedFile(
    `${file} is not the file of ${address}, or not all of it: its MD5 checksum is ${sum}, not ${md5}. Move it away to fetch it`,
  );
}

async function check({ md5, address }: Source, part: Part, signal?: AbortSignal): Promise<void> {
  const sum = await md5Of(part.file, signal);
  if (sum === md5) return;
  await forget(part);
  throw new DamagedFile(
    `what came from ${address} has the MD5 checksum ${sum}, not ${md5}, and was removed: try again, and if it is the same, the file is another now`,
  );
}

async function fetchPart(source: Source, part: Part, patience: Patience, options: DownloadOptions): Promise<void> {
  const { silence, pause, tries } = patience;
  let failure: string | undefined;
  for (let t = 0; t < tries; t++) {
    if (t > 0) await wait(pause * 2 ** (t - 1), undefined, { signal: options.signal });
    failure = await attempt(source, part, silence, options);
    if (failure === undefined) return;
  }
  throw unreachable(source, options.directory, `${failure}, ${tries} times`);
}

function unreachable({ address, md5 }: Source, directory: string, failure: string): DfmrError {
  return new DfmrError(
    `${address} could not be fetched: ${failure}. Try again, which resumes where it ended, or open the address in a browser and put the file into ${path.resolve(directory)}; its MD5 checksum is ${md5}`,
  );
}

/** @returns what went wrong with the connection, after which another try may help */
async function attempt(
  source: Source,
  part: Part,
  silence: number,
  { directory, onProgress, signal }: DownloadOptions,
): Promise<string | undefined> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), silence);
  try {
    const before = await stateOf(part);
    const rest = { range: `bytes=${before.bytes}-`, 'if-range': before.tag };
    const response = await fetch(source.address, {
      headers: { 'accept-encoding': 'identity', ...(before.bytes > 0 && rest) },
      signal: AbortSignal.any(signal ? [signal, stalled.signal] : [stalled.signal]),
    });
    const answer = `the server answers ${response.status} ${response.statusText}`.trimEnd();
    if (response.status >= 500) return answer;
    if (response.status === 416 || (response.status === 206 && !isRest(response, before))) {
      await forget(part);
      return 'the server does not resume from what is there';
    }
    if (response.status !== 200 && response.status !== 206) throw unreachable(source, directory, answer);
    return await save(response, part, response.status === 206 ? before.bytes : 0, (done, total = source.bytes) => {
      timer.refresh();
      onProgress?.({ stage: 'download', done, total: Math.max(done, total) });
    });
  } catch (cause) {
    if (stalled.signal.aborted) return `nothing came for ${silence / 1000} seconds`;
    const reason = connectionFailureOf(cause as Error);
    if (reason === undefined) throw cause;
    return reason;
  } finally {
    clearTimeout(timer);
    stalled.abort(); // closes a connection that was not read to its end
  }
}

/** Whether the answer is the rest of what came before, and of the same file. */
function isRest({ headers }: Response, before: { bytes: number; tag: string }): boolean {
  const startsThere = headers.get('content-range')?.startsWith(`bytes ${before.bytes}-`) === true;
  return startsThere && ['', before.tag].includes(tagOf(headers));
}

async function save(
  { body, headers }: Response,
  part: Part,
  start: number,
  onBytes: (done: number, total?: number) => void,
): Promise<string | undefined> {
  const length = headers.get('content-length');
  const total = length === null ? undefined : start + Number(length);
  const target = await open(part.file, start > 0 ? 'a' : 'w');
  let done = start;
  try {
    if (start === 0) await writeFile(part.tag, tagOf(headers));
    for await (const bytes of (body as ReadableStream<Uint8Array> | null) ?? []) {
      await target.writeFile(bytes);
      done += bytes.length;
      onBytes(done, total);
    }
  } finally {
    await target.close();
  }
  return total !== undefined && done < total ? `the connection ended after ${done} of ${total} bytes` : undefined;
}

/** How much has arrived before, if the download can be resumed from it. */
async function stateOf(part: Part): Promise<{ bytes: number; tag: string }> {
  if (!existsSync(part.file) || !existsSync(part.tag)) return { bytes: 0, tag: '' };
  const tag = await readFile(part.tag, 'utf8');
  return { bytes: tag === '' ? 0 : (await stat(part.file)).size, tag };
}

/** A weak entity tag does not promise the same bytes. */
function tagOf(headers: Headers): string {
  const tag = headers.get('etag');
  return tag !== null && !tag.startsWith('W/') ? tag : (headers.get('last-modified') ?? '');
}

async function forget(part: Part): Promise<void> {
  await rm(part.file, { force: true });
  await rm(part.tag, { force: true });
}

/** fetch throws a TypeError with a cause if the connection fails; other errors come from the disk, or are the signal's reason. */
function connectionFailureOf({ name, cause, message }: Error): string | undefined {
  if (name !== 'TypeError' || cause === undefined) return undefined;
  const { message: reason, code } = cause as NodeJS.ErrnoException;
  return reason || code || message;
}

async function md5Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  for await (const bytes of createReadStream(file, { signal, highWaterMark: 2 ** 20 })) hash.update(bytes);
  return hash.digest('hex');
}
