import { gunzipSync } from 'node:zlib';
import { DamagedFile, InvalidInput, messageOf } from '../../errors';

/** Bytes with axes, as the idx files of MNIST and EMNIST hold them. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Bytes before the axes' lengths: two zeros, the type of the values, the number of axes. */
const HEADER_LENGTH = 4;
const UNSIGNED_BYTE = 0x08;

/**
 * Reads an idx file of bytes, compressed by gzip or not.
 * @param name begins the messages of errors
 * @throws InvalidInput if the bytes are not of such a file, DamagedFile if they are not all of one
 */
export function parseIdx(file: Uint8Array, name: string): Idx {
  const bytes = isGzip(file) ? unzipped(file, name) : file;
  if (bytes.length < HEADER_LENGTH || bytes[0] !== 0 || bytes[1] !== 0)
    throw new InvalidInput(`${name} is not an idx file`);
  const [, , type, axes] = bytes;
  if (type !== UNSIGNED_BYTE)
    throw new InvalidInput(`${name} holds values of type 0x${type.toString(16)}: bytes are needed`);
  const start = HEADER_LENGTH + 4 * axes;
  if (axes === 0 || bytes.length < start) throw new DamagedFile(`${name} ends within its header: fetch it again`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(HEADER_LENGTH + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length - start !== size) {
    throw new DamagedFile(
      `${name} announces ${shape.join(' × ')} bytes, but holds ${bytes.length - start}: it is damaged or cut off`,
    );
  }
  return { shape, data: bytes.subarray(start) };
}

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unzipped(file: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(file);
  } catch (cause) {
    throw new DamagedFile(`${name} cannot be decompressed (${messageOf(cause)}): fetch it again`, { cause });
  }
}
