import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { DamagedFile, InvalidInput, messageOf } from '../errors';
import { randomStream } from '../math/random';
import { isAddress, pathOf, request, shownName } from './address';
import { codingOf, readCoded } from './categories';
import { parquetBytes } from './parquet.fixture';
import { readTable, type TableOptions } from './read-table';
import { download } from './remote-file';
import { splitTable } from './split-table';

const SECRET = 'X-Amz-Signature=c0ffee';
const ROWS = 50_000;
const names = Array.from({ length: 10 }, (_, j) => `x${j}`);
const random = randomStream(1, 'remote');
const columns = names.map(() => Float64Array.from({ length: ROWS }, () => random()));
const parquet = parquetBytes(names, columns, 20_000);
const csv = 'a,b\n1,2.5\n-3,4\n';

type Answer = (asked: IncomingMessage, answer: ServerResponse) => void;

/** What the server does in a test, and what it was asked. */
const state = { answer: (() => {}) as Answer, sent: 0, asked: [] as IncomingMessage[] };
const server = createServer((asked, answer) => {
  state.asked.push(asked);
  state.answer(asked, answer);
});
let origin = '';
/** Downloads go there. */
const folder = mkdtempSync(path.join(tmpdir(), 'remote-table-'));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  state.sent = 0;
  state.asked = [];
  expect(readdirSync(folder).filter((name) => name.startsWith('dfmr-table-'))).toEqual([]);
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

/** A server of one file that knows ranges, as S3 does; `tag` may change from one question to the next. */
function serving(
  content: Buffer,
  { tag = () => '"1"', time }: { tag?: () => string | undefined; time?: () => string } = {},
): Answer {
  return (asked, answer) => {
    const [own, modified] = [tag(), time?.()];
    if (own !== undefined) answer.setHeader('etag', own);
    if (modified !== undefined) answer.setHeader('last-modified', modified);
    const match = asked.headers['if-match'];
    if (match !== undefined && match !== own) return void answer.writeHead(412).end();
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(asked.headers.range ?? '') ?? [];
    if (from === undefined) return void answer.end(content);
    const part = content.subarray(Number(from), Number(to) + 1);
    state.sent += part.length;
    answer.writeHead(206, {
      'content-range': `bytes ${from}-${Math.min(Number(to), content.length - 1)}/${content.length}`,
    });
    answer.end(part);
  };
}

const sends =
  (content: string | Buffer, status = 200, headers = {}): Answer =>
  (_, answer) =>
    void answer.writeHead(status, headers).end(content);

