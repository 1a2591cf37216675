import { Matrix } from 'ml-matrix';
import { type AnyGaussian, covarianceOf } from '../families/any-gaussian';
import { symmetricEigen } from '../math/linear-algebra';
import type { Samples } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { momentsOf } from '../mixture/moments';
import { ellipse } from './points';

/** A plane in the space of more than two features. */
export interface Plane {
  readonly centre: ArrayLike<number>;
  /** d × 2 */
  readonly axes: Matrix;
}

/** The plane of the first two principal axes of rows, or of a mixture. */
export function principalPlane(of: Samples | Mixture<AnyGaussian>): Plane {
  const { mean, covariance } = 'rows' in of ? momentsOfRows(of) : momentsOf(of);
  const d = mean.length;
  const { vectors } = symmetricEigen(covariance, d);
  return { centre: mean, axes: vectors.subMatrixColumn([d - 1, d - 2]) };
}

function momentsOfRows({ data, rows, columns }: Samples): { mean: ArrayLike<number>; covariance: Float64Array } {
  const matrix = Matrix.from1DArray(rows, columns, data as unknown as number[]);
  const mean = matrix.mean('column');
  const centred = matrix.subRowVector(mean);
  const covariance = centred.transpose().mmul(centred).div(rows);
  return { mean, covariance: Float64Array.from(covariance.to1DArray()) };
}

/** Rows in the plane; as they are if they have two features and no plane is given. */
export function project(
  { data, columns }: Samples,
  plane: Plane | undefined,
  rows: readonly number[],
): [number, number][] {
  return rows.map((j) => {
    const x = data.subarray(j * columns, (j + 1) * columns);
    if (!plane) return [x[0], x[1]];
    const at = (axis: number) =>
      x.reduce((sum, value, c) => sum + (value - plane.centre[c]) * plane.axes.get(c, axis), 0);
    return [at(0), at(1)];
  });
}

/** A Gaussian component in the plane: its centre, and the ellipse of two standard deviations. */
export function outlineOf(
  parameter: AnyGaussian,
  plane?: Plane,
): { centre: [number, number]; outline: [number, number][] } {
  const { mean } = parameter;
  const d = mean.length;
  const [centre] = project({ data: mean, rows: 1, columns: d }, plane, [0]);
  const full = Matrix.from1DArray(d, d, covarianceOf(parameter) as unknown as number[]);
  const flat = plane ? plane.axes.transpose().mmul(full).mmul(plane.axes) : full;
  return { centre, outline: ellipse(centre, Float64Array.from(flat.to1DArray())) };
}
