import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import { freeParameters } from '../mixture/free-parameters';
import { type Estimate, mixtureOf } from '../mixture/given';
import { standardErrors } from '../theory/standard-errors';
import { type Dfmr, dfmr } from './dfmr';
import { type InflationCurve, inflationCurve } from './inflation';

export interface AggregateOptions {
  /** ρ; suggested by the distances, and told, if not given */
  readonly inflationFactor?: number;
  /** h of `l2DistanceMatrix`; if not given, the least of 0, ½, 1, 2, 4, 8 that resolves the machines, and told */
  readonly smoothing?: number;
  /** n_1 … n_m; the fits' own if not given, else equal */
  readonly sampleSizes?: ArrayLike<number>;
  /** what the machines are called in `decisions`: their numbers, if not given */
  readonly names?: readonly string[];
  /** whether standard errors are computed: they take seconds; true */
  readonly uncertainty?: boolean;
  /** called with rows of distances, then with reductions */
  readonly onProgress?: (done: number, total: number) => void;
  /** ends the work, with the signal's reason */
  readonly signal?: AbortSignal;
}

/** What the estimates of all machines say together, and what was decided on the way. */
export interface Aggregate<Parameter> {
  readonly result: Dfmr<Parameter>;
  /** ρ of the result */
  readonly inflationFactor: number;
  readonly distances: DistanceMatrix;
  /** what else ρ could have made of the same distances */
  readonly curve: InflationCurve<Parameter>;
  /** of the result, in the order of `mixtureToVector`; undefined where they are not known, which `decisions` tells */
  readonly standardErrors?: Float64Array;
  /** what was chosen, why, and what one should know, in sentences */
  readonly decisions: readonly string[];
}

/**
 * An estimate whose density is about 0 everywhere lies at one norm of the centre's density. Where the radius is below this share of
 * it, such a liar is far outside of the ball, and distances tell where estimates lie rather than how peaked they are.
 */
const RESOLVED = 1 / 3;

/** h that are tried, one after another, until densities overlap so much. */
const SMOOTHINGS = [0, 0.5, 1, 2, 4, 8];

/** More coordinates than this have no standard errors: their information takes minutes. */
const MOST_COORDINATES = 400;

/** The draws of the information times the square of the coordinates: some seconds. */
const INFORMATION_WORK = 2e9;

/**
 * DFMR for those who do not want to choose: reductions from every kept estimate, smoothed densities where plain ones hardly overlap,
 * and ρ in the first clear gap of the distances. Each choice can be made beforehand, and is told.
 * @throws as `dfmr` does
 */
export function aggregate<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  {
    inflationFactor: given,
    smoothing,
    sampleSizes,
    names,
    uncertainty = true,
    onProgress,
    signal,
  }: AggregateOptions = {},
): Aggregate<Parameter> {
  const decisions: string[] = [];
  const distances = distancesOf(estimates, { smoothing, onProgress, signal }, decisions);
  const options = { distances, sampleSizes, signal, onProgress, starts: 'all' as const };
  const curve = inflationCurve(estimates, { ...options, starts: 'one' });
  const { suggestion } = curve;
  const inflationFactor = given ?? suggestion.inflationFactor;
  const asGiven = given === undefined ? '' : `${given}, as given; the distances suggest `;
  decisions.push(`ρ = ${asGiven}${suggestion.inflationFactor}: ${suggestion.reason}.`);
  const result = dfmr(estimates, { ...options, inflationFactor });
  const m = estimates.length;
  const centre = names?.[result.coat.index] ?? `machine ${result.coat.index}`;
  decisions.push(`${result.kept.length} of ${m} machines are kept; the centre of attention is ${centre}.`);
  if (result.kept.length === m)
    decisions.push(
      'No machine is set aside. That none failed does not follow: one that is near the honest ones is not seen.',
    );
  return {
    result,
    inflationFactor,
    distances,
    curve,
    standardErrors: uncertainty ? errorsOf(result, decisions) : undefined,
    decisions: [...decisions, ...result.notes],
  };
}

/** L² distances, of densities that are smoothed until they resolve the machines. */
function distancesOf<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { smoothing: given, ...work }: Pick<AggregateOptions, 'smoothing' | 'onProgress' | 'signal'>,
  decisions: string[],
): DistanceMatrix {
  const smoothed = (smoothing: number) => {
    const distances = l2DistanceMatrix(estimates, { smoothing, ...work });
    return { smoothing, distances, radius: radiusInNorms(distances) };
  };
  const resolves = (radius: number) => radius <= RESOLVED;
  const plain = smoothed(given ?? 0);
  let best = plain;
  if (given === undefined && plain.distances.norms && canSmooth(estimates)) {
    for (const h of SMOOTHINGS.slice(1)) {
      if (resolves(best.radius)) break;
      const next = smoothed(h);
      if (next.radius < best.radius) best = next;
    }
  }
  const norms = (radius: number) => `${Number(radius.toPrecision(2))} norms of a density`;
  if (given === 0) decisions.push('Densities are not smoothed, as given.');
  else if (given !== undefined) decisions.push(`Densities are smoothed by h = ${given}, as given.`);
  else if (best.smoothing === 0) decisions.push('Distances are between the densities as they are.');
  else {
    decisions.push(
      `Distances are between densities smoothed by h = ${best.smoothing}: without, the smallest ball around half of the machines has a radius of ${norms(plain.radius)}, so that honest densities hardly overlap; with it, ${norms(best.radius)}.`,
    );
  }
  if (!resolves(best.radius)) {
    decisions.push(
      `Beware: the radius is ${norms(best.radius)}, so that distances tell how peaked estimates are as much as where they lie; a flat one may be kept. More rows a machine, or fewer features, would help.`,
    );
  }
  return best.distances;
}

const canSmooth = (estimates: readonly Estimate[]): boolean => mixtureOf(estimates[0]).family.smoothing !== undefined;

/** The radius of the smallest ball around half of the machines, in norms of the density at its centre. */
function radiusInNorms(matrix: DistanceMatrix): number {
  const { size: m, norms } = matrix;
  const radii = Array.from({ length: m }, (_, i) => {
    const row = Float64Array.from({ length: m }, (__, j) => matrix.at(i, j)).sort();
    return row[Math.ceil(m / 2) - 1];
  });
  const centre = radii.indexOf(Math.min(...radii));
  return norms && norms[centre] > 0 ? radii[centre] / norms[centre] : 0;
}

function errorsOf<Parameter>(result: Dfmr<Parameter>, decisions: string[]): Float64Array | undefined {
  const p = freeParameters(result);
  if (p > MOST_COORDINATES) {
    decisions.push(`Standard errors are not computed: there are ${p} coordinates, more than ${MOST_COORDINATES}.`);
    return undefined;
  }
  if (result.sampleSize === undefined) {
    decisions.push(
      'Standard errors are not known: the machines did not tell how many rows they have; give sampleSizes.',
    );
    return undefined;
  }
  try {
    const errors = standardErrors(result, { draws: Math.min(100_000, Math.ceil(INFORMATION_WORK / p ** 2)) });
    if (errors.subarray(0, result.mixture.order - 1).some((error) => error > 0.5))
      decisions.push('A weight has a standard error above ½: two components are nearly the same, so try fewer.');
    return errors;
  } catch (error) {
    decisions.push(`Standard errors are not known: ${(error as Error).message}.`);
    return undefined;
  }
}
