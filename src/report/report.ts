import type { Aggregate, DfmrChoice } from '../aggregate/aggregate';
import type { Components } from '../aggregate/components';
import type { ModelAggregate } from '../aggregate/of-model';
import type { Analysis } from '../analysis/analyse';
import { type AnyExperts, isExperts } from '../experts/model';
import { componentsFigure } from '../figures/components-figure';
import { distanceFigure, distanceMatrixFigure } from '../figures/distance-figures';
import { inflationCurveFigure } from '../figures/inflation-curve-figure';
import { orderFigure } from '../figures/order-figure';
import { htmlPage } from '../page/html-page';
import type { OrderChoice } from '../protocol/choose-order-protocol';
import { type ExpertsReportOptions, type ExpertsResult, expertsJson, expertsSections } from './experts-sections';
import { headOf } from './head';
import { bootstrapJson, type MixtureReportOptions, mixtureSections } from './mixture-sections';
import { figure, folded, heading, list, prose, wholeTable } from './sections';
import { type MachineVerdict, type VerdictOptions, verdicts } from './verdicts';
import { wordsOf } from './words';

/** What a report says beside the aggregate itself. */
export interface ReportOptions extends ExpertsReportOptions, MixtureReportOptions, VerdictOptions {
  /**
   * the heading of the page
   * @defaultValue 'Report'
   */
  readonly title?: string;
  /**
   * sentences that stand before the aggregate's decisions
   * @defaultValue none
   */
  readonly notes?: readonly string[];
  /**
   * when and by what the report was made, such as 'dfmr 0.1.0, 29 November 2026'; not told if not given, so that the same result gives the same bytes
   * @defaultValue it is not told
   */
  readonly made?: string;
  /**
   * what whoever reads the report may do next, in sentences
   * @defaultValue nothing is proposed
   */
  readonly next?: readonly string[];
}

/** What is reported: an aggregate of mixtures or of mixtures of experts, or a whole analysis. */
export type Reported<Parameter> =
  | (Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'fits' | 'choice' | 'samples'>>)
  | ModelAggregate<AnyExperts>;

/** The aggregate as one of mixtures: what differs is asked of its result. */
function asOfMixtures<Parameter>(given: Reported<Parameter>) {
  return given as Aggregate<Parameter> & Partial<Pick<Analysis<Parameter>, 'fits' | 'choice' | 'samples'>>;
}

/**
 * The report of an aggregate, or of a whole analysis, for somebody who has not read the paper: what was asked, who was set aside and why,
 * what the others say together and how exactly that is known, and how it was decided.
 * @param given of `aggregate` or `analyse`
 * @param options what the report says beside the aggregate
 * @returns one HTML page that needs no network
 * @example
 * import { reportPage } from 'dfmr/notebook';
 * const page = reportPage(await aggregate(fits), { title: 'Three clusters', features: ['height', 'width'] });
 * page.slice(0, 15); // '<!doctype html>'
 */
export function reportPage<Parameter>(given: Reported<Parameter>, options: ReportOptions = {}): string {
  const aggregate = asOfMixtures(given);
  const { title = 'Report', notes = [], next = [] } = options;
  const { result, dfmr, components, decisions, choice } = aggregate;
  const all = verdicts(aggregate, options);
  const sections = [
    headOf(aggregate, all, options),
    ...machinesSections(all),
    ...(dfmr ? [distancesSection(dfmr, options)] : []),
    ...(components ? [componentsSection(components, options)] : []),
    ...(isOfExperts(result)
      ? expertsSections(result, { ...options, standardErrors: given.standardErrors })
      : mixtureSections(aggregate, options)),
    ...orderSection(choice),
    heading('How it was decided'),
    list([...notes, ...decisions.filter((one) => !one.startsWith('Set aside: '))]), // whom the first table names
    ...(dfmr ? [folded('Other inflation factors, and all distances', filterSection(dfmr, options))] : []),
    ...(next.length > 0 ? [heading('What to do next'), list(next)] : []),
    wordsOf(aggregate),
  ];
  return htmlPage(title, sections, true);
}

/** Whether it is the result of mixtures of experts. */
function isOfExperts(result: object): result is ExpertsResult {
  return isExperts((result as Partial<ExpertsResult>).model);
}

