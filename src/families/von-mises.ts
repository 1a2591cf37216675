import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Samples } from '../math/table';
import { conjugatePenalty, type ExponentialFamily, exponentialFamily } from './exponential-family';
import { farPositive } from './failures';
import type { Family } from './family';
import { numberSampler } from './one-column';
import { checkedNumber } from './scalar-parameter';
import {
  checkedConcentration,
  cosineSampler,
  ofDirections,
  type VonMisesFisherParameter,
  vonMisesFisher,
} from './von-mises-fisher';

/** The mean angle in radians, and the concentration κ ≥ 0 about it; κ = 0 is the uniform distribution on the circle. */
export type VonMisesParameter = {
  /** in (−π, π] */
  readonly meanAngle: number;
  /** κ ≥ 0; 1 / κ is about the variance in squared radians where κ is large */
  readonly concentration: number;
};

/** The angle in (−π, π]; sine and cosine reduce even large ones exactly. */
function wrapped(angle: number): number {
  if (angle > -Math.PI && angle <= Math.PI) return angle;
  const within = Math.atan2(Math.sin(angle), Math.cos(angle));
  return within === -Math.PI ? Math.PI : within;
}

/** The same distribution, of the points (cos x, sin x) on the circle. */
const onCircle = ({ meanAngle, concentration }: VonMisesParameter): VonMisesFisherParameter => ({
  meanDirection: Float64Array.of(Math.cos(meanAngle), Math.sin(meanAngle)),
  concentration,
});

const natural: ExponentialFamily<VonMisesParameter> = {
  name: 'von-mises',
  parameter(value, where) {
    const { meanAngle, concentration } = (value ?? {}) as Partial<VonMisesParameter>;
    if (meanAngle === undefined || concentration === undefined)
      throw new InvalidInput(`${where} needs a meanAngle and a concentration, but is ${described(value)}`);
    return Object.freeze({
      meanAngle: wrapped(checkedNumber(meanAngle, 'real', `${where}: meanAngle`)),
      concentration: checkedConcentration(concentration, `${where}: concentration`),
    });
  },
  size: () => 2,
  toVector: ({ meanAngle, concentration }) => Float64Array.of(meanAngle, concentration),
  fromVector: ([meanAngle, concentration]) => ({ meanAngle, concentration }),
  toJSON: (parameter) => ({ ...parameter }),
  groundDistance: (a, b) => Math.abs(wrapped(a.meanAngle - b.meanAngle)) + Math.abs(a.concentration - b.concentration),
  notStandardised: 'angles',
  requireSupport({ columns }) {
    if (columns !== 1)
      throw new InvalidInput(
        `the von-mises family is over one column of angles, but the table has ${columns}: choose one of them, ` +
          'or use von-mises-fisher for unit vectors',
      );
  },
  clusterScale: circle,
  failures: {
    direction: ({ concentration }, random) => ({ meanAngle: Math.PI * (2 * random() - 1), concentration }),
    concentration: ({ meanAngle }, random) => ({ meanAngle, concentration: farPositive(random) }),
  },
  sampler: numberSampler(({ meanAngle, concentration }, random) => {
    const next = cosineSampler(2, concentration, random);
    return () => {
      const { cosine, sine } = next();
      return wrapped(meanAngle + Math.atan2(random() < 0.5 ? sine : -sine, cosine));
    };
  }),

  toNatural: (parameter) => vonMisesFisher.toVector(onCircle(parameter)),
  fromNatural: ([a, b]) => ({ meanAngle: Math.atan2(b, a), concentration: Math.hypot(a, b) }),
  statistics: ([x]) => [Math.cos(x), Math.sin(x)],
  ...ofDirections,
};

/**
 * Von Mises distributions of angles in radians, one column; what differs by a multiple of 2π is the same angle. Their density
 * f(x) = exp{κ cos(x − μ)} / {2π I₀(κ)} is that of the von Mises–Fisher family on the circle. The ground distance of W₁ is the angle
 * between the mean angles and |κ − κ′|. Penalised by `conjugatePenalty`.
 */
export const vonMises: Family<VonMisesParameter> = {
  ...exponentialFamily<VonMisesParameter>({ ...natural, penalty: conjugatePenalty(natural, () => 1) }),
  logInnerProduct: (a, b) => vonMisesFisher.logInnerProduct(onCircle(a), onCircle(b)),
  divergence: (a, b) => vonMisesFisher.divergence(onCircle(a), onCircle(b)),
};

/** The points of the angles on the circle, on which k-means knows no end. */
function circle(samples: Samples): Samples {
  const points = new Float64Array(2 * samples.rows);
  samples.data.forEach((angle, j) => {
    points[2 * j] = Math.cos(angle);
    points[2 * j + 1] = Math.sin(angle);
  });
  return { ...samples, data: points, columns: 2 };
}
