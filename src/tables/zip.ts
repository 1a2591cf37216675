import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, crc32, inflateRaw, type ZlibOptions } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { DamagedFile, InvalidInput, messageOf, withMessage } from '../errors';
import { fileError, isSystemError } from './file-error';

/** An open zip file: the names of its members, and their bytes. */
export interface Zip {
  /** members that are not folders, in the order of the file's directory */
  readonly names: readonly string[];
  /**
   * Reads a member whole.
   * @param name one of `names`
   * @param maxSize bytes; a member that announces more is refused before memory is taken
   * @defaultValue `maxSize` is 2³⁰, 1 GiB
   * @throws InvalidInput if there is no such member, or it is larger, encrypted or compressed by another method than deflate
   * @throws DamagedFile if its bytes are not those that were written; the message names the file and the member
   */
  read(name: string, maxSize?: number): Promise<Buffer>;
  /**
   * Reads the beginning of a member. Its checksum is not compared, as that takes the whole.
   * @param length bytes wanted; a shorter member ends earlier, and a compressed one may give more
   * @throws as `read`
   */
  readStart(name: string, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** What is kept of each member: yauzl's own entries take too much memory when there are a million. */
type Member = Pick<
  Entry,
  'compressedSize' | 'uncompressedSize' | 'compressionMethod' | 'crc32' | 'relativeOffsetOfLocalHeader'
> & { readonly encrypted: boolean };

// methods of compression
const STORED = 0;
const DEFLATED = 8;

const LOCAL_HEADER_SIGNATURE = 0x04034b50;

/** Bytes of a local header before the name. */
const LOCAL_HEADER_LENGTH = 30;

/** Bytes of the directory that are read at once. */
const DIRECTORY_BLOCK = 2 ** 20;

/** Bytes that one byte of deflated data stands for at most. */
const MAX_INFLATION = 1032;

/** Bytes of one read: Node refuses 2 GiB or more. */
const MAX_READ = 2 ** 30;

const inflated = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/**
 * Opens a zip file and reads its directory. The caller closes it.
 * @param file its path
 * @param isWanted chooses members by name, so that a long directory takes little memory
 * @defaultValue every member is wanted
 * @throws DamagedFile if the file is not a complete zip file, InvalidInput if it cannot be read; the message begins with its name
 */
export async function openZip(file: string, isWanted: (name: string) => boolean = () => true): Promise<Zip> {
  const handle = await open(file).catch((cause) => {
    throw fileError(file, cause);
  });
  try {
    const { size } = await handle.stat();
    const members = await membersOf(handle, size, isWanted);
    const use = async (name: string, read: (member: Member) => Promise<Buffer>): Promise<Buffer> => {
      const member = members.get(name);
      if (!member) throw new InvalidInput(`${file}: there is no ${name} in it`);
      try {
        return await read(member);
      } catch (cause) {
        throw withMessage(cause, `${file}: ${name} ${messageOf(cause)}`);
      }
    };
    return {
      names: [...members.keys()],
      read: (name, maxSize = 2 ** 30) => use(name, (member) => bytesOf(handle, size, member, maxSize)),
      readStart: (name, length) => use(name, (member) => startOf(handle, size, member, length)),
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    const Kind = isSystemError(cause) ? InvalidInput : DamagedFile;
    throw new Kind(
      `${file} cannot be read as a zip file: ${messageOf(cause)}. If it was downloaded, download it again`,
      { cause },
    );
  }
}

async function membersOf(
  handle: FileHandle,
  size: number,
  isWanted: (name: string) => boolean,
): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const zip = await fromRandomAccessReaderPromise(new BlockReader(handle), size, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, compressedSize, uncompressedSize, compressionMethod, relativeOffsetOfLocalHeader } = entry;
    if (name.endsWith('/') || !isWanted(name)) continue;
    if (members.has(name)) throw new DamagedFile(`it holds ${name} twice`);
    members.set(name, {
      compressedSize,
      uncompressedSize,
      compressionMethod,
      relativeOffsetOfLocalHeader,
      crc32: entry.crc32,
      encrypted: entry.isEncrypted(),
    });
  }
  return members;
}

/** Reads in blocks: yauzl asks twice for each entry of a directory, for a few bytes each time. */
class BlockReader extends RandomAccessReader {
  readonly #handle: FileHandle;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (failure: Error | null, bytesRead?: number) => void,
  ): void {
    const at = position - this.#start;
    if (at >= 0 && at + length <= this.#block.length) {
      callback(null, this.#block.copy(target, offset, at, at + length));
      return;
    }
    this.#handle
      .read(Buffer.allocUnsafe(Math.max(length, DIRECTORY_BLOCK)), 0, null, position)
      .then(({ bytesRead, buffer }) => {
        this.#block = buffer.subarray(0, bytesRead);
        this.#start = position;
        callback(null, this.#block.copy(target, offset, 0, length));
      }, callback);
  }
}

/** A member's bytes, not by yauzl's streams: these take several times as long for small members, and compare no checksum. */
async function bytesOf(handle: FileHandle, size: number, member: Member, maxSize: number): Promise<Buffer> {
  const { compressedSize, uncompressedSize } = member;
  if (uncompressedSize > Math.min(maxSize, compressedSize * MAX_INFLATION)) {
    throw new InvalidInput(`announces ${uncompressedSize} bytes from ${compressedSize}: it is not what it should be`);
  }
  const stored = await storedBytesOf(handle, size, member, compressedSize);
  const bytes =
    member.compressionMethod === STORED
      ? stored
      : await inflate(stored, { maxOutputLength: Math.max(uncompressedSize, 1) });
  if (bytes.length !== uncompressedSize || crc32(bytes) !== member.crc32)
    throw new DamagedFile('is damaged: its checksum differs from the one in the directory (CRC-32)');
  return bytes;
}

/** The beginning of a member: deflated bytes stand for at least nearly as many, so that as many are enough. */
async function startOf(handle: FileHandle, size: number, member: Member, length: number): Promise<Buffer> {
  const stored = await storedBytesOf(handle, size, member, Math.min(length, member.compressedSize));
  return member.compressionMethod === STORED ? stored : inflate(stored, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The first bytes of a member, as they are stored. */
async function storedBytesOf(handle: FileHandle, size: number, member: Member, length: number): Promise<Buffer> {
  const { compressionMethod, relativeOffsetOfLocalHeader: start } = member;
  if (member.encrypted) throw new InvalidInput('is encrypted: only plain members are read');
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw new InvalidInput(`is compressed by method ${compressionMethod}: only stored and deflated members are read`);
  }
  const header = await bytesAt(handle, size, start, LOCAL_HEADER_LENGTH);
  if (header.readUInt32LE(0) !== LOCAL_HEADER_SIGNATURE)
    throw new DamagedFile(`does not begin at byte ${start}, where it should`);
  const skipped = LOCAL_HEADER_LENGTH + header.readUInt16LE(26) + header.readUInt16LE(28);
  return bytesAt(handle, size, start + skipped, length);
}

async function inflate(bytes: Buffer, options: ZlibOptions): Promise<Buffer> {
  try {
    return await inflated(bytes, options);
  } catch (cause) {
    throw new DamagedFile(`is damaged: it cannot be inflated (${messageOf(cause)})`, { cause });
  }
}

async function bytesAt(handle: FileHandle, size: number, start: number, length: number): Promise<Buffer> {
  if (start + length > size)
    throw new DamagedFile(`would end at byte ${start + length} of ${size}: the file is not complete`);
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, MAX_READ), start + done);
    if (bytesRead === 0) throw new DamagedFile(`ends after ${done} of ${length} bytes: the file changed`);
    done += bytesRead;
  }
  return bytes;
}