/** The message of the error that reading ends with, which never tells a query. */
async function failure(
  file: string,
  options: TableOptions = {},
  Kind: typeof InvalidInput = InvalidInput,
): Promise<string> {
  const error = await readTable(`${origin}/${file}?${SECRET}`, options).then(
    () => expect.fail('was read'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Kind);
  for (let cause: unknown = error; cause !== undefined; cause = (cause as Error).cause)
    expect(`${messageOf(cause)}\n${(cause as Error).stack}\n${JSON.stringify(cause)}`).not.toContain('c0ffee');
  expect(messageOf(error)).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:\\d+/${file}`));
  return messageOf(error).replace(/^\S+ /, '');
}

describe('Parquet at an address', () => {
  it('is read by ranges: two of ten columns are less than a quarter of the bytes', async () => {
    state.answer = serving(parquet);
    const seen: number[] = [];
    const table = await readTable(`${origin}/a/table.parquet?${SECRET}`, {
      columns: ['x7', 'x2'],
      onProgress: ({ done, total }) => void seen.push(done / total),
    });
    expect(table.names).toEqual(['x7', 'x2']);
    expect(table.rows).toBe(ROWS);
    for (const i of [0, 19_999, 20_000, ROWS - 1])
      expect([...table.data.subarray(2 * i, 2 * i + 2)]).toEqual([columns[7][i], columns[2][i]]);
    expect(state.sent).toBeLessThan(parquet.length / 4);
    expect(seen.at(-1)).toBe(1);
    expect(state.asked.slice(1).every(({ headers }) => headers['if-match'] === '"1"')).toBe(true);
  });

  it('is read whole as from a file', async () => {
    const file = path.join(folder, 'table.parquet');
    writeFileSync(file, parquet);
    state.answer = serving(parquet, { tag: () => undefined });
    const [here, there] = [await readTable(file), await readTable(`${origin}/table.parquet`)];
    expect(there.names).toEqual(here.names);
    expect(Buffer.compare(Buffer.from(there.data.buffer), Buffer.from(here.data.buffer))).toBe(0);
    rmSync(file);
  });

  it.each([
    ['its ETag changes, and the server looks', '"', DamagedFile],
    ['its ETag changes, and the server does not look', 'W/"', DamagedFile],
  ])('is an error if %s', async (_, begin, Kind) => {
    let version = 0;
    state.answer = serving(parquet, { tag: () => `${begin}${Math.floor(version++ / 3)}"` });
    expect(await failure('t.parquet', {}, Kind)).toBe(
      'changed while it was read: read it again when nothing writes to it',
    );
  });

  it('is an error if it changes on a server that knows times alone', async () => {
    let version = 0;
    const time = () => new Date(1e12 + 1000 * Math.floor(version++ / 3)).toUTCString();
    state.answer = serving(parquet, { tag: () => undefined, time });
    expect(await failure('t.parquet', {}, DamagedFile)).toMatch(/^changed while it was read/);
    expect(state.asked[1].headers['if-unmodified-since']).toMatch(/GMT$/);
  });

  it('is an error if the server knows no ranges', async () => {
    state.answer = sends(parquet);
    expect(await failure('t.parquet')).toBe(
      'the server gives no parts of files (byte ranges), by which Parquet is read: download the table, and read the file',
    );
  });

  it('is an error if a part ends early, or is too long', async () => {
    const whole = serving(parquet);
    const headers = {
      etag: '"1"',
      'content-range': `bytes ${parquet.length - 65536}-${parquet.length - 1}/${parquet.length}`,
    };
    for (const [length, message] of [
      [100, /^the server sent 100 bytes of 65536: read it again$/],
      [70_000, /^the server sent more than it was asked for$/],
    ] as const) {
      state.answer = (asked, answer) =>
        asked.headers.range === 'bytes=0-0'
          ? whole(asked, answer)
          : sends(Buffer.alloc(length), 206, headers)(asked, answer);
      expect(await failure('t.parquet', {}, DamagedFile)).toMatch(message);
    }
  });

  it('is an error if the connection breaks', async () => {
    const whole = serving(parquet);
    state.answer = (asked, answer) => {
      if (asked.headers.range === 'bytes=0-0') return whole(asked, answer);
      const [, from, to] = /(\d+)-(\d+)/.exec(asked.headers.range ?? '') ?? [];
      const headers = {
        etag: '"1"',
        'content-range': `bytes ${from}-${to}/${parquet.length}`,
        'content-length': 65536,
      };
      answer.writeHead(206, headers).write(Buffer.alloc(1000), () => answer.destroy());
    };
    expect(await failure('t.parquet', {}, DamagedFile)).toBe(
      'the connection ended before the table did: read it again',
    );
  });

  it('is an error if it is damaged', async () => {
    state.answer = serving(Buffer.from('nonsense, and more of it'));
    expect(await failure('t.parquet', {}, DamagedFile)).toMatch(/^is damaged, or of another format/);
  });
});

describe('other tables at an address', () => {
  it.each([
    ['t.csv', csv, {}],
    ['t.csv.gz', gzipSync(csv), {}],
    ['unpacked%20on%20the%20way.csv.gz', csv, {}],
    ['packed-on-the-way.csv', gzipSync(csv), {}],
    ['packed-and-told.csv', gzipSync(csv), { 'content-encoding': 'gzip' }],
    ['t.jsonl', '{"a":1,"b":2.5}\n{"a":-3,"b":4}\n', {}],
  ])('%s is downloaded', async (name, content, headers) => {
    state.answer = sends(content, 200, headers);
    const table = await readTable(`${origin}/folder/${name}?${SECRET}#row=1`);
    expect([table.names, [...table.data]]).toEqual([
      ['a', 'b'],
      [1, 2.5, -3, 4],
    ]);
  });

  it('are split, and their text is coded', async () => {
    state.answer = sends('colour,n\nred,0\nblue,1\nred,1\n');
    const address = `${origin}/shirts.csv?${SECRET}`;
    const coding = await codingOf([address]);
    expect([...(await readCoded(address, coding)).data]).toEqual([1, 0, 0, 1, 1, 1]);
    const directory = path.join(folder, 'shards');
    const { rows } = await splitTable(address, { columns: ['n'], machines: 2, directory, seed: 1 });
    expect(rows).toBe(3);
    await expect(
      splitTable(address, { columns: ['n'], machines: 9, directory: `${directory}-9`, seed: 1 }),
    ).rejects.toThrow(/^http:\/\/[^?]*\/shirts\.csv: 3 rows are too few for 9 machines$/);
  });

  it('are named by their address, and never by their query, in every error', async () => {
    state.answer = sends('a,b\n1,x\n');
    expect(await failure('t.csv', { columns: ['b'] })).toMatch(/^column "b" holds text/);
    expect(await failure('t.csv', { columns: ['z'] })).toMatch(/^has no column "z"/);
    state.answer = sends('no zip');
    expect(await failure('t.npz', {}, DamagedFile)).toMatch(/^cannot be read as a zip file/);
    expect(await failure('t.table')).toMatch(/^has none of the endings/);
  });

  it('are refused if they are too large, whether that is announced or not', async () => {
    for (const headers of [{ 'content-length': csv.length }, { 'transfer-encoding': 'chunked' }]) {
      state.answer = sends(csv, 200, headers);
      await expect(download(`${origin}/t.csv`, ['.csv'], { maximum: 10 })).rejects.toThrow(
        /^is larger than 10 bytes: download it/,
      );
    }
  });

  it('are an error if the connection breaks', async () => {
    state.answer = (_, answer) => {
      answer.writeHead(200, { 'content-length': 1000 }).write(csv, () => answer.destroy());
    };
    expect(await failure('t.csv', {}, DamagedFile)).toBe('the connection ended before the table did: read it again');
  });
});

