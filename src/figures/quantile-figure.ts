import type { Data } from 'plotly.js-dist';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';

/**
 * Quantiles of samples against those of the distribution they should have: points on the diagonal are as they should be.
 * @param samples the values of each sample
 * @param quantile the distribution's quantile at p
 * @param label what the values are, with their unit
 * @example
 * const uniform = randomStream(1, 'example');
 * const waiting = Array.from({ length: 200 }, () => -Math.log(1 - uniform()));
 * const figure = quantileFigure({ 'waiting times': waiting }, (p) => -Math.log(1 - p), 'exponential distribution');
 * figure.data.map(({ name }) => name); // ['equal', 'waiting times']
 */
export function quantileFigure(
  samples: Readonly<Record<string, ArrayLike<number>>>,
  quantile: (p: number) => number,
  label: string,
): Figure {
  const names = Object.keys(samples);
  const sorted = names.map((name) => Float64Array.from(samples[name]).sort());
  const expected = sorted.map((values) => Array.from(values, (_, i) => quantile((i + 0.5) / values.length)));
  const all = [...sorted.flatMap((values) => [...values]), ...expected.flat()];
  const ends = [Math.min(...all), Math.max(...all)];
  const diagonal: Partial<Data> = {
    type: 'scatter',
    mode: 'lines',
    name: 'equal',
    x: ends,
    y: ends,
    line: { color: '#777', width: 1, dash: 'dash' },
    hoverinfo: 'skip',
  };
  const points = names.map(
    (name, s): Partial<Data> => ({
      type: 'scatter',
      mode: 'markers',
      name,
      x: expected[s],
      y: Array.from(sorted[s]),
      marker: { color: componentColour(s), size: 5, opacity: 0.8 },
      hovertemplate: `${name}: %{y:.3g}, in theory %{x:.3g}<extra></extra>`,
    }),
  );
  return {
    data: [diagonal, ...points],
    layout: layout({
      height: 460,
      xaxis: { title: { text: `${label}, in theory` }, constrain: 'domain' },
      yaxis: { title: { text: `${label}, seen` }, scaleanchor: 'x', constrain: 'domain' },
    }),
  };
}
