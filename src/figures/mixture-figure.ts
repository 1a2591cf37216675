import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import type { AnyGaussian } from '../families/any-gaussian';
import { wholeRows } from '../math/missing-cells';
import { type Missing, type Samples, type Table, takeRows, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { classify, noiseProbabilities, responsibilities } from '../mixture/posterior';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, HALO, quietColour } from './palette';
import { outlineOf, type Plane, principalPlane, project } from './plane';
import { coordinates, thinned } from './points';

/** Points of the figure: more would hide each other and swell the notebook. */
const MOST_POINTS = 1500;

/**
 * A Gaussian mixture, of any structure, over the data it describes: the points in the colour of their most probable component, rows
 * that are noise small and grey, and of each component the ellipse that holds 86 % of it (two standard deviations). More than two
 * features are shown in the plane in which the data are widest; `pairsFigure` shows them two by two.
 * @param estimate a mixture, or a result that holds one, of a Gaussian family
 * @param table n × d; without it, the mixture is drawn alone
 * @param options names of the components and axes, and whether rows in doubt are paler
 * @throws InvalidInput if there is one feature only: `densityFigure` draws it
 * @example
 * const figure = mixtureFigure(truth, table, { axes: ['length, mm', 'width, mm'] });
 * const alone = mixtureFigure(truth);
 * [figure.data.length, alone.data.length]; // [9, 6]: traces of Plotly; the points are of the first only
 */
export function mixtureFigure(
  estimate: Estimate<AnyGaussian>,
  table?: Table,
  options: {
    /**
     * what stands at the components' centres
     * @defaultValue their numbers
     */
    readonly names?: readonly string[];
    /**
     * what the axes are, with their units
     * @defaultValue ['first feature', 'second feature'], or principal axes if there are more
     */
    readonly axes?: readonly [string, string];
    /**
     * whether points are the larger, the less certain their component is, by 1 − max r
     * @defaultValue false
     */
    readonly uncertainty?: boolean;
    /**
     * 'em' if cells of the rows may be missing, in Gaussian families; rows that miss one are not drawn, and the plane is that in which the mixture
     * is widest
     * @defaultValue a cell without a value is an error
     */
    readonly missing?: Missing;
  } = {},
): Figure {
  const { names, axes, uncertainty = false, missing } = options;
  const mixture = mixtureOf(estimate);
  const given = table && toSamples(table, missing);
  const all = given && takeRows(given, wholeRows(given));
  const columns = all?.columns ?? mixture.dimension;
  if (columns < 2) throw new InvalidInput('a mixture over one feature is drawn by densityFigure');
  const whole = all && all.rows === given?.rows;
  const plane = columns === 2 ? undefined : principalPlane(whole ? all : mixture);
  const titles =
    axes ?? (plane ? ['first principal axis', 'second principal axis'] : ['first feature', 'second feature']);
  const told = [
    ...(all && uncertainty ? ['the larger a point, the less certain its component'] : []),
    ...(all && !whole ? [`${(given?.rows ?? 0) - all.rows} rows that miss a cell are not drawn`] : []),
  ].join('; ');
  const outlines = mixture.parameters.flatMap((parameter, k) =>
    drawn(parameter, k, names?.[k] ?? `${k}`, mixture.weights[k], plane),
  );
  return {
    data: [...(all && all.rows > 0 ? points(mixture, all, plane, uncertainty) : []), ...outlines],
    layout: layout({
      height: 480,
      xaxis: { title: { text: titles[0] }, ...(!all?.rows && { range: rangeOf(outlines) }) },
      yaxis: { title: { text: titles[1] } },
      ...(told && { title: { text: told, font: { size: 12 } } }),
    }),
  };
}

/** Some of the rows, in the colours of their components. */
function points(
  mixture: Mixture<AnyGaussian>,
  all: Samples,
  plane: Plane | undefined,
  uncertainty: boolean,
): Partial<Data>[] {
  const rows = takeRows(all, thinned(all.rows, MOST_POINTS));
  const labels = classify(mixture, rows);
  const uncertain = uncertainty ? uncertainties(mixture, rows) : undefined;
  return [...(labels.includes(-1) ? [-1] : []), ...mixture.parameters.keys()].map((k): Partial<Data> => {
    const own = Array.from(labels.keys()).filter((j) => labels[j] === k);
    const doubts = uncertain && k >= 0 ? own.map((j) => uncertain[j]) : undefined;
    return {
      type: 'scatter',
      mode: 'markers',
      ...coordinates(project(rows, plane, own)),
      marker: {
        size: doubts?.map(sizeOf) ?? (k < 0 ? 3 : 4),
        opacity: 0.55,
        color: k < 0 ? quietColour : componentColour(k),
      },
      ...(doubts
        ? { text: doubts.map((u) => u.toFixed(2)), hovertemplate: 'uncertainty %{text}<extra></extra>' }
        : { hoverinfo: 'skip' }),
      showlegend: false,
    };
  });
}

/** 1 − max r of every row, noise one of the classes, between 0 and 1 − 1 / K. */
function uncertainties(mixture: Mixture<AnyGaussian>, rows: Samples): number[] {
  const shares = responsibilities(mixture, rows);
  const noise = noiseProbabilities(mixture, rows);
  const { order: K } = mixture;
  return Array.from({ length: rows.rows }, (_, j) => 1 - Math.max(noise[j], ...shares.subarray(j * K, (j + 1) * K)));
}

/** In pixels: 4 of a row that is certain, 10 of one that is as likely of one component as of another. */
const sizeOf = (uncertainty: number): number => Number((4 + 12 * uncertainty).toFixed(1));

/** Where the first axis begins and ends around outlines: Plotly leaves no margin around lines. */
function rangeOf(outlines: readonly Partial<Data>[]): [number, number] {
  const x = outlines.flatMap((trace) => (trace as { x: number[] }).x);
  const [least, most] = [Math.min(...x), Math.max(...x)];
  return [least - 0.05 * (most - least), most + 0.05 * (most - least)];
}

/** The centre of a component and its two-standard-deviation ellipse. */
function drawn(parameter: AnyGaussian, k: number, name: string, weight: number, plane?: Plane): Partial<Data>[] {
  const { centre, outline } = outlineOf(parameter, plane);
  const shared = { type: 'scatter', hoverinfo: 'skip', showlegend: false } as const;
  return [
    {
      ...shared,
      mode: 'lines',
      ...coordinates(outline),
      line: { color: componentColour(k), width: 2 },
    },
    {
      ...shared,
      mode: 'text+markers',
      ...coordinates([centre]),
      text: [`<b>${name}</b>`],
      textposition: 'top right',
      textfont: { color: componentColour(k), size: 16, shadow: HALO },
      marker: { size: 8, symbol: 'x', color: componentColour(k), line: { width: 1, color: 'white' } },
      hovertext: `component ${name}, weight ${weight.toFixed(3)}`,
      hoverinfo: 'text',
    },
  ];
}
