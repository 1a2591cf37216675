import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, HALO } from './palette';

/** Points of one colour and name, each of a class. */
export interface MapGroup {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** the class of each point, which stands where its points are */
  readonly classes: readonly string[];
  /** blue, orange … in the order of the groups, if not given */
  readonly colour?: string;
}

/** A map of high-dimensional data: points that were put near each other where they are alike; directions and units mean nothing. */
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
        const values = points.filter((_, i) => classes[i] === of).map((point) => point[axis]);
        return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
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
