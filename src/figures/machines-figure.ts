import type { Data } from 'plotly.js-dist';
import type { SetAside } from '../aggregate/rule';
import { InvalidInput } from '../errors';
import type { AnyGaussian } from '../families/any-gaussian';
import { type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { layout } from './axes';
import type { Figure } from './figure';
import { failedColour, honestColour, quietColour } from './palette';
import { outlineOf, principalPlane, project } from './plane';
import { coordinates, thinned } from './points';

/** Machines of the figure that were used, and as many that were not: more would hide each other and swell the notebook. */
const MOST_MACHINES = 60;
/** Rows of the figure. */
const MOST_POINTS = 1500;
/** How far beyond what is believed the axes go at most, in its own width: liars may be anywhere. */
const MARGIN = 0.6;

type Point = readonly [number, number];

/** What `machinesFigure` may be told. */
export interface MachinesFigureOptions {
  /**
   * rows that the mixtures describe, drawn as small grey points
   * @defaultValue none
   */
  readonly table?: Table;
  /**
   * other mixtures to compare with, by name, drawn in black: dashed the first, dotted the next
   * @defaultValue none
   */
  readonly beside?: { readonly [name: string]: Estimate<AnyGaussian> };
  /**
   * the names of the machines
   * @defaultValue 'machine 0', 'machine 1', …
   */
  readonly machines?: readonly string[];
  /**
   * what the axes are, with their units
   * @defaultValue ['first feature', 'second feature'], or principal axes of the result if there are more
   */
  readonly axes?: readonly [string, string];
}

/**
 * Who says what, and who is believed? The components of all machines' Gaussian mixtures as ellipses of two standard deviations: thin and
 * grey what was used, dotted and orange what was set aside, and bold and blue what the machines say together. What lies
 * far outside of all that was used is cut off.
 * @param estimates m mixtures of a Gaussian family with two features or more, or results that hold one
 * @param result of their aggregation: `mixture`, `kept` and `setAside`
 * @param options rows, other mixtures, and names
 * @throws InvalidInput if there is one feature only, or an estimate has other features than the result
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, components: 1, seed: 1 }); // a component of one machine is a lie
 * const { result } = await aggregate(estimates);
 * const figure = machinesFigure(estimates, result, { table });
 * [...new Set(figure.data.flatMap(({ name }) => name ?? []))]; // ['used', 'set aside', 'aggregate']
 */
export function machinesFigure(
  estimates: readonly Estimate<AnyGaussian>[],
  result: {
    /** what the machines say together */
    readonly mixture: Mixture<AnyGaussian>;
    /** the machines of which something was used, by index */
    readonly kept: ArrayLike<number>;
    /** what was not used, by machine and component */
    readonly setAside: readonly Pick<SetAside, 'machine' | 'component'>[];
  },
  options: MachinesFigureOptions = {},
): Figure {
  const { table, beside = {}, machines, axes } = options;
  const { mixture, setAside } = result;
  const { dimension } = mixture;
  if (dimension < 2) throw new InvalidInput('mixtures over one feature have no ellipses: densityFigure draws one');
  const plane = dimension === 2 ? undefined : principalPlane(mixture);
  const kept = new Set(Array.from(result.kept));
  const isUsed = (i: number, k: number) =>
    kept.has(i) &&
    !setAside.some(({ machine, component }) => machine === i && (component === undefined || component === k));
  const outlines = ({ parameters }: Mixture<AnyGaussian>) => parameters.map((one) => outlineOf(one, plane).outline);
  const drawn = [true, false].flatMap((wanted) => {
    const group = estimates.map((_, i) => i).filter((i) => kept.has(i) === wanted);
    return thinned(group.length, MOST_MACHINES).map((at) => {
      const own = mixtureOf(estimates[group[at]], `the estimate of machine ${group[at]}`);
      if (own.dimension !== dimension)
        throw new InvalidInput(`machine ${group[at]} has ${own.dimension} features, but the result ${dimension}`);
      return { i: group[at], shapes: outlines(own) };
    });
  });
  const shapesOf = (wanted: boolean) =>
    drawn.map(({ i, shapes }) => ({ i, shapes: shapes.filter((_, k) => isUsed(i, k) === wanted) }));
  const group = (wanted: boolean, name: string, look: object): Partial<Data>[] =>
    shapesOf(wanted)
      .filter(({ shapes }) => shapes.length > 0)
      .map(({ i, shapes }, at) =>
        closed(shapes, {
          ...look,
          name,
          legendgroup: name,
          showlegend: at === 0,
          text: machines?.[i] ?? `machine ${i}`,
          hoverinfo: 'text',
        }),
      );
  const others = Object.entries(beside).map(([name, of]) => ({ name, shapes: outlines(mixtureOf(of, name)) }));
  const merged = outlines(mixture);
  const believed = [
    ...merged,
    ...others.flatMap(({ shapes }) => shapes),
    ...shapesOf(true).flatMap((one) => one.shapes),
  ];
  const all = [...believed, ...shapesOf(false).flatMap((one) => one.shapes)];
  const titles =
    axes ?? (plane ? ['first principal axis', 'second principal axis'] : ['first feature', 'second feature']);
  const rows = table && toSamples(table);
  return {
    data: [
      ...(rows ? [points(project(rows, plane, thinned(rows.rows, MOST_POINTS)))] : []),
      ...group(true, 'used', { line: { color: quietColour, width: 1 }, opacity: 0.6 }),
      ...group(false, 'set aside', { line: { color: failedColour, width: 1.3, dash: 'dot' } }),
      ...others.map(({ name, shapes }, i) =>
        closed(shapes, { name, line: { color: '#111111', width: 2, dash: i === 0 ? 'dash' : 'dot' } }),
      ),
      ...merged.map((shape, k) =>
        closed([shape], {
          name: 'aggregate',
          legendgroup: 'aggregate',
          showlegend: k === 0,
          text: `component ${k}, weight ${mixture.weights[k].toFixed(3)}`,
          hoverinfo: 'text',
          line: { color: honestColour, width: 4 },
        }),
      ),
    ],
    layout: layout({
      height: 480,
      xaxis: { title: { text: titles[0] }, range: rangeOf(believed, all, 0) },
      yaxis: { title: { text: titles[1] }, range: rangeOf(believed, all, 1) },
    }),
  };
}

/** Closed curves as one trace of this look. */
function closed(shapes: readonly (readonly Point[])[], look: object): Partial<Data> {
  const parts = shapes.map(coordinates);
  return {
    type: 'scatter',
    mode: 'lines',
    x: parts.flatMap(({ x }) => [...x, null]),
    y: parts.flatMap(({ y }) => [...y, null]),
    hoverinfo: 'skip',
    ...look,
  } as Partial<Data>;
}

function points(at: readonly Point[]): Partial<Data> {
  const marker = { size: 3, opacity: 0.35, color: quietColour };
  return { type: 'scatter', mode: 'markers', ...coordinates(at), marker, hoverinfo: 'skip', showlegend: false };
}

/** From where to where an axis goes: over all that is drawn, but not far beyond what is believed. */
function rangeOf(
  believed: readonly (readonly Point[])[],
  all: readonly (readonly Point[])[],
  axis: 0 | 1,
): [number, number] {
  const ends = (shapes: readonly (readonly Point[])[]) => {
    const values = shapes.flatMap((shape) => shape.map((point) => point[axis]));
    return [Math.min(...values), Math.max(...values)];
  };
  const [low, high] = ends(believed);
  const [least, most] = ends(all);
  const far = MARGIN * (high - low || 1);
  const edge = 0.04 * (high - low || 1);
  return [Math.max(least, low - far) - edge, Math.min(most, high + far) + edge];
}
