import { kMeansSteps, squaredDistance } from '../estimate/k-means';
import { membershipOf } from '../estimate/membership';
import { type RandomStream, randomOrder } from '../math/random';
import type { Samples } from '../math/table';
import type { Steps } from '../work/work';
import type { Design } from './experts-design';
import { solvePositive } from './weighted-coefficients';

/**
 * A kind of start: which rows may be of which expert, K × n, from a design and a stream. What one kind cannot see, another may: clusters
 * in (z, u) or in z alone are experts whose gates part them; lines through few rows, or through neighbours, are experts that cross.
 */
export type ExpertsStartKind = (design: Design, order: number, random: RandomStream) => Steps<Float64Array>;

/** k-means++ of (z, u). */
const clusters: ExpertsStartKind = function* (design, order, random) {
  return membershipOf(yield* kMeansSteps(placesOf(design, 1), order, random), order);
};

/** k-means++ of the covariates: gates that part them. */
const regions: ExpertsStartKind = function* (design, order, random) {
  const { width: p, responses: q } = design;
  return membershipOf(yield* kMeansSteps(placesOf(design, 1, p > 1 ? p : p + q), order, random), order);
};

/** k-means++ of the responses: what lies above the plane of all rows, and below. */
const levels: ExpertsStartKind = function* (design, order, random) {
  return membershipOf(yield* kMeansSteps(placesOf(design, design.width), order, random), order);
};

/** Random responsibilities, uniform on the simplex. */
export const randomResponsibilities: ExpertsStartKind = function* ({ rows }, order, random) {
  const membership = Float64Array.from({ length: order * rows }, () => -Math.log(1 - random()));
  for (let j = 0; j < rows; j++) {
    let total = 0;
    for (let i = j; i < membership.length; i += rows) total += membership[i];
    for (let i = j; i < membership.length; i += rows) membership[i] /= total;
  }
  return membership;
};

/** The planes through the neighbours of K random rows in (z, u); each row belongs to the nearest plane. */
const neighbours: ExpertsStartKind = function* (design, order, random) {
  const { rows: n, width: p, responses: q, data } = design;
  const w = p + q;
  const size = Math.min(n, Math.max(2 * w, Math.floor(n / (2 * order))));
  const planes: Float64Array[] = [];
  for (let k = 0; k < order; k++) {
    const centre = Math.floor(random() * n) * w;
    const far = Float64Array.from({ length: n }, (_, j) => squaredDistance(data, j * w, data, centre, w));
    planes.push(planeThrough(design, order0(far).subarray(0, size)));
    yield { stage: 'starting', done: k, total: order };
  }
  return membershipOf(nearestPlane(design, planes), order);
};

/** Planes through as few random rows as make one; each row belongs to the nearest, and the planes follow, several times (K-planes). */
const planes: ExpertsStartKind = function* (design, order, random) {
  const { rows: n, width: p, responses: q } = design;
  const shuffled = randomOrder(n, random());
  const size = Math.min(p + q, Math.floor(n / order));
  const through = (k: number) => planeThrough(design, shuffled.subarray(k * size, (k + 1) * size));
  return yield* followed(
    design,
    Array.from({ length: order }, (_, k) => through(k)),
  );
};

/** How often planes follow their rows. */
const FOLLOWED = 10;

function* followed(design: Design, start: readonly Float64Array[]): Steps<Float64Array> {
  const order = start.length;
  let labels = nearestPlane(design, start);
  for (let round = 0; round < FOLLOWED; round++) {
    const own = Array.from({ length: order }, (_, k) => Int32Array.from(labels.keys()).filter((j) => labels[j] === k));
    const moved = nearestPlane(
      design,
      own.map((rows, k) => (rows.length > design.width ? planeThrough(design, rows) : start[k])),
    );
    yield { stage: 'starting', done: round, total: FOLLOWED };
    if (moved.every((k, j) => k === labels[j])) break;
    labels = moved;
  }
  return membershipOf(labels, order);
}

/** How many candidates a plane is chosen of, and how often each is refined. */
const CANDIDATES = 12;
const REFINEMENTS = 4;

/**
 * One plane after another: that which meets n / K of the rows that are left best (least trimmed squares, Rousseeuw 1984), of some through
 * few random rows, refined; its rows then leave.
 */
