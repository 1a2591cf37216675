import type { Aggregate, DfmrChoice } from '../aggregate/aggregate';
import type { Components } from '../aggregate/components';
import type { Analysis } from '../analysis/analyse';
import type { Bootstrap } from '../analysis/bootstrap';
import { type ExpertsEstimate, isExperts } from '../experts/model';
import { isGaussian } from '../families/any-gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { evenlySpaced } from '../figures/axes';
import { componentsFigure } from '../figures/components-figure';
import { densityFigure } from '../figures/density-figure';
import { distanceFigure, distanceMatrixFigure } from '../figures/distance-figures';
import { inflationCurveFigure } from '../figures/inflation-curve-figure';
import { mixtureFigure } from '../figures/mixture-figure';
import { orderFigure } from '../figures/order-figure';
import { MOST_FEATURES, pairsFigure } from '../figures/pairs-figure';
import { probabilityFigure } from '../figures/probability-figure';
import { weightsFigure } from '../figures/weights-figure';
import { missingIn } from '../math/missing-cells';
import { shortNumber } from '../math/short-number';
import type { Samples } from '../math/table';
import { coordinateNames } from '../mixture/coordinate-names';
import { type Mixture, mixtureToVector } from '../mixture/mixture';
import { escapeHtml } from '../page/html';
import { htmlPage } from '../page/html-page';
import { tableBundle } from '../page/table-html';
import type { OrderChoice } from '../protocol/choose-order-protocol';
import { type ExpertsReportOptions, type ExpertsResult, expertsJson, expertsSections } from './experts-sections';
import { figure, heading, output, prose, wholeTable } from './sections';

/** What a report says beside the aggregate itself. */
export interface ReportOptions extends ExpertsReportOptions {
  /**
   * the heading of the page
   * @defaultValue 'Report'
   */
  readonly title?: string;
  /**
   * the names of the machines, in the order of the estimates
   * @defaultValue 'machine 0', 'machine 1', …
   */
  readonly machines?: readonly string[];
  /**
   * the names of the features
   * @defaultValue 'feature 0', 'feature 1', …
   */
  readonly features?: readonly string[];
  /** of each feature the categories that stand for its codes */
  readonly categories?: readonly (readonly string[])[];
  /** what was aggregated, in order: fits that did not converge are named, and the lines of experts drawn; an analysis has its own */
  readonly estimates?: readonly (Converging | ExpertsEstimate)[];
  /** the messages that were refused before the aggregation, each with the reason */
  readonly refused?: readonly { readonly name: string; readonly reason: string }[];
  /** the bootstrap of the aggregate, to show its intervals beside the asymptotic ones */
  readonly bootstrap?: Bootstrap;
  /** sentences that stand before the aggregate's decisions */
  readonly notes?: readonly string[];
}

/** What says whether EM converged: a fit, or an estimate that a machine sent. */
interface Converging {
  readonly converged?: boolean;
  readonly fitted?: { readonly converged?: boolean };
}

/** A machine in the report. */
export interface MachineVerdict {
  readonly machine: string;
  readonly rows?: number;
  /**
   * to the centre of attention, in radii; under the component rule, of the farthest of its components and weights that were used (of
   * all, if none was), in thresholds: 1 is at the threshold
   */
  readonly distance?: number;
  readonly verdict: 'kept' | 'kept, the centre of attention' | 'kept in part' | 'set aside';
  /** why the machine, or which of its components and why, was not used; empty if all was */
  readonly reason?: string;
  /** what is wrong with the machine's fit, and the remedy; absent if EM converged, or the machine does not say */
  readonly fit?: string;
}

/**
 * Who was kept, and why others were not.
 * @returns the machines whose estimates were aggregated, in order, then those that were set aside before
 */
