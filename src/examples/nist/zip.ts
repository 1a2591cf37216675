import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { DamagedFile, InvalidInput } from '../../errors';

/** A zip file that is open: what it holds, and the way to its members' bytes. */
export interface Zip {
  /** members that are no folders, in the file's order */
  readonly names: readonly string[];
  /**
   * The bytes of a member.
   * @param most no member is larger, in bytes; one that says it is, is refused before memory is taken
   * @throws where there is no such member, or it is not as it was written; the message names the file and the member
   */
  read(name: string, most?: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** What is kept of each member: the entries of yauzl take too much where there are a million. */
type Member = Pick<
  Entry,
  'compressedSize' | 'uncompressedSize' | 'compressionMethod' | 'crc32' | 'relativeOffsetOfLocalHeader'
> & { readonly encrypted: boolean };

const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = 30;
const SIGNATURE = 0x04034b50;
const BLOCK = 2 ** 20;

/** No deflated byte stands for more. */
const MOST_INFLATION = 1032;

const inflated = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

/**
 * Opens a zip file, and reads its directory only.
 * @param wanted whether a member is of use: the others are left out
 * @throws where the file cannot be read, is no zip, or is not complete; the message names it
 */
export async function openZip(file: string, wanted: (name: string) => boolean = () => true): Promise<Zip> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const members = await membersOf(handle, size, wanted);
    return {
      names: [...members.keys()],
      read: async (name, most = 2 ** 30) => {
        const member = members.get(name);
        if (!member) throw new InvalidInput(`${file} holds no ${name}`);
        try {
          return await bytesOf(handle, size, member, most);
        } catch (cause) {
          throw new InvalidInput(`${name} in ${file} ${(cause as Error).message}`, { cause });
        }
      },
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    throw new InvalidInput(
      `${file} cannot be read as a zip file: ${(cause as Error).message}. If it was downloaded, download it again`,
      { cause },
    );
  }
}

async function membersOf(
  handle: FileHandle,
  size: number,
  wanted: (name: string) => boolean,
): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const zip = await fromRandomAccessReaderPromise(new BlockReader(handle), size, { autoClose: false });
  for await (const entry of zip.eachEntry()) {
    const { fileName: name, compressedSize, uncompressedSize, compressionMethod, relativeOffsetOfLocalHeader } = entry;
    if (name.endsWith('/') || !wanted(name)) continue;
    if (members.has(name)) throw new InvalidInput(`it holds ${name} twice`);
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

/** Reads in blocks: yauzl asks twice for each of a directory's entries, a few bytes each time. */
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
    this.#handle.read(Buffer.allocUnsafe(Math.max(length, BLOCK)), 0, null, position).then(({ bytesRead, buffer }) => {
      this.#block = buffer.subarray(0, bytesRead);
      this.#start = position;
      callback(null, this.#block.copy(target, offset, 0, length));
    }, callback);
  }
}

/** Reads here, not by yauzl's streams: they take several times as long for small members, and check no sum. */
async function bytesOf(handle: FileHandle, size: number, member: Member, most: number): Promise<Buffer> {
  const { compressedSize, uncompressedSize, compressionMethod, relativeOffsetOfLocalHeader: start } = member;
  if (member.encrypted) throw new InvalidInput('is encrypted: only plain members are read');
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
    throw new InvalidInput(`is compressed by method ${compressionMethod}: only stored and deflated members are read`);
  }
  if (uncompressedSize > Math.min(most, compressedSize * MOST_INFLATION)) {
    throw new InvalidInput(`announces ${uncompressedSize} bytes from ${compressedSize}: it is not what it should be`);
  }
  const header = await bytesAt(handle, size, start, LOCAL_HEADER);
  if (header.readUInt32LE(0) !== SIGNATURE) throw new InvalidInput(`does not begin at byte ${start}, where it should`);
  const skipped = LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  const stored = await bytesAt(handle, size, start + skipped, compressedSize);
  const bytes = compressionMethod === STORED ? stored : await inflate(stored, uncompressedSize);
  if (bytes.length !== uncompressedSize || crc32(bytes) !== member.crc32) {
    throw new DamagedFile('is damaged: its checksum (CRC-32) is not the one in the directory');
  }
  return bytes;
}

async function inflate(bytes: Buffer, size: number): Promise<Buffer> {
  try {
    return await inflated(bytes, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new DamagedFile(`is damaged: it cannot be inflated (${(cause as Error).message})`, { cause });
  }
}

async function bytesAt(handle: FileHandle, size: number, start: number, length: number): Promise<Buffer> {
  if (start + length > size)
    throw new InvalidInput(`would end at byte ${start + length} of ${size}: the file is not complete`);
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, start);
  if (bytesRead < length) throw new InvalidInput(`ends after ${bytesRead} of ${length} bytes: the file changed`);
  return buffer;
}
