import type { Data } from 'plotly.js-dist';
import type { Agglomeration } from '../distance/agglomeration';
import { median } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import { layout, rowHeight, shortName } from './axes';
import type { Figure } from './figure';
import { componentColour, failedColour, honestColour } from './palette';

/** What `dendrogramFigure` may be told. */
export interface DendrogramOptions {
  /**
   * the names of the leaves
   * @defaultValue 'machine 0', 'machine 1', … or 'component 0', …
   */
  readonly names?: readonly string[];
  /**
   * the machines that a rule kept: the others are drawn as open circles
   * @defaultValue all
   */
  readonly kept?: ArrayLike<number>;
  /**
   * the machines that are known to have failed, as in simulations: they are marked by triangles
   * @defaultValue none
   */
  readonly failed?: ArrayLike<number>;
}

/**
 * A tree of machines, or of components, that merge two by two: the farther right two branches meet, the less they have in common. What
 * is the same meets at 0. The scale is linear up to the median height and logarithmic beyond it (that of asinh), so that one that is
 * far out does not hide how the others differ.
 * @param tree of `agglomerate` or `agglomerateComponents`
 * @param options the names of the leaves, and which of them were kept or are known to have failed
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const figure = dendrogramFigure(agglomerate(l2DistanceMatrix(estimates)), { kept: dfmr(estimates).kept });
 * figure.data.flatMap(({ name }) => name ?? []); // ['machine, kept', 'machine, set aside']
 */
export function dendrogramFigure(tree: Agglomeration, options: DendrogramOptions = {}): Figure {
  const { leaves, merges, title, of } = tree;
  const { names } = options;
  const nameOf = (leaf: number) => names?.[leaf] ?? `${of} ${leaf}`;
  const { order, members } = leavesInOrder(tree);
  const scale = scaleOf(merges.map(({ height }) => height));
  const at = new Float64Array(leaves + merges.length); // the line of each group
  order.forEach((leaf, line) => {
    at[leaf] = line;
  });
  const xOf = (group: number) => (group < leaves ? 0 : scale.of(merges[group - leaves].height));
  const x: (number | null)[] = [];
  const y: (number | null)[] = [];
  merges.forEach(({ first, second, height }, s) => {
    at[leaves + s] = (at[first] + at[second]) / 2;
    const right = scale.of(height);
    x.push(xOf(first), right, right, xOf(second), null);
    y.push(at[first], at[first], at[second], at[second], null);
  });
  const size = rowHeight(leaves);
  const marks = leafMarks(tree, order, options, nameOf);
  const top = marks.length > 1 ? 40 : 15; // for the legend
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        x,
        y,
        line: { color: '#777', width: 1.2 },
        hoverinfo: 'skip',
        showlegend: false,
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: merges.map(({ height }) => scale.of(height)),
        y: merges.map((_, s) => at[leaves + s]),
        text: merges.map(({ height }, s) => told(members[leaves + s].map(nameOf), of, height)),
        hovertemplate: '%{text}<extra></extra>',
        marker: { size: 4, color: '#777' },
        showlegend: false,
      },
      ...marks,
    ],
    layout: layout({
      height: top + 70 + size * leaves,
      margin: { t: top, r: 20, b: 60, l: 60 },
      xaxis: {
        title: { text: title, font: { size: 12 } },
        range: [-0.03 * scale.end, 1.03 * scale.end],
        tickvals: scale.ticks.map(scale.of),
        ticktext: scale.ticks.map((tick) => shortNumber(tick)),
      },
      yaxis: {
        tickvals: order.map((_, line) => line),
        ticktext: order.map((leaf) => shortName(nameOf(leaf))),
        tickfont: { size: Math.min(12, size - 1) },
        range: [leaves - 0.4, -0.6],
        showgrid: false,
        ticks: '',
      },
    }),
  };
}

/**
 * The leaves from the top down, so that no two lines cross, and the leaves of each group. Of two branches the larger is above, and of
 * equal ones the tighter.
 */