export function verdicts(
  { result, dfmr, components, fits }: Aggregate<unknown> & Partial<Pick<Analysis<unknown>, 'fits'>>,
  { machines, estimates = fits, refused = [] }: ReportOptions = {},
): MachineVerdict[] {
  const kept = new Set(result.kept);
  const reasonsOf = new Map<number, string[]>();
  for (const { machine, component, reason } of result.setAside) {
    // the component rule's reasons name the component
    const why = component === undefined || components ? reason : `component ${component}: ${reason}`;
    reasonsOf.set(machine, [...(reasonsOf.get(machine) ?? []), why]);
  }
  const m = [...kept, ...reasonsOf.keys()].reduce((most, i) => Math.max(most, i + 1), 0);
  const verdictOf = (i: number, reasons: readonly string[]) => {
    if (i === dfmr?.result.coat.index) return 'kept, the centre of attention';
    return reasons.length > 0 ? 'kept in part' : 'kept';
  };
  return [
    ...Array.from({ length: m }, (_, i): MachineVerdict => {
      const { converged, fitted } = (estimates?.[i] ?? {}) as Converging;
      const reasons = reasonsOf.get(i) ?? [];
      return {
        machine: machines?.[i] ?? `machine ${i}`,
        ...(fits && { rows: fits[i].sampleSize }),
        ...(dfmr && { distance: dfmr.curve.ratios[i] }),
        ...(components && { distance: farthestOf(components, i, kept.has(i)) }),
        verdict: kept.has(i) ? verdictOf(i, reasons) : 'set aside',
        reason: reasons.join('; '),
        ...((converged ?? fitted?.converged) === false && { fit: 'EM did not converge: raise maxIterations' }),
      };
    }),
    ...refused.map(({ name, reason }): MachineVerdict => ({ machine: name, verdict: 'set aside', reason })),
  ];
}

/** In thresholds, the distance of the farthest part of a machine that was used; of the farthest of all, if none was. */
function farthestOf(
  { mixture, keptComponents, keptWeights, distances }: Components<unknown>,
  i: number,
  isKept: boolean,
): number {
  const { order: K } = mixture;
  const parts = distances.subarray(i * (K + 1), (i + 1) * (K + 1));
  const isUsed = (k: number) => (k < K ? keptComponents[i * K + k] : keptWeights[i]) === 1;
  return Math.max(...(isKept ? parts.filter((_, k) => isUsed(k)) : parts));
}

/**
 * The report of an aggregate, or of a whole analysis: what was decided, who was kept and why, the distances, and the mixture with
 * its uncertainty.
 * @param aggregate of `aggregate` or `analyse`
 * @returns one HTML page that needs no network
 * @example
 * const mixture = mixsim({ order: 2, dimension: 2, maximumOverlap: 0.01, seed: 1 });
 * const analysis = await analyse(sample(mixture, 2000, 1).data, { machines: 5, order: 2 });
 * const page = reportPage(analysis, { title: 'Two clusters', features: ['height', 'weight'] });
 */
export function reportPage<Parameter>(
  aggregate: Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'fits' | 'choice' | 'samples'>>,
  options: ReportOptions = {},
): string {
  const { title = 'Report', notes = [] } = options;
  const { result, dfmr, components, decisions, choice } = aggregate;
  const sections = [
    `<section class="prose"><h1>${escapeHtml(title)}</h1>`,
    `<ul>${[...notes, ...decisions].map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul></section>`,
    heading('Who was kept, and why'),
    ...(dfmr ? [distancesSection(dfmr, options)] : []),
    ...(components ? [componentsSection(components, options)] : []),
    ...verdictsSection(verdicts(aggregate, options)),
    ...(dfmr ? filterSection(dfmr, options) : []),
    ...orderSection(choice),
    ...(isOfExperts(result) ? expertsSections(result, options) : mixtureSections(aggregate, options)),
  ];
  return htmlPage(title, sections, true);
}

/** Whether it is the result of mixtures of experts. */
function isOfExperts(result: object): result is ExpertsResult {
  return isExperts((result as Partial<ExpertsResult>).model);
}

