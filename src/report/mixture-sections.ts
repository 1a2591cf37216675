import type { Aggregate } from '../aggregate/aggregate';
import type { Analysis } from '../analysis/analyse';
import type { Bootstrap } from '../analysis/bootstrap';
import { type AnyGaussian, covarianceOf, isGaussian } from '../families/any-gaussian';
import { densityFigure } from '../figures/density-figure';
import { mixtureFigure } from '../figures/mixture-figure';
import { MOST_FEATURES, pairsFigure } from '../figures/pairs-figure';
import { probabilityFigure } from '../figures/probability-figure';
import { profileFigure } from '../figures/profile-figure';
import { weightsFigure } from '../figures/weights-figure';
import { missingIn } from '../math/missing-cells';
import { normalQuantile } from '../math/normal';
import { shortNumber } from '../math/short-number';
import type { Samples } from '../math/table';
import { coordinateNames } from '../mixture/coordinate-names';
import { type Mixture, mixtureToVector } from '../mixture/mixture';
import { figure, folded, heading, prose, table, wholeTable } from './sections';

/** What the sections on the mixture need to know beside the aggregate. */
export interface MixtureReportOptions {
  /**
   * the names of the features
   * @defaultValue 'feature 0', 'feature 1', …
   */
  readonly features?: readonly string[];
  /**
   * of each feature the categories that stand for its codes
   * @defaultValue codes are shown as they are
   */
  readonly categories?: readonly (readonly string[])[];
  /**
   * the bootstrap of the aggregate, to show its intervals beside the asymptotic ones
   * @defaultValue only the asymptotic intervals are shown
   */
  readonly bootstrap?: Bootstrap;
}

/** An aggregate, and the rows that it is of, if they are here. */
type Found<Parameter> = Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'samples'>>;

/** 95 % intervals are this many standard errors to either side. */
const HALF_WIDTH = normalQuantile(0.975);

/** The mixture: where its components are, how large, how wide, and how exactly that is known. */
export function mixtureSections<Parameter>(found: Found<Parameter>, options: MixtureReportOptions): string[] {
  const { result, samples, standardErrors } = found;
  return [
    heading('What they say together'),
    ...(samples ? mapSection(found, samples, options.features) : aloneSection(found, options.features)),
    ...clustersSection(found, options),
    folded('Weights as a figure', [
      figure(
        weightsFigure(result, { standardErrors }),
        standardErrors ? 'Weights with 95 % intervals; the last is 1 less the others.' : 'Weights of the components.',
      ),
    ]),
    ...bootstrapSection(found, options),
  ];
}

/** The mixture without rows: by its densities, ellipses, or the profile of its means. */
function aloneSection<Parameter>({ result }: Found<Parameter>, features: readonly string[] | undefined): string[] {
  const { family, dimension } = result.mixture;
  if (dimension === 1)
    return [
      figure(
        densityFigure(result, undefined, { axis: features?.[0] }),
        'The density of the mixture, and the share of each component.',
      ),
    ];
  if (!isGaussian(family)) return [];
  const gaussian = result as Aggregate<AnyGaussian>['result'];
  const named = features?.length === dimension ? { features } : {};
  if (dimension === 2) {
    const axes = features && ([features[0], features[1]] as [string, string]);
    return [
      figure(
        mixtureFigure(gaussian, undefined, { axes }),
        'Each component’s ellipse of two standard deviations, which holds 86 % of it.',
      ),
    ];
  }
  return dimension <= MOST_FEATURES
    ? [
        figure(
          pairsFigure(gaussian, undefined, named),
          'Each component’s ellipse of two standard deviations by pairs of features, and the density of each feature on the diagonal.',
        ),
      ]
    : [
        figure(
          profileFigure(gaussian, named),
          'The means of each component, feature by feature, and a standard deviation to either side, in units of the whole mixture.',
        ),
      ];
}

/** The rows in the colours of their components. */
function mapSection(
  { result }: Aggregate<unknown>,
  samples: Samples,
  features: readonly string[] | undefined,
): string[] {
  const { mixture } = result;
  const gaps = missingIn(samples);
  if (samples.columns === 1)
    return [
      figure(densityFigure(result, samples, { axis: features?.[0], ...gaps }), 'Rows and the density of the mixture.'),
    ];
  if (!isGaussian(mixture.family)) return [];
  const gaussian = result as Aggregate<AnyGaussian>['result'];
  const axes = samples.columns === 2 && features ? ([features[0], features[1]] as const) : undefined;
  const noise = mixture.noise ? ', grey if it is noise' : '';
  const map = figure(
    mixtureFigure(gaussian, samples, { axes: axes && [...axes], ...gaps }),
    `Rows in the colour of their most probable component${noise}, and each component’s ellipse of two standard deviations.`,
  );
  if (samples.columns === 2 || samples.columns > MOST_FEATURES) return [map];
  const pairs = figure(
    pairsFigure(gaussian, samples, { ...(features?.length === samples.columns && { features }), ...gaps }),
    'The same by pairs of features, and the density of each feature on the diagonal.',
  );
  return [map, pairs];
}

/** A number with the half of its 95 % interval, to two digits of that. */
function withInterval(value: number, error: number | undefined): string {
  const half = HALF_WIDTH * (error ?? Number.NaN);
  if (!(half > 0 && half < Infinity)) return shortNumber(value);
  const decimals = Math.min(12, Math.max(0, 1 - Math.floor(Math.log10(half))));
  return half < 1e5 && Math.abs(value) < 1e9
    ? `${value.toFixed(decimals)} ± ${half.toFixed(decimals)}`
    : `${shortNumber(value)} ± ${shortNumber(half, 2)}`;
}

