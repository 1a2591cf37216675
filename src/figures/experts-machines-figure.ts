import type { Data } from 'plotly.js-dist';
import type { SetAside } from '../aggregate/rule';
import { InvalidInput } from '../errors';
import { type AnyExperts, type ExpertsEstimate, expertsOf } from '../experts/model';
import { type Table, toSamples } from '../math/table';
import { shortName } from './axes';
import {
  axisTitle,
  type ExpertCurve,
  type ExpertNames,
  expertCurves,
  LEAST_GATE,
  linesLayout,
  namesOf,
  type Path,
  pathOver,
  placeIn,
  type Slice,
  withoutGates,
} from './expert-curves';
import type { Figure } from './figure';
import { componentColour, failedColour, quietColour } from './palette';
import { rounded, thinned } from './points';

/** Machines of the figure that were used, and as many that were not: more would hide each other and swell the notebook. */
const MOST_MACHINES = 60;

/** Points of a machine's line. */
const PLACES = 31;

/** What an aggregation of mixtures of experts says of them. */
export interface ExpertsVerdict {
  /** what the machines say together */
  readonly model: AnyExperts;
  /** the machines of which something was used */
  readonly kept: ArrayLike<number>;
  /** what was not used */
  readonly setAside: readonly Pick<SetAside, 'machine' | 'component'>[];
}

/** What `expertsMachinesFigure` may be told. */
export interface ExpertsMachinesFigureOptions extends ExpertNames, Slice {
  /**
   * the true model, as in simulations: its lines are dashed and black
   * @defaultValue no truth is drawn
   */
  readonly truth?: ExpertsEstimate;
  /**
   * the names of the machines
   * @defaultValue 'machine 0', 'machine 1', …
   */
  readonly machines?: readonly string[];
}

/**
 * Which lines are true? The experts of all machines over one covariate, others at their means: thin and grey what was used, dotted
 * and orange what was set aside, and bold in the experts' colours what the machines say together. Below, the gates. Lines of machines end where
 * their gates are below 0.05. What lies far outside of all that was used is cut off.
 * @param estimates m mixtures of experts, or results that hold one
 * @param result of their aggregation: `model`, `kept` and `setAside`
 * @param covariates S × d, the server's own rows: they say from where to where the covariate goes, and the means of the others
 * @param options names, and which covariate and response are drawn
 * @throws InvalidInput if the estimates, rows or names do not fit the model, or there is no such covariate
 * @example
 * const line = (slope: number) => expertsModel({ gates: [[0, 0]], coefficients: [[0, slope]], variances: [0.1] });
 * const result = { model: line(1.05), kept: [0, 1], setAside: [{ machine: 2 }] };
 * const figure = expertsMachinesFigure([line(1), line(1.1), line(-2)], result, [-1, 0, 1]);
 * figure.data.flatMap(({ name }) => name ?? []); // ['machines', 'set aside', 'expert 0', 'truth']
 */
