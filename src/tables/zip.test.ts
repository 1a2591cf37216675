import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DamagedFile, InvalidInput } from '../errors';
import { openZip } from './zip';
import { type Written, zipOf } from './zip.fixture';

const folder = mkdtempSync(path.join(tmpdir(), 'zip-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function write(bytes: Buffer): string {
  const file = path.join(folder, `${files++}.zip`);
  writeFileSync(file, bytes);
  return file;
}

/** Reads one member of a zip file of these members. */
async function readOf(name: string, members: readonly Written[], most?: number): Promise<Buffer> {
  const zip = await openZip(write(zipOf(members)));
  try {
    return await zip.read(name, most);
  } finally {
    await zip.close();
  }
}

const text = Buffer.from('to be or not to be, that is the question '.repeat(20));

describe('reads', () => {
  it('what another tool wrote', async () => {
    // Info-ZIP 3.0: zip a.zip a.txt, which holds hello; there are extra fields, longer ones in the local header
    const bytes = Buffer.from(
      'UEsDBAoAAAAAAAAAIVggMDo2BgAAAAYAAAAFABwAYS50eHRVVAkAA4AAkmWAAJJldXgLAAEEAAAAAAQAAAAAaGVsbG8KUEsBAh4DCgAAAAAAAAAhWCAwOjYGAAAABgAAAAUAGAAAAAAAAQAAAKSBAAAAAGEudHh0VVQFAAOAAJJldXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEASwAAAEUAAAAAAA==',
      'base64',
    );
    const zip = await openZip(write(bytes));
    expect(zip.names).toEqual(['a.txt']);
    expect((await zip.read('a.txt')).toString()).toBe('hello\n');
    await zip.close();
  });

  it('members stored, deflated and empty, in any order', async () => {
    const members = [{ name: 'z/b', data: text, deflated: true }, { name: 'a', data: text }, { name: 'empty' }];
    const zip = await openZip(write(zipOf([{ name: 'z/' }, ...members])));
    expect(zip.names).toEqual(['z/b', 'a', 'empty']);
    expect(await zip.read('empty')).toHaveLength(0);
    expect(await Promise.all([zip.read('a'), zip.read('z/b')])).toEqual([text, text]);
    await zip.close();
  });

  it('an empty member that was deflated', async () => {
    expect(await readOf('a', [{ name: 'a', deflated: true }])).toHaveLength(0);
  });

  it('the beginning of a member, stored or deflated, and all of one that is shorter', async () => {
    const zip = await openZip(
      write(
        zipOf([
          { name: 'a', data: text },
          { name: 'b', data: text, deflated: true },
        ]),
      ),
    );
    expect(await zip.readStart('a', 9)).toEqual(text.subarray(0, 9));
    const start = await zip.readStart('b', 40); // of 64 compressed bytes
    expect(start.length).toBeGreaterThan(20);
    expect(start).toEqual(text.subarray(0, start.length));
    expect(await zip.readStart('a', 2000)).toEqual(text);
    expect(await zip.readStart('b', 2000)).toEqual(text);
    await expect(zip.readStart('c', 1)).rejects.toThrow(/there is no c in it/);
    await zip.close();
  });

  it('a file without members', async () => {
    const zip = await openZip(write(zipOf([])));
    expect(zip.names).toEqual([]);
    await zip.close();
  });

  it('only the members that are wanted', async () => {
    const zip = await openZip(write(zipOf([{ name: 'a' }, { name: 'b' }])), (name) => name === 'b');
    expect(zip.names).toEqual(['b']);
    await zip.close();
  });
});

describe('names the file that', () => {
  it('is not there', async () => {
    await expect(openZip(path.join(folder, 'none.zip'))).rejects.toThrow(/none\.zip/);
    await expect(openZip(path.join(folder, 'none.zip'))).rejects.toBeInstanceOf(InvalidInput);
  });

  it('is a folder', async () => {
    await expect(openZip(folder)).rejects.toThrow(folder);
    await expect(openZip(folder)).rejects.toBeInstanceOf(InvalidInput);
  });

  it.each([
    ['empty', 0],
    ['cut in a member', 40],
    ['cut in the directory', 875],
    ['cut in its end', -1],
  ])('is %s', async (_, bytes) => {
    const file = write(zipOf([{ name: 'a', data: text }]).subarray(0, bytes));
    await expect(openZip(file)).rejects.toThrow(`${file} cannot be read as a zip file`);
    await expect(openZip(file)).rejects.toBeInstanceOf(DamagedFile);
  });

  it('is not a zip file', async () => {
    const file = write(Buffer.alloc(100_000, 'PK'));
    await expect(openZip(file)).rejects.toThrow(/cannot be read as a zip file: .*download it again/);
  });

  it('holds a member twice', async () => {
    await expect(openZip(write(zipOf([{ name: 'a' }, { name: 'a' }])))).rejects.toThrow(/it holds a twice/);
  });

  it('holds a name that leads out of it', async () => {
    await expect(openZip(write(zipOf([{ name: '../a' }])))).rejects.toThrow(/cannot be read as a zip file/);
  });
});

describe('names the member that', () => {
  const failures: [string, Written, RegExp][] = [
    ['is encrypted', { name: 'a', data: text, says: { flags: 1, size: text.length - 12 } }, /is encrypted/],
    ['is compressed in another way', { name: 'a', data: text, says: { method: 14 } }, /method 14/],
    ['has another checksum', { name: 'a', data: text, says: { crc32: 1 } }, /is damaged: its checksum/],
    ['has it, deflated', { name: 'a', data: text, deflated: true, says: { crc32: 1 } }, /is damaged: its checksum/],
    ['is shorter', { name: 'a', data: text, deflated: true, says: { size: text.length + 1 } }, /is damaged/],
    ['is longer', { name: 'a', data: text, deflated: true, says: { size: text.length - 1 } }, /is damaged/],
    ['is not deflated', { name: 'a', data: text, says: { method: 8 } }, /is damaged: it cannot be inflated/],
    ['begins elsewhere', { name: 'a', data: text, says: { offset: 1 } }, /does not begin at byte 1/],
    ['lies beyond the end', { name: 'a', data: text, says: { offset: 5000 } }, /the file is not complete/],
    [
      'announces what no memory holds',
      { name: 'a', data: text, deflated: true, says: { size: 4e9 } },
      /announces 4000000000 bytes/,
    ],
    [
      'announces more than its bytes can hold',
      { name: 'a', data: text, deflated: true, says: { size: 1e6 } },
      /announces 1000000 bytes/,
    ],
  ];
  it.each(failures)('%s', async (_, member, message) => {
    await expect(readOf('a', [member])).rejects.toThrow(message);
    await expect(readOf('a', [member])).rejects.toThrow(/\.zip: a /);
  });

  it('is larger than the caller takes', async () => {
    await expect(readOf('a', [{ name: 'a', data: text }], 100)).rejects.toThrow(/\.zip: a announces 820 bytes/);
    expect(await readOf('a', [{ name: 'a', data: text }], 820)).toEqual(text);
  });

  it('is not there', async () => {
    await expect(readOf('b', [{ name: 'a' }])).rejects.toThrow(/\.zip: there is no b in it/);
  });
});

it('never gives other bytes than were written, whatever byte of the file was changed', async () => {
  const members = [
    { name: 'a', data: text.subarray(0, 40) },
    { name: 'b', data: text, deflated: true },
  ];
  const whole = zipOf(members);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      const file = write(Buffer.from(whole).fill(whole[at] ^ change, at, at + 1));
      const zip = await openZip(file).catch((failure: Error) => failure);
      if (zip instanceof Error) {
        expect(zip.message).toContain(file);
        return;
      }
      for (const { name, data } of members.filter(({ name }) => zip.names.includes(name))) {
        const bytes = await zip.read(name).catch((failure: Error) => failure);
        if (bytes instanceof Error) expect(bytes.message).toContain(`${file}: ${name} `);
        else expect(bytes).toEqual(data);
      }
      await zip.close();
    }),
    { numRuns: 200 },
  );
});
