import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CompressionType, compressionRegistry } from 'apache-arrow';
import { ByteBuffer } from 'flatbuffers';
import { afterAll, describe, expect, it } from 'vitest';
import { DamagedFile, DfmrError } from '../errors';
import { requireSoundMetadata } from './arrow-metadata';
import { readTable } from './read-table';

const folder = mkdtempSync(path.join(tmpdir(), 'arrow-'));
afterAll(() => rmSync(folder, { recursive: true }));
const written = JSON.parse(readFileSync(path.join(__dirname, 'written.reference.json'), 'utf8'));
const bytesOf = (name: string) => Buffer.from(written[name], 'base64');

function put(bytes: Uint8Array): string {
  const file = path.join(folder, 'table.arrow');
  writeFileSync(file, bytes);
  return file;
}

async function check(bytes: Uint8Array): Promise<void> {
  const handle = await open(put(bytes));
  try {
    await requireSoundMetadata(handle, bytes.length);
  } finally {
    await handle.close();
  }
}

/** The bytes with a 32-bit integer in some place. */
function withInteger(bytes: Buffer, at: number, integer: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeInt32LE(integer, at);
  return changed;
}

describe('the metadata of an Arrow file', () => {
  it.each(['uncompressed.arrow', 'lz4.arrow', 'zstd.arrow', 'stream.arrow'])('are sound in %s', async (name) => {
    await expect(check(bytesOf(name))).resolves.toBeUndefined();
  });

  it.each(['uncompressed.arrow', 'stream.arrow'])(
    'are refused or read with any integer of %s made huge',
    async (name) => {
      const bytes = bytesOf(name);
      const outcomes = new Set<string>();
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        const file = put(withInteger(bytes, at, 2 ** 28));
        const reading = readTable(file, { columns: ['x', 'n', 'ok'], label: 't', missing: 'drop' });
        outcomes.add(
          await reading.then(
            () => 'read',
            (error) => (error instanceof DfmrError && error.message.startsWith(file) ? 'refused' : String(error)),
          ),
        );
      }
      expect([...outcomes].sort()).toEqual(['read', 'refused']);
    },
  );

  it('name a list that is longer than its buffer', async () => {
    // the footer's list of record batches has one: 1, then offset, length of the metadata and length of the body
    const bytes = bytesOf('uncompressed.arrow');
    const footer = bytes.length - 10 - bytes.readInt32LE(bytes.length - 10);
    const table = footer + bytes.readInt32LE(footer);
    const offset = bytes.readInt16LE(table - bytes.readInt32LE(table) + 4 + 2 * 3);
    const list = table + offset + bytes.readInt32LE(table + offset);
    expect(bytes.readInt32LE(list)).toBe(1);
    await expect(check(withInteger(bytes, list, 2 ** 20))).rejects.toThrow(
      /is damaged: a list in its metadata is too long/,
    );
  });

  it('do not lead round in circles', async () => {
    // a schema with a field whose only child is itself: tables at 24 (message), 52 (schema), 72 (list of fields) and 88 (field)
    const metadata = Buffer.alloc(120);
    const vtable = (at: number, ...fields: number[]) => {
      [4 + 2 * fields.length, 24, ...fields].forEach((value, i) => {
        metadata.writeInt16LE(value, at + 2 * i);
      });
    };
    const int = (at: number, value: number) => metadata.writeInt32LE(value, at);
    int(0, 24);
    vtable(8, 0, 4, 8); // header type at 4, header at 8
    int(24, 24 - 8);
    metadata[28] = 1;
    int(32, 52 - 32);
    vtable(40, 0, 4); // fields at 4
    int(52, 52 - 40);
    int(56, 72 - 56);
    int(72, 1);
    int(76, 88 - 76);
    vtable(96, 0, 0, 0, 0, 0, 4); // children at 4
    int(88, 88 - 96);
    int(92, 72 - 92);
    const head = Buffer.alloc(8);
    head.writeInt32LE(-1);
    head.writeInt32LE(metadata.length, 4);
    const bytes = Buffer.concat([head, metadata]);
    await expect(check(bytes)).rejects.toThrow(/its metadata lead back to themselves/);
    await expect(readTable(put(bytes))).rejects.toBeInstanceOf(DamagedFile);
  });
});

it('leaves the libraries as they are: their prototypes, and codecs that a program registered', async () => {
  const { __vector_len: before } = ByteBuffer.prototype;
  const mine = { decode: () => Uint8Array.of() };
  compressionRegistry.set(CompressionType.ZSTD, mine);
  await readTable(put(bytesOf('lz4.arrow')), { columns: ['n'] });
  expect(ByteBuffer.prototype.__vector_len).toBe(before);
  expect(compressionRegistry.get(CompressionType.ZSTD)).toBe(mine);
  compressionRegistry.set(CompressionType.ZSTD, null as never);
});
