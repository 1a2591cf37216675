import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standardise, unstandardised } from './standardise';

describe('a standardised table', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const rows = fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 30 });
  const spread = (column: number[]) => Math.max(...column) - Math.min(...column) > 1;

  it('has mean 0 and standard deviation 1, and goes back', () => {
    const property = fc.property(rows, (table) => {
      fc.pre([0, 1].every((j) => spread(table.map((row) => row[j]))));
      const standard = standardise(table);
      for (const j of [0, 1]) {
        const column = [...standard.data].filter((_, i) => i % 2 === j);
        const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
        const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (column.length - 1);
        expect(mean).toBeCloseTo(0, 8);
        expect(variance).toBeCloseTo(1, 8);
      }
      const { data } = unstandardised(standard);
      table.flat().forEach((x, i) => {
        expect(Math.abs(data[i] - x)).toBeLessThan(1e-9 * (1 + Math.max(...table.flat().map(Math.abs))));
      });
    });
    fc.assert(property);
  });

  it('keeps names and labels, there and back', () => {
    const table = { data: Float64Array.of(1, 2, 3), rows: 3, columns: 1, names: ['x'], labels: ['a', 'b', 'c'] };
    const standard = standardise(table);
    expect(standard).toMatchObject({ names: ['x'], labels: ['a', 'b', 'c'], data: Float64Array.of(-1, 0, 1) });
    expect({ ...unstandardised(standard) }).toEqual(table);
  });

  it('has mean 0 and standard deviation 1 of rows that count as often as their weights say, and keeps these', () => {
    const table = { data: Float64Array.of(1, 5, 9, 4), rows: 4, columns: 1, weights: Float64Array.of(2, 1, 0, 3) };
    const standard = standardise(table);
    const repeated = standardise([1, 1, 5, 4, 4, 4]);
    expect(standard.standardisation.centre[0]).toBeCloseTo(19 / 6, 14);
    expect(standard.standardisation.scale[0]).toBeCloseTo(repeated.standardisation.scale[0], 14);
    expect(standard.weights).toEqual(table.weights);
    expect(unstandardised(standard).weights).toEqual(table.weights);
    const light = { ...table, weights: table.weights.map((weight) => weight / 6) };
    expect(() => standardise(light)).toThrow(/weights of the rows sum to 1: .* multiply them/);
    expect(() => standardise({ ...table, weights: Float64Array.of(2, 0, 0, 0) })).toThrow(/column 0 is constant/);
  });

  it('has the moments of the observed cells where others are missing', () => {
    const table = [
      [1, Number.NaN],
      [Number.NaN, 4],
      [2, 6],
      [3, Number.NaN],
    ];
    const standard = standardise(table, { missing: 'em' });
    const half = Math.SQRT1_2;
    expect([...standard.data]).toEqual([-1, NaN, NaN, expect.closeTo(-half, 12), 0, expect.closeTo(half, 12), 1, NaN]);
    expect([...unstandardised(standard).data]).toEqual(table.flat().map((x) => (x >= 0 ? expect.closeTo(x, 12) : x)));
    expect(() => standardise(table)).toThrow(/row 0, column 1 of the table is NaN/);
    const gone = { data: Float64Array.of(1, Number.NaN, 2, Number.NaN), rows: 2, columns: 2, names: ['a', 'b'] };
    expect(() => standardise(gone, { missing: 'em' })).toThrow('no cell of column "b" is observed: leave it out');
    const once = Float64Array.of(1, 5, 2, Number.NaN);
    expect(() => standardise({ ...gone, data: once }, { missing: 'em' })).toThrow('column "b" is constant (5)');
  });

  it('has no constant column, nor one beyond float64', () => {
    const constant = { data: Float64Array.of(0.1, 1, 0.1, 2, 0.1, 3), rows: 3, columns: 2 };
    expect(() => standardise({ ...constant, names: ['a', 'b'] })).toThrow(/column "a" is constant \(0\.1\)/);
    expect(() => standardise(constant)).toThrow(/column 0 is constant/);
    expect(() => standardise([[1], [1e300]])).toThrow(/column 0 is beyond float64/);
    expect(() => standardise([[1], [1 + 1e-200], [1e-200]])).not.toThrow();
    expect(() => standardise([[1, 2]])).toThrow(/1 row has no standard deviation/);
  });
});
