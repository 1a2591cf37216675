import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DamagedFile } from '../errors';
import { bytesOf, eachLine, type Line, requireSize } from './read-bytes';

/** What the streams of files give in these tests: as the file has it, or nothing, ever. */
const given = vi.hoisted(() => ({ nothing: false, destroyed: 0 }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const { Readable } = await import('node:stream');
  return {
    ...fs,
    createReadStream: (...of: Parameters<typeof fs.createReadStream>) =>
      given.nothing
        ? new Readable({
            read() {}, // as of a file whose medium does not answer
            destroy(_, done) {
              given.destroyed++;
              done(null);
            },
          })
        : fs.createReadStream(...of),
  };
});

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-bytes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'file');
writeFileSync(file, 'what it holds');
beforeEach(() => {
  Object.assign(given, { nothing: false, destroyed: 0 });
});

describe('the bytes of a file', () => {
  it('are all that it holds', async () => {
    const bytes = await bytesOf(file, { maximum: 100, idleSeconds: 5 });
    expect(Buffer.from(bytes).toString()).toBe('what it holds');
    expect(await bytesOf(file, { maximum: 13, idleSeconds: 5 })).toHaveLength(13);
  });

  it('are not read if they are too many', async () => {
    const work = bytesOf(file, { maximum: 12, idleSeconds: 5 });
    await expect(work).rejects.toThrow(DamagedFile);
    await expect(work).rejects.toThrow('it has 13 bytes, more than 12');
    expect(() => requireSize(12, 12)).not.toThrow();
  });

  it.each([
    ['there is no such file', () => path.join(folder, 'none')],
    ['it is a directory, not a file', () => folder],
    ['it is a device or a pipe, not a file', () => '/dev/null'],
    ['it cannot be read \\(ENOTDIR\\)', () => path.join(file, 'below')],
  ])('are refused: %s', async (message, of) => {
    const work = bytesOf(of(), { maximum: 100, idleSeconds: 5 });
    await expect(work).rejects.toThrow(DamagedFile);
    await expect(work).rejects.toThrow(new RegExp(`^${message}$`));
  });
});

describe('a file that gives nothing', () => {
  it('is refused after the time that it has, and its stream is ended', async () => {
    given.nothing = true;
    await expect(bytesOf(file, { maximum: 100, idleSeconds: 0.01 })).rejects.toThrow('no data came from it for 0.01 s');
    expect(given.destroyed).toBe(1);
  });

  it('can be aborted with the signal’s reason', async () => {
    given.nothing = true;
    const controller = new AbortController();
    const work = bytesOf(file, { maximum: 100, idleSeconds: 1000, signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await expect(work).rejects.toThrow(/^enough$/);
    expect(given.destroyed).toBe(1);
  });

  it('can be aborted while it is looked at', async () => {
    given.nothing = true;
    const controller = new AbortController();
    const work = bytesOf(file, { maximum: 100, idleSeconds: 1000, signal: controller.signal });
    controller.abort(new Error('at once'));
    await expect(work).rejects.toThrow(/^at once$/);
  });
});

describe('the lines of a file', () => {
  const lines = path.join(folder, 'lines');
  const read = async (text: string | Uint8Array, maximum = 100) => {
    writeFileSync(lines, text);
    const found: (Omit<Line, 'bytes'> & { text?: string })[] = [];
    await eachLine(lines, { maximum, idleSeconds: 5 }, ({ bytes, ...line }) =>
      found.push({ ...line, ...(bytes && { text: Buffer.from(bytes).toString() }) }),
    );
    return found;
  };

  it('come one after another with their numbers, blank ones left out', async () => {
    expect(await read('a\n\nbc\r\n \t\nd')).toEqual([
      { number: 1, size: 1, text: 'a' },
      { number: 3, size: 3, text: 'bc\r' },
      { number: 5, size: 1, text: 'd' },
    ]);
    expect(await read('a\n')).toHaveLength(1);
    expect(await read('')).toEqual([]);
  });

  it('may be longer than what is read at once, and are not kept if they are too long', async () => {
    const long = 'x'.repeat(200_000);
    expect(await read(`a\n${long}\nb\n`, 1e6)).toEqual([
      { number: 1, size: 1, text: 'a' },
      { number: 2, size: 200_000, text: long },
      { number: 3, size: 1, text: 'b' },
    ]);
    expect(await read(`a\n${long}\nb\n`, 1000)).toEqual([
      { number: 1, size: 1, text: 'a' },
      { number: 2, size: 200_000 },
      { number: 3, size: 1, text: 'b' },
    ]);
  });

  it('are refused if it is no file', async () => {
    const work = eachLine(folder, { maximum: 10, idleSeconds: 5 }, () => {});
    await expect(work).rejects.toThrow('it is a directory, not a file');
  });
});
