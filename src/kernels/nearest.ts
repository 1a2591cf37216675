import type { Rows } from './gaussian-em-plain';
import { instanceOf } from './instance';
import { nearest as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(d: number, K: number, rows: number): void;
  rowsAt(): number;
  centresAt(): number;
  labelsAt(): number;
  squaredAt(): number;
  nearest(rows: number, K: number): void;
}

/** Rows are handed to the kernel in chunks of about this many bytes, which caches hold; where all are one chunk, they stay there. */
const CHUNK_BYTES = 2 ** 20;

/** Of each row the nearest centre, the first of several, and its squared distance. */
export interface Nearest {
  readonly labels: Int32Array;
  readonly squared: Float64Array;
}

/** Finds the nearest of some centres, row-major, of each row; what it answers is overwritten by the next answer. */
export type NearestCentres = (centres: Float64Array) => Nearest;

/**
 * Prepares the search for the nearest of up to K centres of all rows. Distances that are not below infinity, as those of rows with NaN,
 * are infinite, and the label is 0.
 */
export function nearestCentres(rows: Rows, K: number): NearestCentres {
  const kernel = instanceOf<Kernel>(code);
  return kernel ? kernelNearest(kernel, rows, K) : plainNearest(rows);
}

function kernelNearest(kernel: Kernel, { data, rows, columns: d }: Rows, K: number): NearestCentres {
  const chunk = Math.min(rows, Math.max(1, Math.floor(CHUNK_BYTES / (8 * d))));
  kernel.layout(d, K, chunk);
  const { buffer } = kernel.memory;
  const input = new Float64Array(buffer, kernel.rowsAt(), chunk * d);
  const places = new Float64Array(buffer, kernel.centresAt(), K * d);
  const out = { labels: new Int32Array(rows), squared: new Float64Array(rows) };
  let handedOver = false;
  return (centres) => {
    places.set(centres);
    for (let first = 0; first < rows; first += chunk) {
      const count = Math.min(chunk, rows - first);
      if (!handedOver) input.set(data.subarray(first * d, (first + count) * d));
      handedOver = count === rows;
      kernel.nearest(count, centres.length / d);
      out.labels.set(new Int32Array(buffer, kernel.labelsAt(), count), first);
      out.squared.set(new Float64Array(buffer, kernel.squaredAt(), count), first);
    }
    return out;
  };
}

/** What the kernel nearest.assembly.ts computes: the readable reference, and the fallback. */
export function plainNearest({ data, rows, columns: d }: Rows): NearestCentres {
  return (centres) => {
    const labels = new Int32Array(rows);
    const squared = new Float64Array(rows).fill(Infinity);
    for (let j = 0; j < rows; j++) {
      for (let k = 0; k < centres.length / d; k++) {
        let distance = 0;
        for (let c = 0; c < d; c++) distance += (data[j * d + c] - centres[k * d + c]) ** 2;
        if (distance < squared[j]) [labels[j], squared[j]] = [k, distance];
      }
    }
    return { labels, squared };
  };
}
