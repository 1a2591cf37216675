import type { Layout, Shape } from 'plotly.js-dist';

const GRID = '#E5E5E5';
const FONT = { family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif', size: 13 };

/** The look that all figures share, with what a figure adds to it. */
export function layout({ xaxis, yaxis, ...rest }: Partial<Layout>): Partial<Layout> {
  const axis = {
    automargin: true,
    gridcolor: GRID,
    zeroline: false,
    linecolor: '#999',
    ticks: 'outside',
    tickcolor: '#999',
  } as const;
  return {
    font: FONT,
    paper_bgcolor: 'white',
    plot_bgcolor: 'white',
    margin: { t: 30, r: 25, b: 55, l: 70 },
    height: 420,
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom' },
    ...rest,
    xaxis: { ...axis, ...xaxis },
    yaxis: { ...axis, ...yaxis },
  };
}

/** A line over the whole height of the figure, at x. */
export function verticalLine(
  x: number,
  line: Shape['line'] = { color: '#777', width: 1, dash: 'dash' },
): Partial<Shape> {
  return { type: 'line', x0: x, x1: x, yref: 'paper', y0: 0, y1: 1, line };
}
