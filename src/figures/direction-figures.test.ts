import { describe, expect, it } from 'vitest';
import { bernoulliMixture, categoricalMixture, vonMisesFisherMixture, vonMisesMixture } from '../mixture/constructors';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { angleFigure, directionFigure } from './direction-figures';
import { probabilityFigure } from './probability-figure';

/** A trace as the tests look at it. */
interface Drawn {
  readonly type: string;
  readonly theta: number[];
  readonly r: number[];
  readonly x: (number | null)[];
  readonly y: number[];
}

describe('figures of directions', () => {
  const angles = vonMisesMixture({ weights: [0.4, 0.6], meanAngles: [3, 0], concentrations: [8, 2] });
  const directions = vonMisesFisherMixture({
    weights: [0.4, 0.6],
    meanDirections: [
      [-1, 0, 0],
      [0, 0, 1],
    ],
    concentrations: [20, 3],
  });

  it('turn angles round a circle, with the share of the data in each sector of ten degrees', () => {
    const { data } = angleFigure(angles, [[0.01], [0.02], [0.02 + 2 * Math.PI], [-0.01]]) as unknown as {
      data: Drawn[];
    };
    expect(data.map(({ type }) => type)).toEqual(['barpolar', ...new Array(3).fill('scatterpolar')]);
    const [rose, mixture, first] = data;
    const width = Math.PI / 18;
    expect(rose.theta).toEqual(Array.from({ length: 36 }, (_, i) => 10 * i + 5));
    expect(rose.r[0] * width).toBeCloseTo(0.75, 3);
    expect(rose.r[35] * width).toBeCloseTo(0.25, 3);
    expect(mixture.r[90]).toBeCloseTo(Math.exp(logDensity(angles, [[Math.PI / 2]])[0]), 4);
    expect(first.r[172]).toBe(Math.max(...first.r)); // 3 radians
    expect(() => angleFigure(directions as never, [[0]])).toThrow(
      /of a von-mises mixture, but this is a von-mises-fisher/,
    );
  });

  it('map the sphere, with circles that hold 86 % of each component', () => {
    const table = sample(directions, 4000, 1);
    const { data } = directionFigure(directions, table.data) as unknown as { data: Drawn[] };
    const [, , edge, , cap, pole] = data;
    expect(pole.y).toEqual([90]);
    expect(edge.x).toContain(null); // about 180 degrees
    const [latitude] = cap.y;
    for (const y of cap.y) expect(y ?? latitude).toBeCloseTo(latitude, 6);
    const own = [...table.labels.keys()].filter((j) => table.labels[j] === 1);
    const inside = own.filter((j) => Math.asin(table.data.data[3 * j + 2]) > (latitude * Math.PI) / 180).length;
    expect(Math.abs(inside / own.length - 0.8647)).toBeLessThan(0.03);
    expect(() => directionFigure(angles as never, [[0]])).toThrow(/3 dimensions, .* angles are drawn by angleFigure/);
  });
});

describe('the figure of probabilities', () => {
  it('has a column for each category, named, and lines between features', () => {
    const G = categoricalMixture({
      weights: [0.3, 0.7],
      probabilities: [
        [
          [0.8, 0.1, 0.1],
          [0.9, 0.1],
        ],
        [
          [0.1, 0.2, 0.7],
          [0.3, 0.7],
        ],
      ],
    });
    const { data, layout } = probabilityFigure(G, { features: ['colour', 'size'], categories: [[], ['L', 'S']] });
    const [{ z }] = data as unknown as { z: number[][] }[];
    expect(z).toEqual([
      [0.8, 0.1, 0.1, 0.9, 0.1],
      [0.1, 0.2, 0.7, 0.3, 0.7],
    ]);
    expect(layout.xaxis?.ticktext).toEqual(['colour: 0', 'colour: 1', 'colour: 2', 'size: L', 'size: S']);
    expect(layout.shapes).toMatchObject([{ x0: 2.5 }]);
    expect(() => probabilityFigure(G, { features: ['colour'] })).toThrow(/1 features are given: the mixture has 2/);
  });

  it('has a column for each Bernoulli feature or multinomial category, and is of no other family', () => {
    const G = bernoulliMixture({ weights: [1], probabilities: [[0.2, 0.7]] });
    expect((probabilityFigure(G).data as unknown as { z: number[][] }[])[0].z).toEqual([[0.2, 0.7]]);
    const other = vonMisesMixture({ weights: [1], meanAngles: [0], concentrations: [1] });
    expect(() => probabilityFigure(other)).toThrow(/categorical, bernoulli and multinomial mixtures, not of von-mises/);
  });
});
