import { describe, expect, it } from 'vitest';
import type { GrowthRow } from './growth';
import { growthExponents, growthFigure } from './growth-figure';

const rows: GrowthRow[] = [25, 100, 400].flatMap((size) => [
  { axis: 'm', size, work: 'L² matrix', by: 'dfmr', milliseconds: 0.01 * size ** 2 },
  { axis: 'm', size, work: 'L² matrix', by: 'NumPy', milliseconds: 0.3 * size ** 1.5 },
  { axis: 'm', size, work: 'reduction', by: 'dfmr', milliseconds: 0.1 * size },
]);

describe('growth', () => {
  it('is the power of the size, by work and peer', () => {
    const exponents = growthExponents(rows);
    expect([...exponents.keys()]).toEqual(['L² matrix', 'L² matrix, NumPy', 'reduction']);
    for (const [i, exponent] of [2, 1.5, 1].entries()) expect([...exponents.values()][i]).toBeCloseTo(exponent, 12);
  });

  it('stands in the legend of a figure on logarithmic axes, beside the name of who did the work where the work is the same', () => {
    const { data, layout } = growthFigure(rows);
    expect(data.map(({ name }) => name)).toEqual([
      'L² matrix: m<sup>2.00</sup>',
      'L² matrix, NumPy: m<sup>1.50</sup>',
      'reduction: m<sup>1.00</sup>',
    ]);
    expect([layout.xaxis?.type, layout.yaxis?.type, layout.xaxis?.title]).toEqual([
      'log',
      'log',
      { text: 'm, machines' },
    ]);
    expect(layout.xaxis?.ticktext).toEqual(['25', '100', '400']);
    const alone = growthFigure(rows.filter(({ work }) => work === 'L² matrix'));
    expect(alone.data.map(({ name }) => name)).toEqual(['dfmr: m<sup>2.00</sup>', 'NumPy: m<sup>1.50</sup>']);
  });
});
