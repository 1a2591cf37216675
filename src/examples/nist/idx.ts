import { gunzipSync } from 'node:zlib';
import { DamagedFile, InvalidInput } from '../../errors';

/** Bytes with axes, as the idx files of MNIST and EMNIST hold them. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const HEADER = 4; // two zeros, the type of the values, the number of axes
const UNSIGNED_BYTE = 0x08;

/**
 * Reads an idx file of bytes, compressed by gzip or not.
 * @throws where the bytes are not such a file, or it is not whole; the message begins with `name`
 */
export function parseIdx(file: Uint8Array, name: string): Idx {
  const bytes = isGzip(file) ? unzipped(file, name) : file;
  if (bytes.length < HEADER || bytes[0] !== 0 || bytes[1] !== 0) throw new InvalidInput(`${name} is not an idx file`);
  const [, , type, axes] = bytes;
  if (type !== UNSIGNED_BYTE)
    throw new InvalidInput(`${name} holds values of type 0x${type.toString(16)}: bytes are needed`);
  const start = HEADER + 4 * axes;
  if (axes === 0 || bytes.length < start) throw new DamagedFile(`${name} ends within its header: fetch it again`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(HEADER + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== size) {
    throw new InvalidInput(
      `${name} announces ${shape.join(' × ')} bytes, but holds ${bytes.length - start}: it is not as it was written`,
    );
  }
  return { shape, data: bytes.subarray(start) };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unzipped(file: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(file);
  } catch (cause) {
    throw new InvalidInput(`${name} cannot be decompressed (${(cause as Error).message}): fetch it again`, { cause });
  }
}
