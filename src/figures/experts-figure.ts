import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { expertsResponsibilities } from '../experts/experts-density';
import { type AnyExperts, type ExpertsEstimate, expertsOf } from '../experts/model';
import { requireOneOf } from '../math/checks';
import { wholeRows } from '../math/missing-cells';
import { type Samples, type Table, takeRows, toSamples } from '../math/table';
import { shortName } from './axes';
import {
  axisTitle,
  type CompleteNames,
  type ExpertCurve,
  type ExpertNames,
  expertCurves,
  LEAST_GATE,
  lineOf,
  linesLayout,
  namesOf,
  type Path,
  pathFrom,
  pathOver,
  placeIn,
  type Slice,
  withoutGates,
} from './expert-curves';
import type { Figure } from './figure';
import { componentColour } from './palette';
import { coordinates, rounded, thinned } from './points';

/** Points of the figure: more would hide each other and swell the notebook. */
const MOST_POINTS = 1500;

/** What `expertsFigure` may be told. */
export interface ExpertsFigureOptions extends ExpertNames, Slice {
  /**
   * from where to where the covariate goes
   * @defaultValue over the rows
   */
  readonly range?: readonly [number, number];
  /**
   * 'drop' if rows that lack a value are left out, as `fitExperts` does
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: 'drop';
}

/**
 * The experts of a mixture over one covariate. Above, the rows in the colour of their most probable expert, pale where it is in doubt, and of
 * each expert its line with a band of two standard deviations on either side, dotted where its gate is below 0.05; below, the gates
 * π_k(x). Of several covariates one moves and the others stay at their means; Gaussian responses are then moved to where
 * their most probable expert has them at these means, so that what is left about the line is the residual.
 * @param estimate a mixture of experts, or a result that holds one
 * @param x n rows of d covariates; without rows, the option `range` says where lines are drawn, other covariates at 0
 * @param y n rows of q responses
 * @param options names, which covariate and response are drawn, and in which range
 * @throws InvalidInput if there are covariates without responses, neither rows nor a range, no such covariate, or rows and names do not fit the model
 * @example
 * const model = expertsModel({ gates: [[0, 4], [0, 0]], coefficients: [[1, 3], [0, -3]], variances: [0.1, 0.2] });
 * const x = Array.from({ length: 200 }, (_, j) => j / 100 - 1);
 * const figure = expertsFigure(model, x, sampleExperts(model, x, 1).data);
 * figure.data.flatMap(({ name }) => name ?? []); // ['expert 0', 'expert 1']
 */
export function expertsFigure(
  estimate: ExpertsEstimate,
  x?: Table,
  y?: Table,
  options: ExpertsFigureOptions = {},
): Figure {
  const model = expertsOf(estimate);
  const names = namesOf(model, options);
  const covariate = placeIn(names.covariates, options.covariate ?? 0, 'covariate');
  const response = placeIn(names.responses, options.response ?? 0, 'response');
  if ((x === undefined) !== (y === undefined))
    throw new InvalidInput('covariates and responses are drawn together: give both, or neither and a range');
  if (x === undefined && options.range === undefined)
    throw new InvalidInput('there are no rows: give the range in which lines are drawn, as range: [from, to]');
  const rows = x !== undefined && y !== undefined ? rowsToDraw(x, y, options.missing) : undefined;
  const over = rows ? pathOver(rows.x, covariate) : undefined;
  const at = over?.at ?? new Float64Array(model.covariates);
  const path = options.range ? pathFrom(options.range, covariate, at) : (over as Path);
  const curves = expertCurves(model, path, response);
  return {
    data: [
      ...(rows ? pointsOf(model, rows, path, response) : []),
      ...withoutGates(
        curves.flatMap((curve, k) => linesOf(curve, k, path, names)),
        model.order,
      ),
    ],
    layout: linesLayout({
      height: 520,
      margin: { t: 40, r: 20, b: 65, l: 65 },
      order: model.order,
      xaxis: { title: { text: axisTitle(names, covariate, rows ? 'their means' : '0') } },
      yaxis: { title: { text: names.responses[response] } },
    }),
  };
}

/** Covariates and responses of the same rows. */
interface Rows {
  readonly x: Samples;
  readonly y: Samples;
}

/** @throws InvalidInput if the tables differ in length, or no row has all values */
function rowsToDraw(given: Table, responses: Table, missing: 'drop' | undefined): Rows {
  if (missing !== undefined) requireOneOf('missing', missing, ['drop']);
  const [x, y] = [given, responses].map((table) => toSamples(table, missing && 'em'));
  if (x.rows !== y.rows)
    throw new InvalidInput(`there are ${x.rows} rows of covariates and ${y.rows} of responses: each row needs both`);
  if (!missing) return { x, y };
  const whole = new Set(wholeRows(y));
  const places = wholeRows(x).filter((j) => whole.has(j));
  if (places.length === 0) throw new InvalidInput('no row has a value in every column: there is nothing to draw');
  return { x: takeRows(x, places), y: takeRows(y, places) };
}

/** The line of an expert, solid where it is seen and dotted elsewhere, its band, and its gate. */
function linesOf(
  { mean, band, gate }: ExpertCurve,
  k: number,
  { x }: Path,
  { experts }: CompleteNames,
): Partial<Data>[] {
  const colour = componentColour(k);
  const shared = { type: 'scatter', mode: 'lines', legendgroup: `${k}`, hoverinfo: 'skip', showlegend: false } as const;
  const places = rounded(x, 5);
  const seen = Array.from(gate, (one) => one >= LEAST_GATE);
  // with the first and last place of a gap, so that dots join the line
  const unseen = seen.map((one, j) => !one || seen[j - 1] === false || seen[j + 1] === false);
  const where = (shown: readonly boolean[]) => rounded(mean, 5).map((value, j) => (shown[j] ? value : null));
  return [
    ...(band ? bandOf(band, seen, places, { ...shared, fillcolor: `${colour}22` }) : []),
    ...(unseen.includes(true)
      ? [{ ...shared, x: places, y: where(unseen), line: { color: colour, width: 1.5, dash: 'dot' } } as const]
      : []),
    {
      ...shared,
      name: shortName(experts[k]),
      x: places,
      y: where(seen),
      line: { color: colour, width: 3 },
      showlegend: true,
    },
    { ...shared, x: places, y: rounded(gate, 4), yaxis: 'y2', line: { color: colour, width: 2 } },
  ];
}

/** A polygon for each stretch in which the expert is seen. */
function bandOf(
  { low, high }: NonNullable<ExpertCurve['band']>,
  seen: readonly boolean[],
  places: readonly number[],
  shared: Partial<Data>,
): Partial<Data>[] {
  const stretches: number[][] = [];
  for (const [j, one] of seen.entries()) {
    if (!one) continue;
    if (seen[j - 1] && stretches.length > 0) stretches[stretches.length - 1].push(j);
    else stretches.push([j]);
  }
  return stretches.map((own): Partial<Data> => {
    const back = [...own].reverse();
    return {
      ...shared,
      x: [...own, ...back].map((j) => places[j]),
      y: rounded([...own.map((j) => high[j]), ...back.map((j) => low[j])], 5),
      fill: 'toself',
      line: { width: 0 },
    } as Partial<Data>;
  });
}

/** Some of the rows, each in the colour of its most probable expert. */
function pointsOf(model: AnyExperts, rows: Rows, { covariate, at }: Path, response: number): Partial<Data>[] {
  const { order: K, covariates: d } = model;
  const shown = thinned(rows.x.rows, MOST_POINTS);
  const [x, y] = [takeRows(rows.x, shown), takeRows(rows.y, shown)];
  const r = expertsResponsibilities(model, x, y);
  const mostProbable = shown.map((_, j) => {
    const own = r.subarray(j * K, (j + 1) * K);
    return own.indexOf(Math.max(...own));
  });
  const placeOf = (j: number): [number, number] => {
    const line = lineOf(model, mostProbable[j], response);
    let moved = y.data[j * y.columns + response];
    if (model.law === 'gaussian')
      for (let c = 0; c < d; c++) if (c !== covariate) moved -= line[c + 1] * (x.data[j * d + c] - at[c]);
    return [x.data[j * d + covariate], moved];
  };
  const certainty = (j: number) => (K > 1 ? (r[j * K + mostProbable[j]] - 1 / K) / (1 - 1 / K) : 1);
  return Array.from({ length: K }, (_, k) => shown.map((_j, j) => j).filter((j) => mostProbable[j] === k)).map(
    (own, k): Partial<Data> => ({
      type: 'scatter',
      mode: 'markers',
      ...coordinates(own.map(placeOf)),
      marker: {
        size: 5,
        color: componentColour(k),
        opacity: own.map((j) => Number((0.15 + 0.55 * certainty(j)).toFixed(2))),
      },
      legendgroup: `${k}`,
      showlegend: false,
      hoverinfo: 'skip',
    }),
  );
}