function leavesInOrder({ leaves, merges }: Agglomeration): { order: number[]; members: number[][] } {
  const members = Array.from({ length: leaves }, (_, leaf) => [leaf]);
  const heightOf = (group: number) => (group < leaves ? 0 : merges[group - leaves].height);
  for (const { first, second } of merges) {
    const larger = members[second].length - members[first].length || heightOf(first) - heightOf(second);
    members.push((larger > 0 ? [second, first] : [first, second]).flatMap((group) => members[group]));
  }
  return { order: members[members.length - 1], members };
}

/** Names of members that are told: more do not fit a label. */
const MOST_TOLD = 8;

function told(names: readonly string[], of: string, height: number): string {
  const more = names.length > MOST_TOLD ? ` and ${names.length - MOST_TOLD} more` : '';
  return `${names.length} ${of}s meet at ${shortNumber(height, 3)}:<br>${names.slice(0, MOST_TOLD).join('<br>')}${more}`;
}

/** Where heights stand: linear below their median, logarithmic far above; Infinity beyond all that is finite. */
interface Scale {
  of(height: number): number;
  readonly end: number;
  readonly ticks: readonly number[];
}

/** The share of the axis between two ticks, so that their labels have room on a phone. */
const TICK_GAP = 0.15;

function scaleOf(heights: readonly number[]): Scale {
  const positive = heights.filter((height) => height > 0 && height < Infinity);
  const unit = positive.length > 0 ? median(positive) : 1;
  const highest = Math.max(...positive, unit);
  const finite = Math.asinh(highest / unit);
  const far = heights.includes(Infinity);
  const end = far ? 1.2 * finite : finite;
  const of = (height: number) => (height === Infinity ? end : Math.asinh(height / unit));
  const ticks = far ? [Infinity] : [];
  for (let power = Math.floor(Math.log10(highest)); 10 ** power > unit / 100; power--) {
    for (const tick of [5, 2, 1].map((digit) => digit * 10 ** power)) {
      const last = ticks.length > 0 ? of(ticks[ticks.length - 1]) : Infinity;
      if (tick <= highest && last - of(tick) >= TICK_GAP * end && of(tick) >= TICK_GAP * end) ticks.push(tick);
    }
  }
  return { of, end, ticks: [0, ...ticks.reverse()] };
}

/** A mark at the end of each leaf: of components in their colours, of machines as in the figure of distances. */
function leafMarks(
  { of }: Agglomeration,
  order: readonly number[],
  { kept, failed = [] }: DendrogramOptions,
  nameOf: (leaf: number) => string,
): Partial<Data>[] {
  const mark = (lines: number[], marker: object, name?: string): Partial<Data> => ({
    type: 'scatter',
    mode: 'markers',
    ...(name === undefined ? { showlegend: false } : { name }),
    x: lines.map(() => 0),
    y: lines,
    text: lines.map((line) => nameOf(order[line])),
    hovertemplate: '%{text}<extra></extra>',
    cliponaxis: false,
    marker: { size: 8, ...marker },
  });
  const all = Array.from(order.keys());
  if (of === 'component') return [mark(all, { color: order.map(componentColour) })];
  const wrong = new Set(Array.from(failed));
  const isKept = new Set(kept ? Array.from(kept) : order);
  const plain = !kept && wrong.size === 0;
  return [false, true].flatMap((fails) =>
    [true, false].flatMap((keeps) => {
      const lines = all.filter((line) => wrong.has(order[line]) === fails && isKept.has(order[line]) === keeps);
      if (lines.length === 0) return [];
      const colour = fails ? failedColour : honestColour;
      const symbol = fails ? 'triangle-up' : 'circle';
      const verdict = kept ? [keeps ? 'kept' : 'set aside'] : [];
      const name = [fails ? 'failed' : wrong.size > 0 ? 'honest' : 'machine', ...verdict].join(', ');
      const marker = { symbol: keeps ? symbol : `${symbol}-open`, color: colour, line: { width: 1.5, color: colour } };
      return [mark(lines, marker, plain ? undefined : name)];
    }),
  );
}
