import { readFileSync } from 'node:fs';
import { parse } from 'npyjs';
import { type Samples, samplesOf } from '../math/table';

/**
 * Reads a NumPy .npy file of real numbers with one or two axes, as samples: a vector is one column.
 * @throws where the file cannot be read, is not .npy, or holds something else; the message names the file
 */
export function readNpy(file: string): Samples {
  const { data, shape, dtype, fortranOrder } = parsed(file);
  if (!/^[iufb]\d$/.test(dtype)) throw new Error(`${file} holds values of type ${dtype}: only real numbers are read`);
  if (shape.length < 1 || shape.length > 2) throw new Error(`${file} has ${shape.length} axes: a table has one or two`);
  const [rows, columns = 1] = shape;
  const values = data as unknown as ArrayLike<number | bigint>;
  if (values.length !== rows * columns) {
    throw new Error(
      `${file} announces ${rows} × ${columns} values, but holds ${values.length}: it is not as it was written`,
    );
  }
  const stored = (i: number) => (fortranOrder ? (i % columns) * rows + Math.floor(i / columns) : i);
  const value = (_: unknown, i: number) => {
    const number = Number(values[stored(i)]);
    if (typeof values[stored(i)] === 'bigint' && !Number.isSafeInteger(number)) {
      throw new Error(
        `${file} holds the integer ${values[stored(i)]}, which float64 does not hold exactly: store smaller numbers`,
      );
    }
    return number;
  };
  return samplesOf(Float64Array.from({ length: rows * columns }, value), rows, columns);
}

function parsed(file: string): ReturnType<typeof parse> {
  const bytes = readFileSync(file);
  try {
    return parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
  } catch (cause) {
    throw new Error(`${file} is not a readable .npy file: ${(cause as Error).message}`, { cause });
  }
}
