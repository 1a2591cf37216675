import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Written, zipOf } from '../../tables/zip.fixture';
import { readSd19 } from './sd19';

const folder = mkdtempSync(path.join(tmpdir(), 'sd19-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A picture of one grey all over: every pixel of its image is 255 less the grey. */
function plain(grey: number, width = 128, height = 128): Buffer {
  const picture = new PNG({ width, height });
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = i % 4 === 3 ? 255 : grey;
  return PNG.sync.write(picture, { colorType: 2, filterType: 0 });
}

const CLASSES = ['30', '31', '32', '33', '34', '35', '36', '37', '38', '39'].concat(
  ['41', '42', '43', '44', '45', '46', '47', '48', '49', '4a'], // A … J
);

/** The least that is whole: a picture of each class for the training and for the test set, of greys that tell them apart. */
const least: readonly Written[] = CLASSES.flatMap((one, i) => [
  { name: `by_class/${one}/hsf_4/hsf_4_00000.png`, data: plain(2 * i + 1) },
  { name: `by_class/${one}/hsf_1/hsf_1_00000.png`, data: plain(2 * i) },
]);

/** What lies between in the file of NIST, and beside it in the folders of some users. */
const beside: readonly Written[] = [
  { name: 'by_class/' },
  { name: 'by_class/30/hsf_0/' },
  { name: 'by_class/30/hsf_0.mit', data: Buffer.from('hsf_0 list') },
  { name: 'by_class/30/train_30.mit', data: Buffer.from('train_30 list') },
  { name: 'by_class/30/train_30/train_30_00000.png', data: plain(0) },
  { name: 'by_class/4b/hsf_0/hsf_0_00000.png', data: plain(0) }, // K
  { name: 'by_class/61/hsf_4/hsf_4_00000.png', data: plain(0) }, // a
  { name: 'by_class/30/hsf_0/Thumbs.db', data: Buffer.from('thumbs') },
  { name: 'by_class/30/hsf_0/._hsf_0_00000.png', data: Buffer.from('Mac') },
  { name: '__MACOSX/by_class/30/hsf_0/hsf_0_00000.png', data: Buffer.from('Mac') },
  { name: 'by_class/readme.txt', data: Buffer.from('read me') },
];

function zipFile(members: readonly Written[]): string {
  const file = path.join(folder, `${files++}.zip`);
  writeFileSync(file, zipOf(members));
  return file;
}

function unpacked(members: readonly Written[]): string {
  const target = path.join(folder, `${files++}`);
  for (const { name, data } of members) {
    mkdirSync(path.join(target, path.dirname(name)), { recursive: true });
    if (data) writeFileSync(path.join(target, name), data);
  }
  return target;
}

/** The least, and more of class 7, in an order that is not that of the result. */
const whole: readonly Written[] = [
  { name: 'by_class/37/hsf_7/hsf_7_00012.png', data: plain(204) },
  { name: 'by_class/37/hsf_7/hsf_7_00003.png', data: plain(203), deflated: true },
  ...beside,
  ...[...least].reverse(),
  { name: 'by_class/37/hsf_4/hsf_4_00001.png', data: plain(202) },
  { name: 'by_class/37/hsf_0/hsf_0_00009.png', data: plain(201) },
];

/** Of `whole`: class, test set and grey, by class, then by part, then by number. */
const order = CLASSES.flatMap((_, label) => {
  const pair = [
    [label, 0, 2 * label],
    [label, 1, 2 * label + 1],
  ];
  return label === 7 ? [[7, 0, 201], ...pair, [7, 1, 202], [7, 0, 203], [7, 0, 204]] : pair;
});

const expected = {
  count: 44,
  labels: Uint8Array.from(order, ([label]) => label),
  test: Uint8Array.from(order, ([, test]) => test),
  pixels: Uint8Array.from(order.flatMap(([, , grey]) => Array(784).fill(255 - grey))),
};

describe('reads', () => {
  it('the zip file, in order of class, part and number, and nothing twice', async () => {
    expect(await readSd19(zipFile(whole))).toEqual(expected);
  });

  it('the folder that it unpacks to, in the same order, by either of its paths', async () => {
    const target = unpacked(whole);
    expect(await readSd19(target)).toEqual(expected);
    expect(await readSd19(path.join(target, 'by_class'))).toEqual(expected);
    renameSync(path.join(target, 'by_class'), path.join(target, 'another name'));
    expect(await readSd19(path.join(target, 'another name'))).toEqual(expected);
  });

  // written by Pillow 9.4, and the CRC-32 of what it makes of it; an ink-black rectangle without a corner
  it.each([
    [
      'red, green and blue',
      'iVBORw0KGgoAAAANSUhEUgAAAIAAAACACAIAAABMXPacAAAA5ElEQVR42u3dsQ3AIAxFwfyI/Vc2G9ABwro3AEQ5uaCBVNWne/1+AQAAAgBAAAAIAAABACAAAAQAgAAAEAAAAgBAAAAIAAABACAAAAQAgAAAEAAAAgBAAAAIAAABACAAAAQAgAAA0Lpxce8kO5Z96w4wEwAAgAAAEAAAAgBAAAAIAAABACAAAAQAgAAAEAAAAgBAAAAIAAAB6NF49LvbvENtAgAAEAAAAgBAAADocGlzpDQBAgBAAAAIAAABACAAAAQAgAAAEAAAAgBAAAAIAAABACAAAAQAAAABACAAAAQAgA43AYx/DPohWSInAAAAAElFTkSuQmCC',
    ],
    [
      'grey',
      'iVBORw0KGgoAAAANSUhEUgAAAIAAAACACAAAAADmVT4XAAAAdElEQVR42u3asQ0AIAgEQDDuvzJuYCyMWNy3UFzyFQlZ0ZsRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAzZnHm7kblgoAAAAAAAAAAAAAAAAAAB6c53evchUAAAD8A0iv3QAAAAAAAAAAAAAAAAAAAAAA3YAFJswFAJrSWqcAAAAASUVORK5CYII=',
    ],
    [
      'one bit',
      'iVBORw0KGgoAAAANSUhEUgAAAIAAAACAAQAAAADrRVxmAAAALklEQVR42mP8z4AKmBhGBUYFRgUoFGhkZGQZDY9RAbgA+5/B7lLG0apgVIDeAgAGpQSHkfy0RQAAAABJRU5ErkJggg==',
    ],
    [
      'a palette of two colours',
      'iVBORw0KGgoAAAANSUhEUgAAAIAAAACAAQMAAAD58POIAAAABlBMVEX///8AAABVwtN+AAAAJUlEQVR42mNgGAWjYBRQG9T///9nVGBUAC7wg2FoCIyCUUBHAAALlIREznI9FgAAAABJRU5ErkJggg==',
    ],
  ])('pictures stored as %s', async (_, base64) => {
    const data = Buffer.from(base64, 'base64');
    const images = await readSd19(zipFile([{ name: 'by_class/30/hsf_0/hsf_0_00000.png', data }, ...least]));
    expect(crc32(images.pixels.subarray(0, 784).map((ink) => 255 - ink))).toBe(4049188778);
  });
});

it('tells how far it is', async () => {
  const told: [number, number][] = [];
  const more = Array.from({ length: 300 }, (_, i) => ({
    name: `by_class/30/hsf_0/hsf_0_${String(i).padStart(5, '0')}.png`,
    data: least[0].data,
  }));
  await readSd19(zipFile([...least, ...more]), { onProgress: ({ done, total }) => told.push([done, total]) });
  expect(told.length).toBeGreaterThan(1);
  expect(told.map(([done]) => done)).toEqual(told.map(([done]) => done).sort((a, b) => a - b));
  expect(told.at(-1)).toEqual([340, 340]);
});

it('ends with the reason of its signal', async () => {
  const reason = new Error('enough');
  const abort = new AbortController();
  abort.abort(reason);
  await expect(readSd19(zipFile(least), { signal: abort.signal })).rejects.toBe(reason);
});

describe('names what is missing:', () => {
  const without = (part: string) => least.filter(({ name }) => !name.includes(part));

  it('the file', async () => {
    await expect(readSd19(path.join(folder, 'none.zip'))).rejects.toThrow(/there is no .*none\.zip: give the path/);
  });

  it('everything, as in another zip file or folder', async () => {
    const other = [{ name: 'by_write/hsf_0/f0000_14/d0000_14.png', data: plain(0) }];
    await expect(readSd19(zipFile(other))).rejects.toThrow(/has no pictures in by_class\/30\/hsf_0.*by_class\.zip/);
    await expect(readSd19(unpacked(other))).rejects.toThrow(/has no pictures in by_class\/30\/hsf_0.*by_class\.zip/);
  });

  it.each([
    ['a class', '/37/', /no picture of 7 in by_class\/37\/hsf_4, the test set: it is not complete/],
    ['a class of letters', '/4a/', /no picture of J in by_class\/4a\/hsf_4/],
    ['the test set', 'hsf_4', /no picture of 0 in by_class\/30\/hsf_4, the test set/],
    ['the test set of a class', '/42/hsf_4', /no picture of B in by_class\/42\/hsf_4, the test set/],
    ['the training set', 'hsf_1', /no picture of 0 in by_class\/30\/hsf_0 … hsf_7 beside hsf_4, the training set/],
  ])('%s', async (_, part, message) => {
    await expect(readSd19(zipFile(without(part)))).rejects.toThrow(message);
    await expect(readSd19(unpacked(without(part)))).rejects.toThrow(message);
  });
});

describe('names the file and the picture that', () => {
  const name = 'by_class/35/hsf_3/hsf_3_00007.png';
  const good = plain(9);
  const broken: [string, Buffer, RegExp][] = [
    ['is empty', Buffer.alloc(0), /is not a PNG picture/],
    ['is no picture', Buffer.from('<html>not found</html>'.repeat(3)), /is not a PNG picture/],
    ['is a picture of another format', Buffer.from(`GIF89a${'\0'.repeat(40)}`), /is not a PNG picture/],
    ['is truncated', good.subarray(0, -20), /is damaged/],
    ['has lost all but its header', good.subarray(0, 33), /is damaged/],
    ['has another byte', Buffer.from(good).fill(good[60] ^ 4, 60, 61), /is damaged/],
    ['is smaller', plain(9, 28, 28), /has 28 × 28 pixels: a picture of 128 × 128 is needed/],
    ['is wider', plain(9, 256, 128), /has 256 × 128 pixels/],
    ['announces more than memory holds', huge(), /has 4294967295 × 4294967295 pixels/],
  ];

  function huge(): Buffer {
    return Buffer.from(good).fill(255, 16, 24);
  }

  it.each(broken)('%s', async (_, data, message) => {
    const members = [...least, { name, data }];
    for (const from of [zipFile(members), unpacked(members)]) {
      const failure = await readSd19(from).then(String, String);
      expect(failure).toMatch(message);
      expect(failure).toContain(`${from}: ${name} `);
    }
  });

  it.each([
    ['belongs to another part', 'by_class/35/hsf_3/hsf_2_00007.png'],
    ['has no number', 'by_class/35/hsf_3/hsf_3_copy.png'],
  ])('%s', async (_, stray) => {
    const members = [...least, { name: stray, data: good }];
    for (const from of [zipFile(members), unpacked(members)]) {
      await expect(readSd19(from)).rejects.toThrow(`${from}: ${stray} is not named as the pictures of its folder are`);
    }
  });

  it('is a folder', async () => {
    const from = unpacked([...least, { name: `${name}/x.png`, data: good }]);
    await expect(readSd19(from)).rejects.toThrow(`${from}: ${name} cannot be read`);
  });

  it.each([
    ['has another checksum in the zip file', { crc32: 1 }, /is damaged: its checksum/],
    ['is encrypted', { flags: 1, size: good.length - 12 }, /is encrypted/],
  ])('%s', async (_, says, message) => {
    const from = zipFile([...least, { name, data: good, says }]);
    await expect(readSd19(from)).rejects.toThrow(message);
    await expect(readSd19(from)).rejects.toThrow(`${from}: ${name} `);
  });

  it('is larger than any picture of this size', async () => {
    const from = zipFile([...least, { name, data: Buffer.alloc(300_000), deflated: true }]);
    await expect(readSd19(from)).rejects.toThrow(`${from}: ${name} announces 300000 bytes`);
  });
});

it('names the zip file that is truncated, or is none', async () => {
  const file = zipFile(least);
  const cut = path.join(folder, 'cut.zip');
  cpSync(file, cut);
  writeFileSync(cut, zipOf(least).subarray(0, 3000));
  await expect(readSd19(cut)).rejects.toThrow(/cut\.zip cannot be read as a zip file: .*download it again/);
});
