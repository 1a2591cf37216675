import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { upperQuantile } from '../math/quantile';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, HALO } from './palette';

/** A group of points in one colour, each of a class. */
export interface MapGroup {
  /** what the legend calls the group */
  readonly name: string;
  /** the places (x, y) of the points */
  readonly points: readonly (readonly [number, number])[];
  /** the class of each point; its name is written at the median of its points */
  readonly classes: readonly string[];
  /**
   * a colour as CSS has it
   * @defaultValue blue, orange … in the order of the groups
   */
  readonly colour?: string;
}

/**
 * A map of high-dimensional data: the nearer two points, the more alike they are; directions and units mean nothing.
 * @param groups points in the plane, with their classes
 * @throws InvalidInput if a group has not as many classes as points
 * @example
 * const figure = mapFigure([
 *   { name: 'digits', points: [[0, 0], [0.1, 0.2], [1, 1]], classes: ['0', '0', '1'] },
 *   { name: 'letters', points: [[2, 0], [2.1, 0.1]], classes: ['A', 'A'] },
 * ]);
 * figure.data.flatMap(({ name }) => name ?? []); // ['digits', 'letters']
 */
export function mapFigure(groups: readonly MapGroup[]): Figure {
  const hidden = { showgrid: false, showticklabels: false, ticks: '' } as const;
  return {
    data: groups.flatMap(({ name, points, classes, colour }, g): Partial<Data>[] => {
      if (classes.length !== points.length)
        throw new InvalidInput(
          `${points.length} points of ${name} need as many classes, but ${classes.length} are given`,
        );
      const color = colour ?? componentColour(g);
      const names = [...new Set(classes)].sort();
      const centre = (of: string, axis: 0 | 1) => {
        const own = points.filter((_, i) => classes[i] === of);
        return upperQuantile(
          own.map((point) => point[axis]),
          0.5,
        );
      };
      return [
        {
          type: 'scatter',
          mode: 'markers',
          name,
          x: points.map(([x]) => Number(x.toPrecision(4))),
          y: points.map(([, y]) => Number(y.toPrecision(4))),
          marker: { size: 4, opacity: 0.5, color },
          hoverinfo: 'skip',
        },
        {
          type: 'scatter',
          mode: 'text',
          x: names.map((of) => centre(of, 0)),
          y: names.map((of) => centre(of, 1)),
          text: names.map((of) => `<b>${of}</b>`),
          textfont: { color, size: 17, shadow: HALO },
          hoverinfo: 'skip',
          showlegend: false,
        },
      ];
    }),
    layout: layout({
      height: 560,
      legend: { orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom', itemsizing: 'constant' },
      xaxis: hidden,
      yaxis: { ...hidden, scaleanchor: 'x' },
    }),
  };
}
