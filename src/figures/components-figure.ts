import type { Data } from 'plotly.js-dist';
import type { Components } from '../aggregate/components';
import { isExperts } from '../experts/model';
import { shortNumber } from '../math/short-number';
import { layout, rowHeight, shortName } from './axes';
import type { Figure } from './figure';
import { failedColour, honestColour } from './palette';

/** Colours end at this many thresholds, and at one over it: what lies farther is just as far. */
const FARTHEST_SHOWN = 10;

/** Colours of parts that were used, the nearest first, and of those that were not, the farthest last. */
const COLOURS = [
  [0, honestColour],
  [0.5, '#CFE3F2'],
  [0.5, '#FADCC6'],
  [1, failedColour],
] as const;

/** Which part of which machine was used, as the component rule says of mixtures and of mixtures of experts. */
export type WhatWasUsed = Pick<
  Components<unknown>,
  'kept' | 'keptComponents' | 'keptWeights' | 'assignment' | 'distances'
> & {
  /** the aggregate */
  readonly mixture: {
    /** K */
    readonly order: number;
  };
};

/** What `componentsFigure` may be told. */
export interface ComponentsFigureOptions {
  /**
   * the machines that are known to have failed, as in simulations: they are marked by triangles
   * @defaultValue none
   */
  readonly failed?: ArrayLike<number>;
  /**
   * the names of the machines
   * @defaultValue 'machine 0', 'machine 1', …
   */
  readonly names?: readonly string[];
  /**
   * which machines have a row, by their numbers
   * @defaultValue all
   */
  readonly machines?: ArrayLike<number>;
}

/**
 * Which part of which machine the component rule used: a row for every machine, a column for every component of the result, and one
 * for the weights. Blue parts were used and orange ones were not; the shade says how far a part lies from what was kept, in
 * thresholds. Parts that were not used although they are near, or used although they are far, have a mark.
 * @param result of `dfmrComponents` or `dfmrExpertsComponents`, or the `components` of `aggregate`
 * @param options what is known of the machines, and which are drawn
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, components: 1, seed: 1 });
 * const figure = componentsFigure(dfmrComponents(estimates), { failed });
 * figure.data[0].type; // 'heatmap'
 */
export function componentsFigure(result: WhatWasUsed, options: ComponentsFigureOptions = {}): Figure {
  const { failed = [], names, machines: shown } = options;
  const { order: K } = result.mixture;
  const all = Array.from({ length: result.keptComponents.length / K }, (_, i) => i);
  const machines = shown ? Array.from(shown) : all;
  const m = machines.length;
  const columns = Array.from({ length: K > 1 ? K + 1 : 1 }, (_, k) => k);
  const words = isExperts(result.mixture) ? EXPERTS : COMPONENTS;
  const wrong = new Set(Array.from(failed));
  const nameOf = (i: number) => names?.[i] ?? `machine ${i}`;
  const label = (i: number) => {
    const short = shortName(nameOf(i));
    return wrong.has(i) ? `<span style="color:${failedColour}">▲ ${short}</span>` : short;
  };
  const kept = new Set(result.kept);
  const parts = machines.map((i, row) => columns.map((k) => ({ ...partOf(result, i, k), row, believed: kept.has(i) })));
  const marked = parts.flat();
  const size = rowHeight(m);
  return {
    data: [
      shades(columns, parts, nameOf),
      marks(
        'not used, although near',
        'x-thin-open',
        marked.filter(({ used, distance }) => !used && distance <= 1),
      ),
      marks(
        'used, although far',
        'circle-open',
        marked.filter(({ used, distance }) => used && distance > 1),
      ),
    ],
    layout: layout({
      title: {
        text: 'distance in thresholds: blue used, orange not',
        font: { size: 12 },
        y: 1,
        yanchor: 'top',
        pad: { t: 10 },
      },
      height: 155 + size * m,
      margin: { t: 95, r: 15, b: 60, l: 60 },
      xaxis: {
        title: { text: K > 1 ? words.axis : words.one, font: { size: 12 } },
        range: [-0.5, columns.length - 0.5],
        tickvals: columns,
        ticktext: columns.map((k) => (k < K ? `${k}` : words.column)),
        tickangle: 0,
        showgrid: false,
        ticks: '',
      },
      yaxis: {
        tickvals: [...machines.keys()],
        ticktext: machines.map(label),
        tickfont: { size: Math.min(12, size - 1) },
        range: [m - 0.5, -0.5],
        showgrid: false,
        ticks: '',
      },
      legend: { orientation: 'h', x: 0, y: 1, xanchor: 'left', yanchor: 'bottom' },
    }),
  };
}

