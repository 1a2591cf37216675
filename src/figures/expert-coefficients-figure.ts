import type { Data, Layout, LayoutAxis } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { type ExpertsEstimate, expertsOf } from '../experts/model';
import { normalQuantile } from '../math/normal';
import { shortNumber } from '../math/short-number';
import { AXIS, layout, shortName } from './axes';
import { type Coefficients, type ExpertNames, lineOf, namesOf, placeIn, type Slice } from './expert-curves';
import type { Figure } from './figure';
import { componentColour, quietColour } from './palette';
import { rounded } from './points';

/** Pixels of an expert's row, and of what stands above and below the rows of a panel. */
const ROW = 19;
const PANEL = 62;

/** What `expertCoefficientsFigure` may be told. */
export interface ExpertCoefficientsFigureOptions extends ExpertNames, Pick<Slice, 'response'> {
  /**
   * of the coefficients, in their shape; without them, there are no intervals
   * @defaultValue no intervals are drawn
   */
  readonly standardErrors?: Coefficients;
  /**
   * the probability of an interval
   * @defaultValue 0.95
   */
  readonly level?: number;
  /**
   * a true model, as in simulations, whose experts are in the same order: black lines
   * @defaultValue no truth is drawn
   */
  readonly truth?: ExpertsEstimate;
}

/**
 * The coefficients of all experts with their intervals: a panel for the constant and for each covariate, on a scale of its own, with the line
 * of 0 where it is in view; in each panel a row for every expert.
 * @param estimate a mixture of experts, or a result that holds one
 * @param options standard errors, the truth if it is known, and names
 * @throws InvalidInput if names or standard errors do not fit the model, there is no such response, or the level is not between 0 and 1
 * @example
 * const model = expertsModel({ gates: [[0, 0], [0, 0]], coefficients: [[1, 3], [0, -3]], variances: [1, 1] });
 * const figure = expertCoefficientsFigure(model, { standardErrors: { coefficients: [[0.1, 0.2], [0.1, 0.3]] } });
 * figure.data.length; // 4: traces of Plotly
 */
export function expertCoefficientsFigure(
  estimate: ExpertsEstimate,
  options: ExpertCoefficientsFigureOptions = {},
): Figure {
  const { standardErrors, level = 0.95, truth, response = 0, ...given } = options;
  const model = expertsOf(estimate);
  if (!(level > 0 && level < 1))
    throw new InvalidInput(`level is ${level}: it must be above 0 and below 1, such as 0.95`);
  const names = namesOf(model, given);
  const r = placeIn(names.responses, response, 'response');
  const { order: K, covariates: d } = model;
  const z = normalQuantile((1 + level) / 2);
  const trueModel = truth && expertsOf(truth, 'the truth');
  const rows = Array.from({ length: K }, (_, k): Line => {
    const errors = standardErrors && lineOf(standardErrors, k, r);
    if (standardErrors && errors?.length !== 1 + d)
      throw new InvalidInput(
        `the standard errors of expert ${k} are not ${1 + d} numbers: give one of each coefficient`,
      );
    return {
      values: lineOf(model, k, r),
      ...(errors && { halves: errors.map((error) => z * error) }),
      ...(trueModel && { truth: lineOf(trueModel, k, r) }),
    };
  });
  const height = PANEL + ROW * K;
  const panels = Array.from({ length: 1 + d }, (_, c) => panel(rows, c, names.experts));
  return {
    data: panels.flatMap(({ data }) => data),
    layout: panelsLayout(panels, ['constant', ...names.covariates], { height, experts: names.experts }),
  };
}

/** An expert's coefficients for one response, the constant first. */
interface Line {
  readonly values: readonly number[];
  /** of the intervals */
  readonly halves?: readonly number[];
  readonly truth?: readonly number[];
}

/** The part of Plotly's axis names that tells panels apart. */
const numberOf = (c: number): string => (c === 0 ? '' : `${c + 1}`);

