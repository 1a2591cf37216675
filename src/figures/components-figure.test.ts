import { describe, expect, it } from 'vitest';
import type { Components } from '../aggregate/components';
import { expertsModel } from '../experts/model';
import { gaussianMixture } from '../mixture/constructors';
import { componentsFigure } from './components-figure';

/** Three machines of two components: 0 is used whole, 1 in part, 2 is set aside although one of its components is near. */
const result: Components<unknown> = {
  mixture: gaussianMixture({ weights: [0.4, 0.6], means: [[0], [5]], covariances: [[[1]], [[1]]] }),
  kept: Int32Array.of(0, 1),
  setAside: [],
  converged: true,
  notes: [],
  keptComponents: Uint8Array.of(1, 1, 0, 1, 0, 0),
  assignment: Int32Array.of(0, 1, 1, 0, 0, 1),
  keptWeights: Uint8Array.of(1, 0, 0),
  distances: Float64Array.of(0.1, 1, 0, 20, 1.3, 0.5, 0.4, 1e6, 3),
  copies: [],
  misfit: 1,
  weightsDiffer: false,
};

interface Trace {
  type: string;
  name: string;
  x: number[];
  y: number[];
  z: number[][];
  text: string[][];
  colorscale: [number, string][];
  showlegend: boolean;
}
const traces = (...given: Parameters<typeof componentsFigure>) => componentsFigure(...given).data as unknown as Trace[];

describe('the figure of components', () => {
  const [map, near, far] = traces(result);

  it('has a row for each machine, a column for each component, and one for the weights', () => {
    expect([map.type, map.y, map.x]).toEqual(['heatmap', [0, 1, 2], [0, 1, 2]]);
    const { xaxis, yaxis } = componentsFigure(result).layout;
    expect(xaxis?.ticktext).toEqual(['0', '1', 'w']);
    expect(yaxis?.ticktext).toEqual(['machine 0', 'machine 1', 'machine 2']);
    expect(yaxis?.range).toEqual([2.5, -0.5]); // the first machine is above
  });

  it('says experts and gates of mixtures of experts', () => {
    const lines = {
      gates: [
        [0, 1],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [1, -1],
      ],
      variances: [1, 1],
    };
    const ofExperts = { ...result, mixture: expertsModel(lines) };
    const { xaxis } = componentsFigure(ofExperts).layout;
    expect([xaxis?.title, xaxis?.ticktext]).toEqual([
      { text: 'experts, and the gates', font: { size: 12 } },
      ['0', '1', 'gates'],
    ]);
    const [{ text }] = traces(ofExperts);
    expect(text[1].map((told) => told.split('<br>')[1])).toEqual([
      'expert 0, its own 1',
      'expert 1, its own 0',
      'gates',
    ]);
  });

  it('is blue below 0 and orange above, and what was used is below', () => {
    const middle = map.colorscale.filter(([at]) => at === 0.5);
    expect(middle).toHaveLength(2); // a jump at the threshold
    expect(map.z.map((row) => row.map(Math.sign))).toEqual([
      [-1, -1, -1],
      [1, -1, 1],
      [1, 1, 1],
    ]);
  });

  it('is shaded by the logarithm of the distance, to ten thresholds', () => {
    expect(map.z[0][0]).toBeCloseTo(-1, 12);
    expect(map.z[0][2]).toBe(-1); // at 0
    expect(map.z[1][0]).toBe(Math.log10(20)); // drawn as 1, the end of the scale
    expect(map.z[2][2]).toBeCloseTo(Math.log10(3), 12);
  });

  it('marks what was not used although near, and used although far', () => {
    expect([near.name, near.x, near.y]).toEqual(['not used, although near', [2, 0], [1, 2]]);
    expect([far.name, far.x, far.y]).toEqual(['used, although far', [1], [1]]);
    const whole = { ...result, keptComponents: new Uint8Array(6).fill(1), keptWeights: new Uint8Array(3).fill(1), distances: new Float64Array(9) }; // biome-ignore format: short
    expect(
      traces(whole)
        .slice(1)
        .map(({ x, showlegend }) => [x.length, showlegend]),
    ).toEqual([
      [0, false],
      [0, false],
    ]);
  });

  it('says the machine, the component by both numbers, the distance, and what became of it', () => {
    const { text } = traces(result, { names: ['north', 'south', 'west'] })[0];
    expect(text[0][0]).toBe('north<br>component 0<br>0.1 thresholds away<br>used');
    expect(text[1][0]).toBe('south<br>component 0, its own 1<br>20 thresholds away<br>not used');
    expect(text[1][2]).toMatch(/^south<br>weights<br>0.5 thresholds away<br>not used, .*group/);
    expect(text[2][0]).toMatch(/^west<br>component 0<br>0.4 thresholds away<br>not used, .*not believed$/);
  });

  it('marks machines that are known to have failed, and cuts long names', () => {
    const names = ['short', 'hospital-of-saint-somebody.json', 'c'];
    const { yaxis } = componentsFigure(result, { failed: [2], names }).layout;
    expect(yaxis?.ticktext).toEqual(['short', 'hospital-of-saint-s…', '<span style="color:#D55E00">▲ c</span>']);
    expect(traces(result, { names })[0].text[1][0]).toContain(names[1]);
  });

  it('has no column of weights if there is one component', () => {
    const one = {
      ...result,
      mixture: gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] }),
      keptComponents: Uint8Array.of(1, 0),
      assignment: new Int32Array(2),
      keptWeights: Uint8Array.of(1, 1),
      distances: Float64Array.of(0.5, 0, 2, 0),
    };
    const [{ x, z }] = traces(one);
    expect(x).toEqual([0]);
    expect(z.map(([shade]) => shade)).toEqual([Math.log10(0.5), Math.log10(2)]);
  });

  it('grows with the machines, to eleven pixels for each', () => {
    const of = (m: number) =>
      Number(
        componentsFigure({
          ...result,
          keptComponents: new Uint8Array(2 * m),
          assignment: new Int32Array(2 * m),
          keptWeights: new Uint8Array(m),
          distances: new Float64Array(3 * m),
        }).layout.height,
      );
    expect(of(20) - of(10)).toBe(200);
    expect(of(200) - of(100)).toBe(1100);
  });

  it('has rows of some machines only, if it is told which', () => {
    const [some, , distant] = traces(result, { machines: [2, 0] });
    expect(some.y).toEqual([0, 1]);
    expect(some.text.map(([first]) => first.split('<br>')[0])).toEqual(['machine 2', 'machine 0']);
    expect(componentsFigure(result, { machines: [2, 0] }).layout.yaxis?.ticktext).toEqual(['machine 2', 'machine 0']);
    expect(distant.y).toHaveLength(0);
  });
});
