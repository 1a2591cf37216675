import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Progress } from '../../work/work';
import { type DownloadOptions, download } from './download';
import { nistSources, type Source } from './nist-sources';

const folder = mkdtempSync(path.join(tmpdir(), 'download-'));
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;

const md5Of = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * i * 31) >> 3));
const other = Buffer.from(content).reverse();
const HALF = 150_000;
const TAG = '"first"';

type Handler = (response: ServerResponse, request: Pick<IncomingMessage, 'headers' | 'url'>) => void;

/** A server on this machine, the source it offers, a folder for it, and what it was asked. */
async function serve(handler: Handler) {
  const asked: (string | undefined)[] = []; // the ranges
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    handler(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const hangUp = () => server.closeAllConnections();
  closing.push(() => {
    hangUp();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/file.zip?x=1`;
  return { source: sourceAt(address), directory: path.join(folder, `${folders++}`, 'deep'), asked, hangUp };
}

const sourceAt = (address: string): Source => ({
  title: 'a file',
  address,
  page: '',
  citation: '',
  md5: md5Of(content),
  bytes: 1e6,
});

/** Answers as RFC 9110 has it: the rest of the file where it still has the tag, else all of it. */
const wellBehaved =
  (bytes = content, tag = TAG): Handler =>
  (response, { headers }) => {
    const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
    if (from === undefined || headers['if-range'] !== tag) {
      response.writeHead(200, { 'content-length': bytes.length, etag: tag }).end(bytes);
      return;
    }
    const start = Number(from);
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    response.writeHead(206, { 'content-length': bytes.length - start, 'content-range': range, etag: tag });
    response.end(bytes.subarray(start));
  };

/** Announces all, sends half, then falls silent. */
const half: Handler = (response) => {
  response.writeHead(200, { 'content-length': content.length, etag: TAG });
  response.write(content.subarray(0, HALF));
};

/** One handler for each request, the last for all that follow. */
const inTurn = (...handlers: Handler[]): Handler => {
  let n = 0;
  return (response, request) => handlers[Math.min(n++, handlers.length - 1)](response, request);
};

const fetchIt = (source: Source, options: DownloadOptions, silence = 5000) =>
  download(source, options, { silence, pause: 1, tries: 3 });

/** As a download leaves it that was killed. */
async function killed(source: Source, directory: string): Promise<void> {
  const abort = new AbortController();
  const onProgress = ({ done }: Progress) => done >= HALF && abort.abort(new Error('killed'));
  await expect(fetchIt(source, { directory, onProgress, signal: abort.signal })).rejects.toThrow('killed');
}

async function expectWhole(file: string, directory: string): Promise<void> {
  expect(file).toBe(path.join(directory, 'file.zip'));
  expect(readFileSync(file).equals(content)).toBe(true);
  expect(readdirSync(directory)).toEqual(['file.zip']);
}

describe('fetches a file', () => {
  it('into a folder that it makes, and tells how far it is', async () => {
    const { source, directory } = await serve(wellBehaved());
    const told: number[] = [];
    const onProgress = ({ done, total }: Progress) => {
      told.push(done);
      expect(total).toBe(content.length);
    };
    await expectWhole(await fetchIt(source, { directory, onProgress }), directory);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(content.length);
  });

  it('of which the server does not tell the length', async () => {
    const { source, directory } = await serve((response) => {
      response.writeHead(200);
      response.write(content.subarray(0, HALF));
      response.end(content.subarray(HALF));
    });
    const totals = new Set<number>();
    const onProgress = ({ total }: Progress) => totals.add(total);
    await expectWhole(await fetchIt(source, { directory, onProgress }), directory);
    expect([...totals]).toEqual([1e6]); // the source's
  });

  it('to which the address leads on', async () => {
    const { source, directory } = await serve((response, request) => {
      if (request.url !== '/there') response.writeHead(302, { location: '/there' }).end();
      else wellBehaved()(response, request);
    });
    await expectWhole(await fetchIt(source, { directory }), directory);
  });

  it('not again where it is there', async () => {
    const { source, directory, asked } = await serve(wellBehaved());
    await fetchIt(source, { directory });
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked).toHaveLength(1);
  });

  it('not again where all of it came, but it was killed then', async () => {
    const { source, directory, asked } = await serve(wellBehaved());
    await killed(source, directory);
    writeFileSync(path.join(directory, 'file.zip.part'), content);
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked).toHaveLength(1);
  });
});

describe('goes on', () => {
  it('after it was killed, with what is missing only', async () => {
    const { source, directory, asked } = await serve(inTurn(half, wellBehaved()));
    await killed(source, directory);
    const done: number[] = [];
    await expectWhole(await fetchIt(source, { directory, onProgress: (bytes) => done.push(bytes.done) }), directory);
    expect(asked).toEqual([undefined, `bytes=${HALF}-`]);
    expect(done[0]).toBeGreaterThan(HALF);
  });

  it('by the date of the file, where there is no strong entity tag', async () => {
    const date = 'Thu, 18 Aug 2016 12:00:00 GMT';
    const ifRange: (string | undefined)[] = [];
    const { source, directory, asked } = await serve((response, { headers }) => {
      ifRange.push(headers['if-range'] as string | undefined);
      const common = { etag: 'W/"weak"', 'last-modified': date };
      if (headers.range) {
        const range = `bytes ${HALF}-${content.length - 1}/${content.length}`;
        response.writeHead(206, { ...common, 'content-range': range, 'content-length': content.length - HALF });
        response.end(content.subarray(HALF));
      } else {
        response.writeHead(200, { ...common, 'content-length': content.length });
        response.write(content.subarray(0, HALF));
      }
    });
    await killed(source, directory);
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked).toEqual([undefined, `bytes=${HALF}-`]);
    expect(ifRange).toEqual([undefined, date]);
  });

  it('at once where the connection is cut', async () => {
    const { source, directory, asked, hangUp } = await serve(inTurn(half, wellBehaved()));
    const onProgress = ({ done }: Progress) => done === HALF && hangUp();
    await expectWhole(await fetchIt(source, { directory, onProgress }), directory);
    expect(asked).toEqual([undefined, `bytes=${HALF}-`]);
  });

  it('where the server falls silent', async () => {
    const { source, directory, asked } = await serve(inTurn(half, () => {}, wellBehaved()));
    await expectWhole(await fetchIt(source, { directory }, 500), directory);
    expect(asked).toEqual([undefined, `bytes=${HALF}-`, `bytes=${HALF}-`]);
  });

  it('where the server is out of order for a moment', async () => {
    const { source, directory } = await serve(inTurn((response) => response.writeHead(503).end('busy'), wellBehaved()));
    await expectWhole(await fetchIt(source, { directory }), directory);
  });
});

describe('starts again', () => {
  it.each<[string, Handler]>([
    ['gives all of it whatever is asked', (response) => response.writeHead(200, { etag: TAG }).end(content)],
    ['has another file now', wellBehaved(content, '"second"')],
    [
      'has another file now, of which it gives the rest all the same',
      (response, { headers }) => {
        const asked = { ...headers, 'if-range': headers.range && '"second"' };
        wellBehaved(content, '"second"')(response, { headers: asked });
      },
    ],
    [
      'gives another part than was asked',
      (response, { headers }) => {
        if (!headers.range) return wellBehaved()(response, { headers });
        response
          .writeHead(206, { 'content-range': `bytes 0-9/${content.length}`, etag: TAG })
          .end(content.subarray(0, 10));
      },
    ],
    [
      'has less than is there',
      (response, { headers }) => {
        if (headers.range) response.writeHead(416).end();
        else wellBehaved()(response, { headers });
      },
    ],
  ])('where the server %s', async (_, handler) => {
    const { source, directory, asked } = await serve(inTurn(half, handler));
    await killed(source, directory);
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked[1]).toBe(`bytes=${HALF}-`);
  });

  it('where a part is there of which nobody knows the file', async () => {
    const { source, directory, asked } = await serve(inTurn(half, wellBehaved()));
    await killed(source, directory);
    rmSync(path.join(directory, 'file.zip.part.tag'));
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked).toEqual([undefined, undefined]);
  });

  it('where the server told nothing by which the file is known', async () => {
    const untold: Handler = (response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, HALF));
    };
    const { source, directory, asked } = await serve(inTurn(untold, wellBehaved()));
    await killed(source, directory);
    await expectWhole(await fetchIt(source, { directory }), directory);
    expect(asked).toEqual([undefined, undefined]);
  });
});

describe('tells', () => {
  const help = (source: Source, directory: string) =>
    `open the address in a browser and put the file into ${directory}; its MD5 checksum is ${source.md5}`;

  it('both checksums where another file came, of which nothing stays', async () => {
    const { source, directory } = await serve(wellBehaved(other));
    const message = `${source.address} has the MD5 checksum ${md5Of(other)}, not ${md5Of(content)}, and was removed`;
    await expect(fetchIt(source, { directory })).rejects.toThrow(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('that another file of this name is there, which stays', async () => {
    const { source, directory } = await serve(wellBehaved());
    const file = await fetchIt(source, { directory });
    writeFileSync(file, 'mine');
    const message = `${file} is not the file of ${source.address}, or not all of it: its MD5 checksum is ${md5Of(Buffer.from('mine'))}`;
    await expect(fetchIt(source, { directory })).rejects.toThrow(message);
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  it('that the server has no such file, without asking again', async () => {
    const { source, directory, asked } = await serve((response) => response.writeHead(404).end('no'));
    const failure = await fetchIt(source, { directory }).catch(String);
    expect(failure).toContain(`${source.address} could not be fetched: the server answers 404 Not Found`);
    expect(failure).toContain(help(source, directory));
    expect(asked).toHaveLength(1);
  });

  it('that the server stays out of order', async () => {
    const { source, directory, asked } = await serve((response) => response.writeHead(500).end());
    await expect(fetchIt(source, { directory })).rejects.toThrow(
      'the server answers 500 Internal Server Error, 3 times',
    );
    expect(asked).toHaveLength(3);
  });

  it('that the server stays silent', async () => {
    const { source, directory } = await serve(() => {});
    await expect(fetchIt(source, { directory }, 40)).rejects.toThrow('nothing came for 0.04 seconds, 3 times');
  });

  it('that the connection is cut each time, and keeps what came', async () => {
    const { source, directory, hangUp } = await serve(half);
    const onProgress = ({ done }: Progress) => done === HALF && hangUp();
    const failure = await fetchIt(source, { directory, onProgress }).catch(String);
    expect(failure).toMatch(/could not be fetched: .*, 3 times\. Try again, which resumes where it ended/);
    expect(readFileSync(path.join(directory, 'file.zip.part'))).toHaveLength(HALF);
  });

  it('what to do where nothing can be reached', async () => {
    const { source, directory } = await serve(wellBehaved());
    closing.splice(0).forEach((close) => {
      close();
    });
    const failure = await fetchIt(source, { directory }).catch(String);
    expect(failure).toMatch(/could not be fetched: .*ECONNREFUSED.*, 3 times/);
    expect(failure).toContain(help(source, directory));
  });

  it('that the folder is none', async () => {
    const { source, directory } = await serve(wellBehaved());
    writeFileSync(path.join(folder, 'a file'), '');
    await expect(fetchIt(source, { directory: path.join(folder, 'a file') })).rejects.toThrow(/a file/);
    expect(existsSync(directory)).toBe(false);
  });
});

it('ends with the reason of its signal, before, while it waits, and between', async () => {
  const reason = new Error('enough');
  const aborted = new AbortController();
  aborted.abort(reason);
  const first = await serve(wellBehaved());
  await expect(fetchIt(first.source, { directory: first.directory, signal: aborted.signal })).rejects.toBe(reason);
  const waiting = new AbortController();
  const silent = await serve(() => waiting.abort(reason));
  await expect(fetchIt(silent.source, { directory: silent.directory, signal: waiting.signal })).rejects.toBe(reason);
  const between = new AbortController();
  const broken = await serve((response) => {
    response.writeHead(500).end();
    setTimeout(() => between.abort(reason), 100);
  });
  const patience = { silence: 5000, pause: 60_000, tries: 2 };
  await expect(download(broken.source, { directory: broken.directory, signal: between.signal }, patience)).rejects.toBe(
    reason,
  );
});

it('offers files of different names, with addresses and checksums that are well formed', () => {
  const sources = Object.values(nistSources);
  expect(new Set(sources.map(({ address }) => path.basename(address))).size).toBe(sources.length);
  for (const { address, page, md5 } of sources) {
    expect(new URL(address).protocol).toBe('https:');
    expect(new URL(page).protocol).toBe('https:');
    expect(md5).toMatch(/^[0-9a-f]{32}$/);
  }
});
