import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../../errors';
import { openZip } from '../../tables/zip';
import { parseIdx } from './idx';
import { CLASSES, type Images, PIXELS, SIDE } from './nist-images';

/** What files are read from: a folder, or the zip that is offered for download. */
interface Store {
  readonly names: readonly string[];
  read(name: string): Promise<Uint8Array>;
}

/** Classes of EMNIST by-class: digits, upper-case and lower-case letters. */
const EMNIST_CLASSES = 62;

/**
 * Reads the digits and the letters A–J of EMNIST by-class: from the zip that is offered for download, from a folder with its
 * by-class files, or from one file of images, `…-images-idx3-ubyte.gz`, with its labels beside it. Beside that may also lie
 * `…-source-idx1-ubyte.gz`, which is 0 for an image of the test set; without it, the name says whether all are.
 * @param from the path of the zip, of the folder or of the file
 * @throws InvalidInput if a file is missing or of another kind, DamagedFile if one is damaged
 */
export async function readEmnist(from: string): Promise<Images> {
  if (!existsSync(from)) throw new InvalidInput(`there is no ${from}: fetch EMNIST with npx dfmr nist fetch emnist`);
  if (/-images-idx3-ubyte(\.gz)?$/.test(from)) return readPart(folder(path.dirname(from)), path.basename(from));
  if (statSync(from).isDirectory()) return readSplits(folder(from), from);
  const zip = await openZip(from);
  try {
    return await readSplits(zip, from);
  } finally {
    await zip.close();
  }
}

const folder = (directory: string): Store => ({
  names: readdirSync(directory),
  read: async (name) => readFileSync(path.join(directory, name)),
});

async function readSplits(store: Store, from: string): Promise<Images> {
  const files = ['train', 'test'].map((split) => {
    const of = new RegExp(`(^|/)emnist-byclass-${split}-images-idx3-ubyte(\\.gz)?$`);
    const file = store.names.find((name) => of.test(name));
    if (!file)
      throw new InvalidInput(`${from} has no emnist-byclass-${split}-images-idx3-ubyte.gz: EMNIST by-class is needed`);
    return file;
  });
  const [train, test] = [await readPart(store, files[0]), await readPart(store, files[1])];
  const both = (of: (images: Images) => Uint8Array) => Buffer.concat([of(train), of(test)]);
  return {
    count: train.count + test.count,
    pixels: both(({ pixels }) => pixels),
    labels: both(({ labels }) => labels),
    test: both((images) => images.test),
  };
}

async function readPart(store: Store, file: string): Promise<Images> {
  const beside = async (kind: string) => {
    const name = file.replace('-images-idx3-', `-${kind}-idx1-`);
    return store.names.includes(name) ? parseIdx(await store.read(name), name) : undefined;
  };
  const { shape, data } = parseIdx(await store.read(file), file);
  const [labels, source] = [await beside('labels'), await beside('source')];
  if (shape.length !== 3 || shape[1] !== SIDE || shape[2] !== SIDE) {
    throw new InvalidInput(`${file} holds ${shape.join(' × ')} bytes: images of 28 × 28 are needed`);
  }
  if (!labels) throw new InvalidInput(`the labels of ${file} are not beside it: put the -labels-idx1- file there`);
  for (const { shape: numbers } of source ? [labels, source] : [labels]) {
    if (numbers.length !== 1 || numbers[0] !== shape[0]) {
      throw new InvalidInput(
        `${file} has ${shape[0]} images, but the file beside it has ${numbers.join(' × ')} numbers`,
      );
    }
  }
  const odd = labels.data.findIndex((label) => label >= EMNIST_CLASSES);
  if (odd >= 0)
    throw new InvalidInput(`label ${odd} of ${file} is ${labels.data[odd]}: EMNIST by-class has labels 0 to 61`);
  const which = Uint32Array.from({ length: shape[0] }, (_, i) => i).filter((i) => labels.data[i] < CLASSES);
  return {
    count: which.length,
    pixels: upright(data, which),
    labels: Uint8Array.from(which, (i) => labels.data[i]),
    test: Uint8Array.from(which, (i) => Number(source ? source.data[i] === 0 : /-test-/.test(file))),
  };
}

/** EMNIST stores an image column by column. */
function upright(data: Uint8Array, which: Uint32Array): Uint8Array {
  const pixels = new Uint8Array(which.length * PIXELS);
  which.forEach((i, at) => {
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++)
        pixels[at * PIXELS + row * SIDE + column] = data[i * PIXELS + column * SIDE + row];
  });
  return pixels;
}
