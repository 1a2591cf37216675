import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { type Bytes, type NpyHead, npyBlocks, npyColumns, npyHead, npyTable } from './npy';
import { type FormatOptions, listed, type TableSource } from './source';
import type { Zip } from './zip';

/** Bytes of a member that are read to see the head of its array. */
const HEAD_LENGTH = 2 ** 16;

/** An array of a .npz file, read whole: the one that is named, or the only one of two axes, or the only one. */
export async function npzSource(file: string, { member }: FormatOptions): Promise<TableSource> {
  const { openZip } = await import('./zip'); // which loads yauzl
  const zip = await openZip(file, (name) => name.endsWith('.npy'));
  try {
    const bytes = bytesOf(
      await zip.read(member === undefined ? await onlyTable(zip) : memberNamed(zip, member), Infinity),
    );
    const head = npyHead(bytes);
    npyTable(head, bytes.size);
    return { columns: npyColumns(head), blocks: (chosen, label) => npyBlocks(bytes, head, chosen, label) };
  } finally {
    await zip.close();
  }
}

const arraysOf = ({ names }: Zip) => listed(names.map((name) => name.replace(/\.npy$/, '')));

function memberNamed(zip: Zip, member: string): string {
  const name = `${member}.npy`;
  if (!zip.names.includes(name))
    throw new InvalidInput(`has no array ${described(member)}: its arrays are ${arraysOf(zip)}`);
  return name;
}

async function onlyTable(zip: Zip): Promise<string> {
  if (zip.names.length === 0) throw new InvalidInput('holds no arrays');
  const heads: { readonly name: string; readonly head: NpyHead }[] = [];
  let refused: unknown;
  for (const name of zip.names) {
    try {
      heads.push({ name, head: npyHead(bytesOf(await zip.readStart(name, HEAD_LENGTH))) });
    } catch (error) {
      refused = error; // an array of records or objects beside the table
    }
  }
  if (heads.length === 0) throw refused;
  const tables = heads.filter(({ head }) => head.shape.length === 2);
  const likely = tables.length > 0 ? tables : heads;
  if (likely.length > 1)
    throw new InvalidInput(`holds several arrays, ${arraysOf(zip)}: say which is the table by member`);
  return likely[0].name;
}

function bytesOf(content: Buffer): Bytes {
  return { size: content.length, read: (position, length) => content.subarray(position, position + length) };
}
