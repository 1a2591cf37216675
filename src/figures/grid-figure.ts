import type { Data, Layout } from 'plotly.js-dist';
import { layout } from './axes';
import type { Figure } from './figure';

/** The font of the axes' titles, in pixels: a panel is a third of a figure. */
const SMALL = { size: 11 };

/**
 * Many figures side by side, each under its name, with axes of its own.
 * @param figures the figures by their names, each of one pair of axes
 * @param options how many columns, how high, and whether there is a legend
 * @example
 * const panels = { 'machine 0': mixtureFigure(fits[0], tables[0]), 'machine 1': mixtureFigure(fits[1], tables[1]) };
 * const figure = gridFigure(panels, { columns: 2 });
 * figure.layout.height; // 240: pixels
 */
export function gridFigure(
  figures: Readonly<Record<string, Figure>>,
  options: {
    /**
     * how many figures stand in a row
     * @defaultValue 3
     */
    readonly columns?: number;
    /**
     * the height of a row, in pixels
     * @defaultValue 240
     */
    readonly rowHeight?: number;
    /**
     * whether one legend names the lines of all figures
     * @defaultValue false
     */
    readonly legend?: boolean;
  } = {},
): Figure {
  const { columns = 3, rowHeight = 240, legend = false } = options;
  const names = Object.keys(figures);
  const rows = Math.ceil(names.length / columns);
  const [width, height] = [1 / columns, 1 / rows];
  const axes: Partial<Layout> = {};
  const named = new Set<string>();
  const first = (trace: Partial<Data>) => {
    const { name = '', showlegend = true } = trace as { name?: string; showlegend?: boolean };
    return legend && showlegend && !named.has(name) && named.add(name) !== undefined;
  };
  const data = names.flatMap((name, i) => {
    const suffix = i === 0 ? '' : `${i + 1}`;
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const domain = (start: number, size: number, before: number, after: number) => [
      start + before * size,
      start + (1 - after) * size,
    ];
    const { xaxis, yaxis } = figures[name].layout;
    Object.assign(axes, {
      [`xaxis${suffix}`]: {
        ...xaxis,
        title: { ...xaxis?.title, font: SMALL, standoff: 4 },
        domain: domain(column * width, width, 0.18, 0.03),
        anchor: `y${suffix}`,
      },
      [`yaxis${suffix}`]: {
        ...yaxis,
        title: { ...yaxis?.title, font: SMALL, standoff: 4 },
        domain: domain(1 - (row + 1) * height, height, 0.2, 0.14),
        anchor: `x${suffix}`,
      },
    });
    return figures[name].data.map((trace) => {
      const group = (trace as { name?: string }).name;
      const of = { xaxis: `x${suffix}`, yaxis: `y${suffix}`, showlegend: first(trace) };
      return { ...trace, ...of, ...(legend && { legendgroup: group }) } as Partial<Data>;
    });
  });
  const annotations = names.map((name, i) => ({
    text: `<b>${name}</b>`,
    x: ((i % columns) + 0.18) * width,
    y: 1 - (Math.floor(i / columns) + 0.02) * height,
    xref: 'paper' as const,
    yref: 'paper' as const,
    xanchor: 'left' as const,
    yanchor: 'top' as const,
    showarrow: false,
  }));
  return {
    data,
    layout: {
      ...layout({ height: rows * rowHeight, margin: { t: legend ? 40 : 10, r: 10, b: 10, l: 10 }, bargap: 0.02 }),
      ...axes,
      annotations,
    },
  };
}