/** Lists of numbers to four digits; else what it is. */
const brief = (value: unknown): unknown =>
  Array.isArray(value)
    ? `(${value.map((one) => (typeof one === 'number' ? shortNumber(one) : one)).join(', ')})`
    : value;

/** The components: their shares, rows, means and spreads, or what the family's `toJSON` says of each if it has no means. */
function clustersSection<Parameter>(
  { result, standardErrors }: Found<Parameter>,
  { features, categories }: MixtureReportOptions,
): string[] {
  const { mixture, sampleSize } = result;
  const { order, dimension, weights, noise } = mixture;
  const beside = noise
    ? ` Weights are of the rows that are not noise; noise is ${shortNumber(100 * noise.weight, 2)} % of all rows.`
    : '';
  const known = standardErrors ? ', with 95 % intervals' : '';
  const shareOf = (k: number) => ({
    component: k,
    weight: withInterval(weights[k], k < order - 1 ? standardErrors?.[k] : undefined),
    ...(sampleSize !== undefined && {
      'rows, about': Math.round(weights[k] * sampleSize * (1 - (noise?.weight ?? 0))),
    }),
  });
  const all = Array.from({ length: order }, (_, k) => k);
  if (mixture.parameters.every((parameter) => 'probabilities' in (parameter as object)))
    return [
      table(all.map(shareOf), `The components${known}.${beside}`),
      figure(
        probabilityFigure(mixture as Mixture, { features, categories }),
        'The probability of each category in each component.',
      ),
    ];
  const names = coordinateNames(mixture);
  const errorOf = (k: number, name: string) => standardErrors?.[names.indexOf(`component ${k}: ${name}`)];
  const means = mixture.parameters.map((parameter) => (parameter as Partial<AnyGaussian>).mean);
  if (!means.every((mean) => mean instanceof Float64Array)) {
    const rows = mixture.parameters.map((parameter, k) => ({
      ...shareOf(k),
      ...Object.fromEntries(
        Object.entries(mixture.family.toJSON(parameter) as object).map(([name, value]) => [
          name,
          typeof value === 'number' ? withInterval(value, errorOf(k, name)) : brief(value),
        ]),
      ),
    }));
    return [table(rows, `The components: weights and parameters${known}.${beside}`)];
  }
  const columns = Array.from({ length: dimension }, (_, i) => features?.[i] ?? `feature ${i}`);
  const frame = (first: readonly string[], cells: (k: number) => readonly unknown[]) => ({
    columns: [...first, ...columns],
    index: all,
    values: all.map((k) => cells(k)),
  });
  const share = all.map(shareOf);
  const spread = (k: number) => {
    const covariance = covarianceOf(mixture.parameters[k] as AnyGaussian);
    return columns.map((_, i) => shortNumber(Math.sqrt(covariance[i * dimension + i])));
  };
  return [
    table(
      frame(Object.keys(share[0]), (k) => [
        ...Object.values(share[k]),
        ...Array.from(means[k], (mean, i) => withInterval(mean, errorOf(k, `mean ${i}`))),
      ]),
      `The components: weights and means${known}.${beside}`,
    ),
    ...(isGaussian(mixture.family)
      ? [
          table(
            frame(['component'], (k) => [k, ...spread(k)]),
            'How wide they are: standard deviations.',
          ),
        ]
      : []),
  ];
}

/** The intervals of every coordinate, the bootstrap's beside the asymptotic ones. */
function bootstrapRows<Parameter>(
  { lower, upper, standardErrors, asymptotic }: Bootstrap,
  mixture: Mixture<Parameter>,
  features: readonly string[] | undefined,
) {
  const estimate = mixtureToVector(mixture);
  return coordinateNames(mixture, features).map((coordinate, i) => ({
    coordinate,
    estimate: estimate[i],
    'standard error': standardErrors[i],
    from: lower[i],
    to: upper[i],
    'asymptotic error': asymptotic?.standardErrors[i],
    'asymptotic from': asymptotic?.lower[i],
    'asymptotic to': asymptotic?.upper[i],
  }));
}

function bootstrapSection<Parameter>(
  { result }: Aggregate<Parameter>,
  { bootstrap, features }: MixtureReportOptions,
): string[] {
  if (!bootstrap) return [];
  const { simulated, failed, level, notes } = bootstrap;
  const caption =
    `${100 * level} % intervals by ${simulated.length + failed} simulations of the machines, their fits and the rule, beside the asymptotic ` +
    `ones, which hold for many rows on few machines.${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`;
  return [heading('How exact it is'), prose(caption), wholeTable(bootstrapRows(bootstrap, result.mixture, features))];
}

/** The intervals of a bootstrap as plain JSON. */
export function bootstrapJson<Parameter>(
  bootstrap: Bootstrap,
  mixture: Mixture<Parameter>,
  features: readonly string[] | undefined,
) {
  const { level, simulated, failed, notes, bias } = bootstrap;
  const coordinates = bootstrapRows(bootstrap, mixture, features).map((row, i) => ({ ...row, bias: bias[i] }));
  return { level, simulations: simulated.length, failed, notes, coordinates };
}