interface Panel {
  readonly data: Partial<Data>[];
  readonly range: [number, number];
}

/** The c-th coefficient of all experts. */
function panel(rows: readonly Line[], c: number, experts: readonly string[]): Panel {
  const axes = { xaxis: `x${numberOf(c)}` as 'x', yaxis: `y${numberOf(c)}` as 'y' };
  const ends = rows.flatMap(({ values, halves, truth }) => {
    const half = halves?.[c] ?? 0;
    return [values[c] - half, values[c] + half, ...(truth ? [truth[c]] : [])];
  });
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const margin = 0.08 * (most - least || Math.abs(most) || 1);
  return {
    data: rows.flatMap(({ values, halves, truth }, k): Partial<Data>[] => {
      const told = `${experts[k]}: ${shortNumber(values[c])}${halves ? ` ± ${shortNumber(halves[c], 2)}` : ''}`;
      return [
        {
          type: 'scatter',
          mode: 'markers',
          ...axes,
          x: rounded([values[c]], 6),
          y: [k],
          ...(halves && {
            error_x: {
              type: 'data',
              array: rounded([halves[c]], 4),
              thickness: 2,
              width: 4,
              color: componentColour(k),
            },
          }),
          marker: { color: componentColour(k), size: 9 },
          hovertemplate: `${told}<extra></extra>`,
          showlegend: false,
        },
        ...(truth
          ? [
              {
                type: 'scatter',
                mode: 'markers',
                ...axes,
                name: 'truth',
                x: rounded([truth[c]], 6),
                y: [k],
                marker: { symbol: 'line-ns-open', size: 15, color: '#111', line: { width: 2, color: '#111' } },
                hoverinfo: 'skip',
                legendgroup: 'truth',
                showlegend: c === 0 && k === 0,
              } as Partial<Data>,
            ]
          : []),
      ];
    }),
    range: [least - margin, most + margin],
  };
}

/** Panels below one another, each with its name above it. */
function panelsLayout(
  panels: readonly Panel[],
  names: readonly string[],
  { height, experts }: { readonly height: number; readonly experts: readonly string[] },
): Partial<Layout> {
  const count = panels.length;
  const margin = { t: 30, r: 20, b: 10, l: 75 };
  const inner = count * height;
  const top = (c: number) => 1 - (c * height + 18) / inner;
  const bottom = (c: number) => 1 - ((c + 1) * height - 30) / inner;
  const axes: Record<string, Partial<LayoutAxis>> = {};
  for (const [c, { range }] of panels.entries()) {
    axes[`xaxis${numberOf(c)}`] = { ...AXIS, range, anchor: `y${numberOf(c)}` as 'y', nticks: 6 };
    axes[`yaxis${numberOf(c)}`] = {
      ...AXIS,
      domain: [bottom(c), top(c)],
      anchor: `x${numberOf(c)}` as 'x',
      tickvals: experts.map((_, k) => k),
      ticktext: experts.map(shortName),
      range: [experts.length - 0.4, -0.6],
      ticks: '',
    };
  }
  return {
    ...layout({ height: inner + margin.t + margin.b, margin }),
    ...axes,
    annotations: names.map((name, c) => ({
      text: `<b>${shortName(name)}</b>`,
      font: { size: 12 },
      x: 0,
      y: top(c),
      xref: 'paper',
      yref: 'paper',
      xanchor: 'left',
      yanchor: 'bottom',
      showarrow: false,
    })),
    shapes: panels.flatMap(({ range }, c) =>
      range[0] < 0 && range[1] > 0
        ? [
            {
              type: 'line',
              xref: `x${numberOf(c)}` as 'x',
              yref: `y${numberOf(c)}` as 'y',
              x0: 0,
              x1: 0,
              y0: -0.6,
              y1: experts.length - 0.4,
              line: { color: quietColour, width: 1, dash: 'dash' },
            },
          ]
        : [],
    ),
  };
}
