import type { Layout } from 'plotly.js-dist';

const GRID = '#E5E5E5';
const FONT = { family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif', size: 13 };

/** The look that all figures share; each adds what its axes say. */
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