const peeled: ExpertsStartKind = function* (design, order, random) {
  const { rows: n, width: p, responses: q } = design;
  let left = Int32Array.from({ length: n }, (_, j) => j);
  const found: Float64Array[] = [];
  for (let k = 0; k < order; k++) {
    const share = Math.max(p + q, Math.floor(left.length / (order - k) / (k < order - 1 ? 1.25 : 1)));
    let best: { plane: Float64Array; trimmed: number; rows: Int32Array } | undefined;
    for (let c = 0; c < CANDIDATES; c++) {
      const shuffled = randomOrder(left.length, random()).subarray(0, p + q);
      let rows: Int32Array = shuffled.map((i) => left[i]);
      let trimmed = 0;
      let plane = planeThrough(design, rows);
      for (let refinement = 0; refinement < REFINEMENTS; refinement++) {
        const far = Float64Array.from(left, (j) => distanceTo(design, plane, j));
        const sorted = order0(far).subarray(0, share);
        trimmed = sorted.reduce((sum, i) => sum + far[i], 0);
        rows = sorted.map((i) => left[i]);
        plane = planeThrough(design, rows);
      }
      if (!best || trimmed < best.trimmed) best = { plane, trimmed, rows };
      yield { stage: 'starting', done: k, total: order };
    }
    if (!best) break;
    found.push(best.plane);
    const gone = new Set(best.rows);
    left = left.filter((j) => !gone.has(j));
    if (left.length < p + q && k < order - 1) left = Int32Array.from({ length: n }, (_, j) => j);
  }
  return yield* followed(design, found);
};

/** The kinds in the order in which starts take their turn. */
export const expertsStartKinds: readonly ExpertsStartKind[] = [
  clusters,
  peeled,
  neighbours,
  planes,
  regions,
  peeled,
  levels,
  planes,
  neighbours,
  randomResponsibilities,
];

/** Some columns of (1, z, u), as a table. */
function placesOf({ rows, width, responses, data, weights }: Design, from: number, to = width + responses): Samples {
  const w = width + responses;
  const columns = to - from;
  const taken = Float64Array.from(
    { length: rows * columns },
    (_, i) => data[Math.floor(i / columns) * w + from + (i % columns)],
  );
  return { data: taken, rows, columns, ...(weights && { weights }) };
}

/** The indices of values, the least first. */
const order0 = (values: Float64Array): Int32Array =>
  Int32Array.from(values.keys()).sort((a, b) => values[a] - values[b] || a - b);

/** A little of the plane of all rows, so that few or collinear rows have one. */
const SHRINKAGE = 1e-3;

/** The least squares plane of some rows, q × p. */
function planeThrough({ width: p, responses: q, data }: Design, rows: Int32Array): Float64Array {
  const w = p + q;
  const plane = new Float64Array(q * p);
  for (let c = 0; c < q; c++) {
    const square = new Float64Array(p * p);
    const right = plane.subarray(c * p, (c + 1) * p);
    for (const j of rows)
      for (let a = 0; a < p; a++) {
        right[a] += data[j * w + a] * data[j * w + p + c];
        for (let b = 0; b <= a; b++) square[a * p + b] += data[j * w + a] * data[j * w + b];
      }
    right.set(solvePositive(square, right, SHRINKAGE));
  }
  return plane;
}

/** The squared distance of a row's responses to a plane. */
function distanceTo({ width: p, responses: q, data }: Design, plane: Float64Array, row: number): number {
  const at = row * (p + q);
  let squares = 0;
  for (let c = 0; c < q; c++) {
    let residual = data[at + p + c];
    for (let a = 0; a < p; a++) residual -= plane[c * p + a] * data[at + a];
    squares += residual * residual;
  }
  return squares;
}

/** The nearest plane of each row, the first of several. */
function nearestPlane(design: Design, all: readonly Float64Array[]): Int32Array {
  return Int32Array.from({ length: design.rows }, (_, j) => {
    let [best, least] = [0, Infinity];
    all.forEach((plane, k) => {
      const distance = distanceTo(design, plane, j);
      if (distance < least) [best, least] = [k, distance];
    });
    return best;
  });
}