/** The mixture and its uncertainty. */
function mixtureSections<Parameter>(
  aggregate: Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'samples'>>,
  options: ReportOptions,
): string[] {
  const { features, categories } = options;
  const { result, samples, standardErrors } = aggregate;
  return [
    heading('The mixture'),
    ...mapSection(aggregate, samples, features),
    figure(
      weightsFigure(result, { standardErrors }),
      standardErrors ? 'Weights with 95 % intervals; the last is 1 less the others.' : 'Weights of the components.',
    ),
    ...parametersSection(aggregate, { features, categories }),
    ...bootstrapSection(aggregate, options),
  ];
}

/** Of more machines than are listed, so many have a row in the picture of their parts. */
const MOST_ROWS_DRAWN = 100;

/** The table of verdicts is of all machines up to this many; of more, of those of which something was not used. */
const MOST_LISTED = 300;

function verdictsSection(all: readonly MachineVerdict[]): string[] {
  if (all.length <= MOST_LISTED) return [wholeTable(all)];
  const told = all.filter(({ verdict, fit }) => verdict !== 'kept' || fit !== undefined);
  const kept = `${all.length - told.length} of ${all.length} machines are kept whole, and not listed`;
  const listed = told.slice(0, MOST_LISTED);
  const rest = told.length > listed.length ? `; of the other ${told.length} these are the first ${listed.length}` : '';
  return [prose(`${kept}${rest}. The JSON of the result has all.`), wholeTable(listed)];
}

function distancesSection({ result, distances }: DfmrChoice<unknown>, { machines: names }: ReportOptions): string {
  return figure(
    distanceFigure(result, { names, distance: distances.title }),
    `Each machine’s distance to the centre of attention. What lies in the shaded band is kept.${
      result.distances.length > 1000 ? ' 1000 machines are drawn, evenly spaced in the order of their distances.' : ''
    }`,
  );
}

function componentsSection(components: Components<unknown>, { machines: names }: ReportOptions): string {
  const m = components.keptComponents.length / components.mixture.order;
  const all = Array.from({ length: m }, (_, i) => i);
  const machines = m > MOST_LISTED ? evenlySpaced(all, MOST_ROWS_DRAWN) : undefined;
  const some = machines ? ` ${machines.length} of ${m} machines are drawn, evenly spaced in their order.` : '';
  return figure(
    componentsFigure(components, { names, machines }),
    `What was used of each machine: a column for every component of the result, and one for the weights.${some} Distances in the table are those of the farthest part that was used.`,
  );
}

function filterSection(
  { result, distances, curve, inflationFactor }: DfmrChoice<unknown>,
  { machines: names }: ReportOptions,
): string[] {
  const m = distances.size;
  return [
    'at' in distances && m <= MOST_IN_MATRIX
      ? figure(
          distanceMatrixFigure(distances, result, { names }),
          'All distances. Blue is nearer than the threshold, orange farther: honest machines make a blue square.',
        )
      : prose(`The picture of all distances is left out: between ${m} machines there are ${(m * (m - 1)) / 2}.`),
    figure(
      inflationCurveFigure(curve, inflationFactor),
      'What other inflation factors would keep, and how far they would move the result. Where both curves are flat, the choice does not matter.',
    ),
  ];
}

/**
 * What `reportPage` shows, as plain JSON.
 * @param aggregate of `aggregate` or `analyse`
 * @returns an object for `JSON.stringify`
 */
export function reportJson<Parameter>(
  aggregate: Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'fits' | 'choice'>>,
  options: ReportOptions = {},
): unknown {
  const { rule, result, dfmr, decisions, choice, standardErrors } = aggregate;
  return {
    ...(isOfExperts(result)
      ? expertsJson(result, options)
      : {
          mixture: result.mixture.toJSON(),
          sampleSize: result.sampleSize,
          features: options.features,
          categories: options.categories,
          standardErrors: standardErrors && Array.from(standardErrors),
          ...(options.bootstrap && { bootstrap: bootstrapJson(options.bootstrap, result.mixture, options.features) }),
        }),
    rule,
    ...(dfmr && { inflationFactor: dfmr.inflationFactor, suggestion: dfmr.curve.suggestion }),
    machines: verdicts(aggregate, options),
    order: choice,
    decisions: [...(options.notes ?? []), ...decisions],
  };
}

