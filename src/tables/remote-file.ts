import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DamagedFile, InvalidInput } from '../errors';
import type { WorkOptions } from '../work/work';
import { changed, type RequestOptions, request } from './address';

/** Bytes of a table that is downloaded at most: 8 GiB. More would hardly fit into memory, or has no end. */
const MAX_DOWNLOAD = 2 ** 33;

/** A file at an address, of which parts can be read. */
export interface RemoteFile {
  /** bytes */
  readonly size: number;
  /** The bytes from `start` to before `end`, which are within the file. */
  read(start: number, end: number): Promise<ArrayBuffer>;
}

/**
 * Opens a file at an address to read parts of it. All parts are of one version: the server is asked by the file's ETag, and each answer is compared.
 * @throws InvalidInput if the server gives no parts, or there is no such file; DamagedFile if it changes, or a part ends early
 */
export async function remoteFile(address: string, options: RequestOptions = {}): Promise<RemoteFile> {
  const { version, size } = await part(address, 0, 1, options, async (answer) => versionOf(answer, 0, 1));
  const { tag, time } = version;
  // a weak tag matches nothing; then the time must do
  const match: { [name: string]: string } = {};
  if (tag && !tag.startsWith('W/')) match['if-match'] = tag;
  else if (time) match['if-unmodified-since'] = time;
  return {
    size,
    read: async (start, end) => {
      if (start === end) return new ArrayBuffer(0);
      return part(address, start, end, { ...options, headers: match }, async (answer, pieces) => {
        const now = versionOf(answer, start, end);
        if (now.size !== size || now.version.tag !== tag || now.version.time !== time) throw changed();
        const bytes = new Uint8Array(end - start);
        let got = 0;
        for await (const piece of pieces()) {
          if (got + piece.length > bytes.length) throw new DamagedFile('the server sent more than it was asked for');
          bytes.set(piece, got);
          got += piece.length;
        }
        if (got < bytes.length) throw new DamagedFile(`the server sent ${got} bytes of ${bytes.length}: read it again`);
        return bytes.buffer;
      });
    },
  };
}

/** Asks for a part, of at least one byte. */
function part<Result>(
  address: string,
  start: number,
  end: number,
  { headers, ...options }: RequestOptions,
  use: Parameters<typeof request<Result>>[2],
): Promise<Result> {
  return request(address, { ...options, headers: { ...headers, range: `bytes=${start}-${end - 1}` } }, use);
}

/**
 * The version of a file, and its size, by an answer with a part of it.
 * @throws InvalidInput if the answer is no such part
 */
function versionOf({ status, headers }: Response, start: number, end: number) {
  const [, from, to, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status !== 206 || size === undefined) {
    const why = 'the server gives no parts of files (byte ranges), by which Parquet is read';
    throw new InvalidInput(`${why}: download the table, and read the file`);
  }
  if (Number(from) !== start || Number(to) !== end - 1) throw changed();
  return { size: Number(size), version: { tag: headers.get('etag'), time: headers.get('last-modified') } };
}

/** A table that was downloaded to a file, until it is removed. */
export interface Download {
  readonly file: string;
  remove(): void;
}

/**
 * Downloads a table to a file for a time.
 * @param endings of files of the format, the one of the address first. Servers pack and unpack text on the way: the file has the ending with or
 *   without .gz that says what came, if the format has both
 * @throws InvalidInput if there is no such file, it is larger than the maximum, or the disk is full; DamagedFile if it ends early
 */
export async function download(
  address: string,
  endings: readonly string[],
  {
    signal,
    onProgress,
    maximum = MAX_DOWNLOAD,
    ...options
  }: WorkOptions & RequestOptions & { readonly maximum?: number } = {},
): Promise<Download> {
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-table-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'table');
    const packed = await request(address, { ...options, signal }, async ({ headers }, pieces) => {
      const total = Number(headers.get('content-length') ?? 0);
      let [done, first] = [0, 0];
      const handle = await open(file, 'wx');
      try {
        if (total > maximum) throw tooLarge(maximum);
        for await (const piece of pieces()) {
          if (done === 0) first = piece[0];
          done += piece.length;
          if (done > maximum) throw tooLarge(maximum);
          await handle.writeFile(piece);
          onProgress?.({ stage: 'downloading', done, total: Math.max(done, total) });
        }
      } finally {
        await handle.close();
      }
      return first === GZIP_MAGIC;
    });
    const plain = endings[0].replace(/\.gz$/, '');
    const ending = [`${plain}${packed ? '.gz' : ''}`, ...endings].find((one) => endings.includes(one));
    renameSync(file, `${file}${ending}`);
    return { file: `${file}${ending}`, remove };
  } catch (error) {
    remove();
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    const remedy = 'name one with more space by the environment variable TMPDIR';
    throw new InvalidInput(`the folder of temporary files, ${tmpdir()}, is full: ${remedy}`, { cause: error });
  }
}

/** The first byte of what gzip packed, which no text begins with. */
const GZIP_MAGIC = 0x1f;

const tooLarge = (maximum: number) =>
  new InvalidInput(`is larger than ${maximum} bytes: download it, and read the file, or make it a .parquet`);