/** Who was not used, first and in full; the others folded away, as they are all alike. */
function machinesSections(all: readonly MachineVerdict[]): string[] {
  const shown = all.map(({ machine, rows, distance, verdict, reason, fit }) => ({
    machine,
    ...(rows !== undefined && { rows }),
    // of a machine that is used in part, the reason has the distance that decided
    ...(distance !== undefined && { 'distance ÷ threshold': verdict === 'kept in part' ? undefined : distance }),
    verdict,
    ...(reason !== undefined && { reason }),
    ...(fit !== undefined && { fit }),
  }));
  const odd = shown.filter(({ verdict }) => verdict === 'set aside' || verdict === 'kept in part');
  const others = shown.filter((one) => !odd.includes(one)).map(({ reason: _, ...rest }) => rest);
  const listed = odd.slice(0, MOST_LISTED);
  const rest =
    listed.length < odd.length
      ? [prose(`Of ${odd.length} these are the first ${listed.length}; the JSON of the result has all.`)]
      : [];
  const kept = `${others.length} ${others.length === 1 ? 'machine' : 'machines'} kept whole`;
  return [
    heading('Who was set aside, and why'),
    odd.length > 0 ? wholeTable(listed) : prose('Nobody: all that the machines sent was used.'),
    ...rest,
    ...(others.length > MOST_LISTED
      ? [prose(`${kept}, and not listed: the JSON of the result has all.`)]
      : others.length > 0
        ? [folded(kept, [wholeTable(others)])]
        : []),
  ];
}

/** Tables have so many machines at most. */
const MOST_LISTED = 300;

function distancesSection({ result, distances }: DfmrChoice<unknown>, { machines: names }: ReportOptions): string {
  return figure(
    distanceFigure(result, { names, distance: distances.title }),
    `Each machine’s distance to the centre of attention. What lies in the shaded band is kept.${
      result.distances.length > 1000 ? ' 1000 machines are drawn, evenly spaced in the order of their distances.' : ''
    }`,
  );
}

/** A map of more machines than this would be higher than anybody scrolls. */
const MOST_IN_MAP = 150;

function componentsSection(components: Components<unknown>, { machines: names }: ReportOptions): string {
  const m = components.keptWeights.length;
  const odd = new Set(components.setAside.map(({ machine }) => machine));
  const order = Array.from({ length: m }, (_, i) => i).sort((a, b) => Number(odd.has(b)) - Number(odd.has(a)) || a - b);
  const drawn = m <= MOST_IN_MAP ? undefined : order.slice(0, MOST_IN_MAP);
  const some = drawn ? ` Of ${m} machines ${drawn.length} are drawn, those that were not used first.` : '';
  const columns = isExperts(components.mixture)
    ? 'expert of the result, and one for the gates'
    : 'component of the result, and one for the weights w';
  return figure(
    componentsFigure(components, { names, machines: drawn }),
    `What was used of each machine: a column for every ${columns}. 1 is the threshold.${some}`,
  );
}

function filterSection(
  { result, distances, curve, inflationFactor }: DfmrChoice<unknown>,
  { machines: names }: ReportOptions,
): string[] {
  const m = distances.size;
  return [
    figure(
      inflationCurveFigure(curve, inflationFactor),
      'What other inflation factors would keep, and how far they would move the result. Where both curves are flat, the choice does not matter.',
    ),
    'at' in distances && m <= MOST_IN_MATRIX
      ? figure(
          distanceMatrixFigure(distances, result, { names }),
          'All distances between machines. Blue is nearer than the threshold, orange farther: those who agree make a blue square.',
        )
      : prose(`The picture of all distances is left out: between ${m} machines there are ${(m * (m - 1)) / 2}.`),
  ];
}

/** The picture of all distances is of so many machines at most: a cell of more cannot be seen, and makes pages of many megabytes. */
const MOST_IN_MATRIX = 300;

function orderSection(choice: OrderChoice | undefined): string[] {
  if (!choice) return [];
  const caption = `How K = ${choice.order} was chosen: the criteria of each order’s aggregate, by the median of the machines, above their least.`;
  return [heading('How many components'), figure(orderFigure(choice), caption)];
}

/**
 * What `reportPage` shows, as plain JSON.
 * @param given of `aggregate` or `analyse`
 * @param options what the report says beside the aggregate
 * @returns an object for `JSON.stringify`
 * @example
 * import { reportJson } from 'dfmr/notebook';
 * const report = reportJson(await aggregate(fits), { features: ['height', 'width'] });
 * Object.keys(report as object).slice(0, 4); // ['mixture', 'sampleSize', 'features', 'categories']
 */
export function reportJson<Parameter>(given: Reported<Parameter>, options: ReportOptions = {}): unknown {
  const aggregate = asOfMixtures(given);
  const { rule, result, dfmr, decisions, choice, standardErrors } = aggregate;
  return {
    ...(isOfExperts(result)
      ? expertsJson(result, { ...options, standardErrors })
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
