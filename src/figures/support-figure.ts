import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';

/**
 * The component means of many two-dimensional estimates, each in the colour of the label that its machine gave it, under
 * the means of named mixtures: in one colour, or in those of their labels.
 * @param estimates mixtures, or results that hold one, of two features
 * @param named mixtures by their names, each with a symbol of Plotly and, if its means have one colour, the colour
 * @throws InvalidInput if the estimates are not of two features
 * @example
 * const figure = supportFigure(fits, {
 *   truth: { mixture: truth, symbol: 'star', colour: 'black' },
 *   aggregate: { mixture: reduce(fits).mixture, symbol: 'circle-open' },
 * });
 * figure.data.length; // 5: the points of three labels, and two mixtures
 */
export function supportFigure(
  estimates: readonly Estimate<GaussianParameter>[],
  named: Readonly<
    Record<
      string,
      {
        /** whose component means are drawn */
        readonly mixture: Mixture<GaussianParameter>;
        /** a symbol of Plotly, such as 'star' */
        readonly symbol: string;
        /**
         * one colour for all of its means, as CSS has it
         * @defaultValue the colours of the labels
         */
        readonly colour?: string;
      }
    >
  >,
): Figure {
  const sent = comparable(estimates);
  if (sent[0].dimension !== 2)
    throw new InvalidInput(`means of two features can be drawn, not of ${sent[0].dimension}`);
  const means = (mixtures: readonly Mixture<GaussianParameter>[], k: number) =>
    mixtures.map((G) => G.parameters[k].mean);
  const labels = Array.from({ length: Math.max(...sent.map(({ order }) => order)) }, (_, k) => k);
  const group = (name: string, points: readonly Float64Array[], marker: object): Partial<Data> => ({
    type: 'scatter',
    mode: 'markers',
    name,
    x: points.map(([x]) => x),
    y: points.map(([, y]) => y),
    marker,
    hovertemplate: `${name}<extra></extra>`,
  });
  return {
    data: [
      ...labels.map((k) =>
        group(
          `labelled ${k}`,
          means(
            sent.filter(({ order }) => order > k),
            k,
          ),
          { size: 9, color: componentColour(k), opacity: 0.6 },
        ),
      ),
      ...Object.entries(named).map(([name, { mixture, colour, symbol }]) =>
        group(
          name,
          mixture.parameters.map(({ mean }) => mean),
          {
            size: 15,
            symbol,
            color: colour ?? mixture.parameters.map((_, k) => componentColour(k)),
            line: { width: 2, color: colour ?? '#333333' },
          },
        ),
      ),
    ],
    layout: layout({
      height: 460,
      xaxis: { title: { text: 'first feature' } },
      yaxis: { title: { text: 'second feature' } },
    }),
  };
}