describe('servers', () => {
  it.each([
    [404, /^there is nothing at this address: check its path \(HTTP status 404\)$/],
    [
      403,
      /^the server refuses: if the address is presigned, it may have expired, so make a new one \(HTTP status 403\)$/,
    ],
    [503, /^the server cannot answer now: try again later \(HTTP status 503\)$/],
    [418, /^the server does not send the table: check the address \(HTTP status 418\)$/],
    [304, /HTTP status 304/],
  ])('that answer %i are told, with the remedy', async (status, message) => {
    state.answer = sends('', status);
    for (const file of ['t.csv', 't.parquet']) expect(await failure(file)).toMatch(message);
  });

  it('may lead on to another address', async () => {
    state.answer = (asked, answer) =>
      asked.url?.startsWith('/old/')
        ? void answer.writeHead(307, { location: `/new/blob?${SECRET}` }).end()
        : serving(parquet)(asked, answer);
    expect((await readTable(`${origin}/old/t.parquet`, { columns: ['x0'] })).rows).toBe(ROWS);
    state.answer = (_, answer) => void answer.writeHead(302, { location: `/circle?${SECRET}` }).end();
    expect(await failure('t.csv')).toMatch(/^is led on more than 10 times/);
    state.answer = (_, answer) => void answer.writeHead(302, { location: `ftp://server/t.csv?${SECRET}` }).end();
    expect(await failure('t.csv')).toMatch(/^only http and https addresses are read, not ftp/);
  });

  it('that fall silent are given up', async () => {
    state.answer = (_, answer) => void answer.writeHead(200).write('a,b\n');
    const silent = request(`${origin}/t.csv`, { idleSeconds: 0.1 }, async (_, pieces) => {
      for await (const _piece of pieces());
    });
    await expect(silent).rejects.toThrow('nothing came from the server for 0.1 s: try again later');
    await expect(silent).rejects.toBeInstanceOf(DamagedFile);
  });

  it('are not waited for when the signal aborts', async () => {
    for (const file of ['t.csv', 't.parquet']) {
      if (file === 't.csv') state.answer = (_, answer) => void answer.writeHead(200).write('a,b\n');
      else state.answer = () => {};
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('enough')), 50);
      await expect(readTable(`${origin}/${file}`, { signal: controller.signal })).rejects.toThrow('enough');
    }
  });

  it('that are not there are told', async () => {
    const port = await new Promise<number>((resolve) => {
      const other = createServer().listen(0, '127.0.0.1', () => {
        const { port: free } = other.address() as AddressInfo;
        other.close(() => resolve(free));
      });
    });
    await expect(readTable(`http://127.0.0.1:${port}/t.csv?${SECRET}`)).rejects.toThrow(
      new InvalidInput(
        `http://127.0.0.1:${port}/t.csv: the server does not answer (ECONNREFUSED): check the address and the network`,
      ),
    );
  });
});

describe('addresses', () => {
  it.each([
    [
      's3://bucket/t.csv',
      /^s3:\/\/bucket\/t\.csv: only http and https addresses are read, not s3: make an https address/,
    ],
    ['file:///t.csv', /give the path of the file$/],
    ['https://ann:c0ffee@server/t.csv', /^https:\/\/server\/t\.csv: holds a user or a password/],
    ['https://ser ver/t.csv', /is no address/],
  ])('%s is refused', async (address, message) => {
    await expect(readTable(address)).rejects.toThrow(message);
    await expect(readTable(address)).rejects.not.toThrow(/c0ffee/);
  });

  it('are shown without what may be secret, and their path names machines', () => {
    expect(shownName('https://ann:x@server:8080/a%20b/t.csv?k=v#f')).toBe('https://server:8080/a%20b/t.csv');
    expect(pathOf('https://ann:x@server:8080/a%20b/t.csv?k=/v.parquet#f')).toBe('/a b/t.csv');
    expect(pathOf('https://server/100%/t.csv')).toBe('/100%/t.csv');
    expect([isAddress('HTTP://x/t.csv'), isAddress('C:\\t.csv'), isAddress('a/b?c.csv')]).toEqual([true, false, false]);
    expect([shownName('a?b.csv'), pathOf('a?b.csv')]).toEqual(['a?b.csv', 'a?b.csv']);
  });
});