/** What the parts of a machine are called. */
interface Words {
  readonly one: string;
  readonly weights: string;
  /** the name of the axis, and of the column of the weights */
  readonly axis: string;
  readonly column: string;
}
const COMPONENTS: Words = {
  one: 'component',
  weights: 'weights',
  axis: 'components, and the weights w',
  column: 'w',
};
const EXPERTS: Words = { one: 'expert', weights: 'gates', axis: 'experts, and the gates', column: 'gates' };

/** The parts as a map of colours, a row for each machine. */
function shades(
  columns: number[],
  parts: readonly (readonly Part[])[],
  nameOf: (machine: number) => string,
): Partial<Data> {
  return {
    type: 'heatmap',
    x: columns,
    y: parts.map((_, i) => i),
    z: parts.map((row) => row.map(shade)),
    text: parts.map((row) => row.map((part) => `${nameOf(part.machine)}<br>${toldOf(part)}`)) as never,
    hovertemplate: '%{text}<extra></extra>',
    zmin: -1,
    zmax: 1,
    xgap: 1,
    ygap: 1,
    colorscale: COLOURS.map(([at, colour]): [number, string] => [at, colour]),
    colorbar: {
      orientation: 'h',
      thickness: 12,
      x: 0.5,
      y: 1,
      yref: 'container',
      yanchor: 'top',
      ypad: 30,
      tickfont: { size: 11 },
      tickvals: [-1, -0.5, 0, 0.5, 1],
      ticktext: [`${1 / FARTHEST_SHOWN}`, '0.3', '1', '3', `${FARTHEST_SHOWN}`],
    } as never,
  };
}

/** A component of a machine, or its weights. */
interface Part {
  readonly machine: number;
  /** of the figure */
  readonly row: number;
  /** of the result; K for the weights */
  readonly column: number;
  /** in thresholds */
  readonly distance: number;
  readonly used: boolean;
  /** which component of the machine it is; undefined for the weights */
  readonly own?: number;
  /** whether anything of the machine was used */
  readonly believed: boolean;
  /** what parts are called */
  readonly words: Words;
}

function partOf(result: WhatWasUsed, machine: number, column: number): Omit<Part, 'row' | 'believed'> {
  const { mixture, keptComponents, keptWeights, assignment, distances } = result;
  const { order: K } = mixture;
  const at = machine * K + column;
  const ofWeights = column === K;
  return {
    machine,
    column,
    distance: distances[machine * (K + 1) + column],
    used: (ofWeights ? keptWeights[machine] : keptComponents[at]) === 1,
    ...(!ofWeights && { own: assignment[at] }),
    words: isExperts(mixture) ? EXPERTS : COMPONENTS,
  };
}

/** The logarithm of the distance in thresholds, on the side of those that were used, or of the others. */
function shade({ distance, used }: Part): number {
  const height = Math.log10(Math.max(distance, 1 / FARTHEST_SHOWN)) / Math.log10(FARTHEST_SHOWN);
  return used ? Math.min(height, -1e-3) : Math.max(height, 1e-3);
}

function toldOf({ column, distance, used, own, believed, words }: Part): string {
  const part = own === undefined ? words.weights : `${words.one} ${column}${own === column ? '' : `, its own ${own}`}`;
  const near = believed
    ? 'although near: one of a group farther out than chance allows'
    : 'as the machine is not believed';
  const verdict = used ? 'used' : distance > 1 ? 'not used' : `not used, ${near}`;
  return `${part}<br>${shortNumber(distance, 3)} thresholds away<br>${verdict}`;
}

function marks(name: string, symbol: 'x-thin-open' | 'circle-open', parts: readonly Part[]): Partial<Data> {
  return {
    type: 'scatter',
    mode: 'markers',
    name,
    x: parts.map(({ column }) => column),
    y: parts.map(({ row }) => row),
    marker: { symbol, size: 7, color: '#333', line: { width: 1.5, color: '#333' } },
    hoverinfo: 'skip',
    showlegend: parts.length > 0,
  };
}