export function expertsMachinesFigure(
  estimates: readonly ExpertsEstimate[],
  result: ExpertsVerdict,
  covariates: Table,
  options: ExpertsMachinesFigureOptions = {},
): Figure {
  const { model, kept, setAside } = result;
  const machines = estimates.map((one, i) => expertsOf(one, `the estimate of machine ${i}`));
  const other = machines.findIndex((one) => one.covariates !== model.covariates || one.responses !== model.responses);
  if (other >= 0) throw new InvalidInput(`machine ${other} has other covariates or responses than the aggregate`);
  const names = namesOf(model, options);
  const covariate = placeIn(names.covariates, options.covariate ?? 0, 'covariate');
  const response = placeIn(names.responses, options.response ?? 0, 'response');
  const rows = toSamples(covariates);
  const path = pathOver(rows, covariate);
  const few = pathOver(rows, covariate, PLACES);
  const used = new Set(Array.from(kept));
  const isUsed = (i: number, k: number) =>
    used.has(i) &&
    !setAside.some(({ machine, component }) => machine === i && (component === undefined || component === k));
  const groups = [true, false].map((wanted) => {
    const all = machines.map((_, i) => i).filter((i) => wanted === used.has(i));
    return thinned(all.length, MOST_MACHINES).map((at) => all[at]);
  });
  const drawn = groups.flat().map((i) => ({ i, curves: expertCurves(machines[i], few, response) }));
  const lines = (of: (i: number, k: number) => boolean, look: Look, key: string) => [
    ...drawn.flatMap(({ i, curves }) => {
      const own = curves.filter((_, k) => of(i, k));
      const name = options.machines?.[i] ?? `machine ${i}`;
      return own.length > 0 ? tracesOf(own, few, { ...look, hovertemplate: `${name}<extra></extra>` }) : [];
    }),
    { type: 'scatter', mode: 'lines', x: [null], y: [null], name: key, ...look } as Partial<Data>,
  ];
  const aggregate = expertCurves(model, path, response);
  const truth = options.truth ? expertCurves(expertsOf(options.truth, 'the truth'), path, response) : [];
  const believed = drawn.flatMap(({ i, curves }) => curves.filter((_, k) => isUsed(i, k)));
  const aside = (i: number, k: number) => !isUsed(i, k);
  const anyAside = drawn.some(({ i, curves }) => curves.some((_, k) => aside(i, k)));
  const data: Partial<Data>[] = [
    ...lines(isUsed, { line: { color: quietColour, width: 1.2 }, opacity: 0.55 }, 'machines'),
    ...(anyAside ? lines(aside, { line: { color: failedColour, width: 1.3, dash: 'dot' } }, 'set aside') : []),
    ...aggregate.flatMap((curve, k) =>
      tracesOf(
        [curve],
        path,
        { name: shortName(names.experts[k]), line: { color: componentColour(k), width: 4 } },
        true,
      ),
    ),
    ...tracesOf(truth, path, { name: 'truth', line: { color: '#111111', width: 1.5, dash: 'dash' } }, truth.length > 0),
  ];
  return {
    data: withoutGates(data, model.order),
    layout: linesLayout({
      height: 540,
      margin: { t: 60, r: 20, b: 65, l: 65 },
      order: model.order,
      xaxis: { title: { text: axisTitle(names, covariate, 'their means') } },
      yaxis: { title: { text: names.responses[response] }, range: rangeOf([...aggregate, ...believed]) },
    }),
  };
}

/** How lines look, and what they tell. */
interface Look {
  readonly name?: string;
  readonly hovertemplate?: string;
  readonly opacity?: number;
  readonly line: { readonly color: string; readonly width: number; readonly dash?: 'dash' | 'dot' };
}

/** The lines of some experts, where they are seen, as one trace, and their gates as another. */
function tracesOf(curves: readonly ExpertCurve[], { x }: Path, look: Look, showlegend = false): Partial<Data>[] {
  const places = rounded(x, 4);
  const joined = (own: (curve: ExpertCurve) => (number | null)[]) => curves.flatMap((curve) => [...own(curve), null]);
  const shared = {
    type: 'scatter',
    mode: 'lines',
    x: joined(() => places),
    hoverinfo: look.hovertemplate ? 'all' : 'skip',
    ...look,
  } as const;
  const seen = ({ mean, gate }: ExpertCurve) => rounded(mean, 4).map((one, j) => (gate[j] < LEAST_GATE ? null : one));
  return [
    { ...shared, y: joined(seen), showlegend },
    { ...shared, y: joined(({ gate }) => rounded(gate, 3)), yaxis: 'y2', showlegend: false },
  ] as Partial<Data>[];
}

/** From where to where lines and bands go that are believed, and half as much again on either side. */
function rangeOf(curves: readonly ExpertCurve[]): [number, number] {
  const ends = curves.flatMap(({ mean, gate }) => Array.from(mean).filter((_, j) => gate[j] >= LEAST_GATE));
  const [least, most] = ends.reduce(
    ([low, high], one) => [Math.min(low, one), Math.max(high, one)],
    [Infinity, -Infinity],
  );
  const margin = 0.35 * (most - least || 1);
  return [least - margin, most + margin];
}
