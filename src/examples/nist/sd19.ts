import './nist-packages';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PNG } from 'pngjs';
import { DamagedFile, InvalidInput, messageOf } from '../../errors';
import { openZip, type Zip } from '../../tables/zip';
import { pause, type WorkOptions } from '../../work/work';
import { characterOf, PICTURE_SIDE } from './crop';
import { CLASSES, className, type Images, PIXELS } from './nist-images';

/** A picture, and what its folder and name say of it: they give its class, its set and its place in the order. */
interface Picture {
  readonly name: string;
  readonly label: number;
  readonly part: number;
  readonly number: number;
}

/** The classes' folders, 30 … 39 and 41 … 4a: the character in hexadecimal. */
const FOLDERS: readonly string[] = Array.from({ length: CLASSES }, (_, label) =>
  className(label).charCodeAt(0).toString(16),
);

/** The part that high-school pupils wrote, as NIST suggests for tests; employees of the Census Bureau wrote the others. */
const TEST_PART = 4;

/** Pictures that are read at once: many enough to keep the disk busy. */
const PICTURES_AT_ONCE = 256;

/** Bytes of a file with a picture: more than any way to store one takes. */
const MAX_PICTURE_BYTES = 2 ** 18;

/**
 * Reads the digits and the letters A–J of NIST Special Database 19, second edition: from by_class.zip as it is, or from the
 * folder that it unpacks to. Its parts hsf_0 … hsf_7 are read, hsf_4 as the test set; train_30 and so on repeat the others, and are left out.
 * `characterOf` makes an image of a picture of 128 × 128. The order is that of class, part and number. It takes some minutes, and 784
 * bytes for each of some 400 000 images.
 * @param from the path of by_class.zip, of the folder by_class, or of the folder that holds it
 * @param options progress counts pictures
 * @throws InvalidInput if a class, its test set or its training set is missing, DamagedFile if a picture is not as it was written; the
 *   message names the file and the picture; with the signal's reason when it aborts
 */
export async function readSd19(from: string, { onProgress, signal }: WorkOptions = {}): Promise<Images> {
  if (!existsSync(from))
    throw new InvalidInput(`there is no ${from}: give the path of by_class.zip, or of the folder by_class`);
  const store = statSync(from).isDirectory() ? openFolder(from) : await openZip(from, isPicture);
  try {
    const pictures = picturesOf(store.names, from);
    const pixels = new Uint8Array(pictures.length * PIXELS);
    for (let start = 0; start < pictures.length; start += PICTURES_AT_ONCE) {
      await pause(signal);
      const batch = pictures.slice(start, start + PICTURES_AT_ONCE);
      const files = await Promise.all(batch.map(({ name }) => store.read(name, MAX_PICTURE_BYTES)));
      files.forEach((bytes, i) => {
        const picture = decoded(bytes, `${from}: ${batch[i].name}`);
        pixels.set(characterOf(picture), (start + i) * PIXELS);
      });
      onProgress?.({ stage: 'reading', done: start + batch.length, total: pictures.length });
    }
    return {
      count: pictures.length,
      pixels,
      labels: Uint8Array.from(pictures, ({ label }) => label),
      test: Uint8Array.from(pictures, ({ part }) => Number(part === TEST_PART)),
    };
  } finally {
    await store.close();
  }
}

/** Whether a file is of a class that is read: not train_30 and so on, and not a list beside the parts, such as hsf_0.mit. */
function isPicture(name: string): boolean {
  const [, folder] = /^by_class\/(..)\/hsf_\d\/hsf_[^/]*\.png$/.exec(name) ?? [];
  return FOLDERS.includes(folder);
}

/** The pictures of an unpacked by_class.zip, by the names that they have in it. */
function openFolder(from: string): Pick<Zip, 'names' | 'read' | 'close'> {
  const root = existsSync(path.join(from, 'by_class')) ? path.join(from, 'by_class') : from;
  const listed = (folder: string) => (existsSync(path.join(root, folder)) ? readdirSync(path.join(root, folder)) : []);
  const parts = FOLDERS.flatMap((folder) =>
    listed(folder)
      .filter((part) => /^hsf_\d$/.test(part))
      .map((part) => `${folder}/${part}`),
  );
  const names = parts.flatMap((part) => listed(part).map((file) => `by_class/${part}/${file}`));
  return {
    names: names.filter(isPicture),
    read: async (name) => {
      try {
        return await readFile(path.join(root, path.relative('by_class', name)));
      } catch (cause) {
        throw new InvalidInput(`${from}: ${name} cannot be read: ${messageOf(cause)}`, { cause });
      }
    },
    close: async () => {},
  };
}

/** The pictures in their order; each class must be in the test set and in the training set. */
function picturesOf(names: readonly string[], from: string): Picture[] {
  const pictures = names.map((name): Picture => {
    const [, folder, part, number] = /^by_class\/(..)\/hsf_(\d)\/hsf_\2_(\d{5})\.png$/.exec(name) ?? [];
    if (number === undefined) {
      throw new InvalidInput(
        `${from}: ${name} is not named as the pictures of its folder are: it may not belong there`,
      );
    }
    return { name, label: FOLDERS.indexOf(folder), part: Number(part), number: Number(number) };
  });
  if (pictures.length === 0) {
    throw new InvalidInput(
      `${from} has no pictures in by_class/30/hsf_0 and so on: by_class.zip of NIST Special Database 19, second edition, is needed`,
    );
  }
  const found = new Set(pictures.map(({ label, part }) => `${label} ${part === TEST_PART}`));
  FOLDERS.forEach((folder, label) => {
    for (const test of [true, false]) {
      if (found.has(`${label} ${test}`)) continue;
      const parts = test ? 'hsf_4, the test set' : 'hsf_0 … hsf_7 beside hsf_4, the training set';
      throw new InvalidInput(
        `${from} has no picture of ${className(label)} in by_class/${folder}/${parts}: it is not complete: fetch or unpack it again`,
      );
    }
  });
  return pictures.sort((a, b) => a.label - b.label || a.part - b.part || a.number - b.number);
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A picture's red, green, blue and opacity. */
function decoded(bytes: Buffer, where: string): Uint8Array {
  // the signature and the header, whose size is checked before memory is taken for the picture
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(SIGNATURE))
    throw new DamagedFile(`${where} is not a PNG picture`);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (width !== PICTURE_SIDE || height !== PICTURE_SIDE) {
    throw new InvalidInput(
      `${where} has ${width} × ${height} pixels: a picture of ${PICTURE_SIDE} × ${PICTURE_SIDE} is needed`,
    );
  }
  try {
    return PNG.sync.read(bytes).data;
  } catch (cause) {
    throw new DamagedFile(`${where} is damaged: ${messageOf(cause)}`, { cause });
  }
}
