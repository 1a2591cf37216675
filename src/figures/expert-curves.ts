import type { Data, Layout } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { expertLawOf } from '../experts/expert-laws';
import { expertsGates } from '../experts/experts-density';
import type { AnyExperts } from '../experts/model';
import { countOf, type Samples } from '../math/table';
import { AXIS, layout } from './axes';

/** What the experts of figures, their covariates and responses are called. */
export interface ExpertNames {
  /**
   * the names of the K experts
   * @defaultValue 'expert 0', 'expert 1', …
   */
  readonly names?: readonly string[];
  /**
   * the names of the d covariates, with their units
   * @defaultValue 'x', or 'x0', 'x1', … of several
   */
  readonly covariates?: readonly string[];
  /**
   * the names of the q responses, with their units
   * @defaultValue 'y', or 'y0', 'y1', … of several
   */
  readonly responses?: readonly string[];
}

/** Which covariate moves along the axis, and which response is shown. */
export interface Slice {
  /**
   * the covariate along the axis, by its number or name; the others stay at their means
   * @defaultValue 0
   */
  readonly covariate?: number | string;
  /**
   * the response, by its number or name
   * @defaultValue 0
   */
  readonly response?: number | string;
}

/** Names, complete. */
export interface CompleteNames {
  readonly experts: readonly string[];
  readonly covariates: readonly string[];
  readonly responses: readonly string[];
}

/** @throws InvalidInput if there are not as many names as the model has experts, covariates or responses */
export function namesOf(
  { order, covariates: d, responses: q }: AnyExperts,
  { names, covariates, responses }: ExpertNames,
): CompleteNames {
  const complete = (given: readonly string[] | undefined, length: number, what: string, own: (i: number) => string) => {
    if (given && given.length !== length)
      throw new InvalidInput(`${given.length} names are given for ${length} ${what}: give one of each`);
    return given ?? Array.from({ length }, (_, i) => own(i));
  };
  return {
    experts: complete(names, order, 'experts', (k) => `expert ${k}`),
    covariates: complete(covariates, d, 'covariates', (c) => (d === 1 ? 'x' : `x${c}`)),
    responses: complete(responses, q, 'responses', (r) => (q === 1 ? 'y' : `y${r}`)),
  };
}

/**
 * The number of a covariate or a response.
 * @throws InvalidInput if there is none, listing them
 */
export function placeIn(names: readonly string[], given: number | string, what: string): number {
  const place = typeof given === 'number' ? given : names.indexOf(given);
  if (Number.isInteger(place) && place >= 0 && place < names.length) return place;
  throw new InvalidInput(
    `there is no ${what} ${typeof given === 'string' ? `"${given}"` : given}: there are ${names.join(', ')}`,
  );
}

/** Where curves are computed: rows that differ in one covariate. */
export interface Path {
  /** the values of that covariate, ascending */
  readonly x: Float64Array;
  /** its number */
  readonly covariate: number;
  /** what all covariates are elsewhere, d numbers */
  readonly at: Float64Array;
}

/** Points of a curve: enough for the eye. */
const PLACES = 81;

/** A path over the rows of covariates: from the least value to the largest, the others at their means. */
export function pathOver(samples: Samples, covariate: number, places = PLACES): Path {
  const { data, columns: d, weights } = samples;
  const N = countOf(samples);
  const at = new Float64Array(d);
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) at[i % d] += ((weights?.[Math.floor(i / d)] ?? 1) * data[i]) / N;
  for (let i = covariate; i < data.length; i += d) {
    least = Math.min(least, data[i]);
    most = Math.max(most, data[i]);
  }
  return pathFrom([least, most], covariate, at, places);
}

/** A path from one value of a covariate to another. */
export function pathFrom(
  [from, to]: readonly [number, number],
  covariate: number,
  at: Float64Array,
  places = PLACES,
): Path {
  return { x: Float64Array.from({ length: places }, (_, i) => from + ((to - from) * i) / (places - 1)), covariate, at };
}

/** An expert along a path. */
export interface ExpertCurve {
  /** the mean of the response */
  readonly mean: Float64Array;
  /** two standard deviations of the response below and above the mean, but no count below 0; absent if responses are 0 or 1 */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array };
  /** π_k */
  readonly gate: Float64Array;
}

/** The experts of a model along a path. */
export function expertCurves(model: AnyExperts, { x, covariate, at }: Path, response: number): ExpertCurve[] {
  const law = expertLawOf(model.law);
  const rows = Array.from(x, (value) => Array.from(at, (own, c) => (c === covariate ? value : own)));
  const gates = expertsGates(model, rows);
  return Array.from({ length: model.order }, (_, k): ExpertCurve => {
    const line = lineOf(model, k, response);
    const eta = Float64Array.from(rows, (row) => row.reduce((sum, value, c) => sum + line[c + 1] * value, line[0]));
    const mean = eta.map(law.mean);
    const variance = varianceOf(model, k, response);
    const spread = eta.map((one) => 2 * Math.sqrt(variance ?? law.slope(one)));
    const least = law.name === 'poisson' ? 0 : -Infinity;
    const band = {
      low: mean.map((one, j) => Math.max(least, one - spread[j])),
      high: mean.map((one, j) => one + spread[j]),
    };
    return { mean, ...(law.name !== 'logistic' && { band }), gate: x.map((_x, j) => gates[j * model.order + k]) };
  });
}

/** Coefficients of experts, or their standard errors: 1 + d numbers of each, or of several responses q × (1 + d). */
export interface Coefficients {
  /** of each expert, the constant first */
  readonly coefficients: readonly (readonly number[] | readonly (readonly number[])[])[];
}

/** The coefficients of an expert for one response, the constant first. */
export function lineOf({ coefficients }: Coefficients, k: number, response: number): readonly number[] {
  const own = coefficients[k];
  return typeof own[0] === 'number' ? (own as readonly number[]) : (own as readonly (readonly number[])[])[response];
}

/** The variance of an expert for one response; undefined for laws without. */
export function varianceOf({ variances }: AnyExperts, k: number, response: number): number | undefined {
  const own = variances[k];
  return typeof own === 'object' ? own[response][response] : own;
}

/** What stands below the axis of a covariate. */
export function axisTitle({ covariates: names }: CompleteNames, covariate: number, others: string): string {
  return names.length > 1
    ? `${names[covariate]}<br><span style="font-size:12px">others at ${others}</span>`
    : names[covariate];
}

/** Lines above and a strip of gates below them; of one expert, which has no gate, lines alone. */
export function linesLayout({
  order,
  xaxis,
  yaxis,
  ...rest
}: Partial<Layout> & { readonly order: number }): Partial<Layout> {
  if (order === 1) return layout({ ...rest, xaxis, yaxis });
  return {
    ...layout({ ...rest, xaxis: { ...xaxis, anchor: 'y2' }, yaxis: { ...yaxis, domain: [0.28, 1] } }),
    yaxis2: {
      ...AXIS,
      title: { text: 'gate' },
      domain: [0, 0.2],
      range: [-0.04, 1.04],
      tickvals: [0, 0.5, 1],
      anchor: 'x',
    },
  };
}

/** The traces that `linesLayout` has a place for. */
export function withoutGates(traces: readonly Partial<Data>[], order: number): Partial<Data>[] {
  return traces.filter((trace) => order > 1 || (trace as { readonly yaxis?: string }).yaxis !== 'y2');
}

/** Where the gate of an expert is below this, it is hardly ever seen: its line is dotted, and lines of machines end. */
export const LEAST_GATE = 0.05;