/** The picture of all distances is of so many machines at most: a cell of more cannot be seen, and makes pages of many megabytes. */
const MOST_IN_MATRIX = 300;

function orderSection(choice: OrderChoice | undefined): string[] {
  if (!choice) return [];
  const caption = `How K = ${choice.order} was chosen: the criteria of each order’s aggregate, by the median of the machines, above their least.`;
  return [heading('How many components'), figure(orderFigure(choice), caption)];
}

function mapSection(
  { result }: Aggregate<unknown>,
  samples: Samples | undefined,
  features: readonly string[] | undefined,
): string[] {
  if (!samples) return [];
  const { mixture } = result;
  const gaps = missingIn(samples);
  if (samples.columns === 1)
    return [
      figure(densityFigure(result, samples, { axis: features?.[0], ...gaps }), 'Rows and the density of the mixture.'),
    ];
  if (!isGaussian(mixture.family)) return [];
  const gaussian = result as Aggregate<GaussianParameter>['result'];
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

/** Lists of numbers to four digits; else what it is. */
const brief = (value: unknown): unknown =>
  Array.isArray(value)
    ? `(${value.map((one) => (typeof one === 'number' ? shortNumber(one) : one)).join(', ')})`
    : value;

/** The weights with the means, or with what the family's `toJSON` says of each component if it has no means. */
function parametersSection<Parameter>(
  { result }: Aggregate<Parameter>,
  { features, categories }: Pick<ReportOptions, 'features' | 'categories'>,
): string[] {
  const { mixture } = result;
  if (mixture.parameters.every((parameter) => 'probabilities' in (parameter as object)))
    return [
      figure(
        probabilityFigure(mixture as Mixture, { features, categories }),
        'The probability of each category in each component.',
      ),
    ];
  const means = mixture.parameters.map((parameter) => (parameter as Partial<GaussianParameter>).mean);
  if (!means.every((mean) => mean instanceof Float64Array)) {
    const rows = mixture.parameters.map((parameter, k) => ({
      component: k,
      weight: mixture.weights[k],
      ...Object.fromEntries(
        Object.entries(mixture.family.toJSON(parameter) as object).map(([name, value]) => [name, brief(value)]),
      ),
    }));
    return [output(tableBundle(rows, { caption: 'Weights and parameters of the components.' })['text/html'])];
  }
  const columns = Array.from({ length: mixture.dimension }, (_, i) => features?.[i] ?? `feature ${i}`);
  const values = means.map((mean, k) => [k, mixture.weights[k], ...mean]);
  const frame = { columns: ['component', 'weight', ...columns], index: [...values.keys()], values };
  const { noise } = mixture;
  const beside = noise
    ? ` The weights are of the rows that are not noise; noise is ${shortNumber(100 * noise.weight, 2)} % of all rows.`
    : '';
  return [output(tableBundle(frame, { caption: `Weights and means of the components.${beside}` })['text/html'])];
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
  { bootstrap, features }: ReportOptions,
): string[] {
  if (!bootstrap) return [];
  const { simulated, failed, level, notes } = bootstrap;
  const caption =
    `${100 * level} % intervals by ${simulated.length + failed} simulations of the machines, their fits and the rule, beside the asymptotic ` +
    `ones, which hold for many rows on few machines.${notes.length > 0 ? ` ${notes.join(' ')}` : ''}`;
  return [heading('How exact it is'), prose(caption), wholeTable(bootstrapRows(bootstrap, result.mixture, features))];
}

function bootstrapJson<Parameter>(
  bootstrap: Bootstrap,
  mixture: Mixture<Parameter>,
  features: readonly string[] | undefined,
) {
  const { level, simulated, failed, notes, bias } = bootstrap;
  const coordinates = bootstrapRows(bootstrap, mixture, features).map((row, i) => ({ ...row, bias: bias[i] }));
  return { level, simulations: simulated.length, failed, notes, coordinates };
}
