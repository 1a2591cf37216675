import { describe, expect, it } from 'vitest';
import { diagonalGaussianMixture, gammaMixture, gaussianMixture } from '../mixture/constructors';
import { drawnMixture } from '../mixture/mixtures.fixture';
import { componentColour } from './palette';
import { profileFigure } from './profile-figure';

interface Trace {
  name: string;
  x: number[];
  y: number[];
  customdata: number[];
  fill?: string;
  fillcolor: string;
  line: { color: string };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

const G = gaussianMixture({
  weights: [0.25, 0.75],
  means: [
    [4, -100],
    [0, 100],
  ],
  covariances: [
    [
      [1, 5],
      [5, 400],
    ],
    [
      [9, 0],
      [0, 100],
    ],
  ],
});

describe('the profile of means', () => {
  it('is in standard deviations of all from the mean of all, by the law of total variance', () => {
    const mean = [1, 50];
    const sd = [Math.sqrt(0.25 * 1 + 0.75 * 9 + 0.25 * 9 + 0.75 * 1), Math.sqrt(0.25 * 400 + 0.75 * 100 + 7500)];
    const [band, first, , second] = traces(profileFigure(G));
    const close = (values: number[]) => values.map((value) => expect.closeTo(value, 3));
    expect(first.y).toEqual(close([(4 - mean[0]) / sd[0], (-100 - mean[1]) / sd[1]]));
    expect(second.y).toEqual(close([(0 - mean[0]) / sd[0], (100 - mean[1]) / sd[1]]));
    expect(first.customdata).toEqual(close([1 / sd[0], 20 / sd[1]]));
    expect(band.y).toEqual(
      close([5 - mean[0], -80 - mean[1], -120 - mean[1], 3 - mean[0]].map((y, i) => y / sd[i % 3 === 0 ? 0 : 1])),
    );
    expect(band.x).toEqual([0, 1, 1, 0]);
  });

  it('may be in raw units', () => {
    const [band, first] = traces(profileFigure(G, { raw: true }));
    expect(first.y).toEqual([4, -100]);
    expect(band.y).toEqual([5, -80, -120, 3]);
    expect(profileFigure(G, { raw: true }).layout.yaxis?.title).toEqual({ text: 'mean ± sd' });
  });

  it('names features on the axis, and components in their colours', () => {
    const long = 'a name that is far too long for an axis';
    const { layout, data } = profileFigure(G, { features: ['height', long], names: ['small', 'large'] });
    expect(layout.xaxis?.ticktext).toEqual(['height', 'a name that is far …']);
    expect(profileFigure(G).layout.xaxis?.ticktext).toEqual(['feature 0', 'feature 1']);
    const [band, first, , second] = traces({ data });
    expect([first, second].map(({ name, line }) => [name, line.color])).toEqual([
      ['small', componentColour(0)],
      ['large', componentColour(1)],
    ]);
    expect(band.fillcolor.startsWith(componentColour(0))).toBe(true);
  });

  it('draws Gaussians of any structure, and no others', () => {
    const axis = diagonalGaussianMixture({ weights: [1], means: [[1, 2]], variances: [[4, 9]] });
    expect(traces(profileFigure(axis))[1].customdata).toEqual([1, 1]);
    const gamma = gammaMixture({ weights: [1], shapes: [1], scales: [1] });
    expect(() => profileFigure(gamma as never)).toThrow(/family "gamma" has no profile of means/);
    expect(() => profileFigure(drawnMixture(1, 2, 3), { features: ['a'] })).toThrow(/1 names are given for 3 features/);
  });
});
