import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { DamagedFile, InvalidInput } from '../errors';
import { type Bytes, type NpyHead, npyBlocks, npyColumns, npyHead, npyTable } from './npy';
import { listed, type SourceOptions, type TableSource } from './source';

/** The head of an array is within so many bytes. */
const HEAD = 2 ** 16;

interface Member {
  readonly name: string;
  readonly entry: Entry;
  readonly head: NpyHead;
}

/** An array of a .npz file, read whole: the one that is named, or the only one of two axes, or the only one. */
export async function npzSource(file: string, { member: named }: SourceOptions): Promise<TableSource> {
  const zip = await openPromise(file, { autoClose: false });
  try {
    const members = await membersOf(zip);
    const { entry } = choose(members, named);
    const bytes = bytesOf(await contentOf(zip, entry, entry.uncompressedSize));
    if (crc32(bytes.read(0, bytes.size)) !== entry.crc32)
      throw new DamagedFile(`${entry.fileName} is damaged: its checksum differs`);
    const head = npyHead(bytes);
    npyTable(head, bytes.size);
    return { columns: npyColumns(head), blocks: (chosen, label) => npyBlocks(bytes, head, chosen, label) };
  } finally {
    zip.close();
  }
}

async function membersOf(zip: ZipFile): Promise<Member[]> {
  const members: Member[] = [];
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.replace(/\.npy$/, '');
    if (name !== entry.fileName)
      members.push({ name, entry, head: npyHead(bytesOf(await contentOf(zip, entry, HEAD))) });
  }
  return members;
}

function choose(members: readonly Member[], named?: string): Member {
  const told = listed(members.map(({ name }) => name));
  if (named !== undefined) {
    const found = members.find(({ name }) => name === named);
    if (!found) throw new InvalidInput(`has no array ${JSON.stringify(named)}: its arrays are ${told}`);
    return found;
  }
  const tables = members.filter(({ head }) => head.shape.length === 2);
  const likely = tables.length > 0 ? tables : members;
  if (likely.length === 1) return likely[0];
  if (members.length === 0) throw new InvalidInput('holds no arrays');
  throw new InvalidInput(`holds several arrays, ${told}: say which is the table by member`);
}

/** The content of an entry, or its beginning. */
async function contentOf(zip: ZipFile, entry: Entry, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks);
}

function bytesOf(content: Buffer): Bytes {
  return { size: content.length, read: (position, length) => content.subarray(position, position + length) };
}
