import { expect, it } from 'vitest';
import { type Frame, isFrame, tableBundle } from './table-html';

const text = (...args: Parameters<typeof tableBundle>) => String(tableBundle(...args)['text/plain']).split('\n');
const html = (...args: Parameters<typeof tableBundle>) => String(tableBundle(...args)['text/html']);

it('aligns numbers to the right with common decimals, text to the left', () => {
  expect(
    text([
      { method: 'DFMR', ari: 0.956, n: 10 },
      { method: 'COAT', ari: 2 / 3, n: 5 },
    ]),
  ).toEqual(['method     ari   n', '──────  ──────  ──', 'DFMR    0.9560  10', 'COAT    0.6667   5']);
  expect(html([{ method: 'DFMR', ari: 0.956 }])).toContain(
    '<tr><td style="text-align:left">DFMR</td><td style="text-align:right">0.956</td></tr>',
  );
});

it('rounds to the digits asked for', () => {
  expect(text([{ ari: 0.98765 }], { digits: 2 })[2]).toBe('0.99');
});

it('writes numbers of very different size one by one', () => {
  expect(text([{ p: 0.0000123456 }, { p: 1234.5 }]).slice(2)).toEqual(['0.00001235', '      1235']);
  expect(text([{ p: 0.0001236 }, { p: 1.5 }]).slice(2)).toEqual(['0.0001236', '1.5000000']);
  expect(text([{ p: 1234567890.5 }, { p: 0.25 }]).slice(2)).toEqual(['1235000000', '      0.25']);
});

it('rounds no integers', () => {
  expect(text([{ n: 1234567890 }, { n: 0.25 }]).slice(2)).toEqual(['1234567890', '      0.25']);
  expect(text([{ n: 0.0000123456 }, { n: 12345 }]).slice(2)).toEqual(['0.00001235', '     12345']);
});

it('leaves cells of missing values empty and names what is not finite', () => {
  expect(
    text([
      { a: 1, b: null },
      { c: Number.NaN, a: Number.NEGATIVE_INFINITY },
    ]),
  ).toEqual([' a  b    c', '──  ─  ───', ' 1', '-∞     NaN']);
});

it('puts the caption below, as text and not as HTML', () => {
  expect(text([{ a: 1 }], { caption: 'See <this>.' }).at(-1)).toBe('See <this>.');
  expect(html([{ a: '<b>' }], { caption: 'See <this>.' })).toMatch(/&lt;b&gt;.*See &lt;this&gt;\.<\/figcaption>/s);
});

it('abbreviates long tables in the middle', () => {
  const lines = text(Array.from({ length: 1000 }, (_, i) => ({ i })));
  expect(lines.slice(2)).toHaveLength(22);
  expect(lines[2]?.trim()).toBe('0');
  expect(lines[12]?.trim()).toBe('⋮');
  expect(lines[22]?.trim()).toBe('999');
  expect(lines[23]).toBe('1000 rows');
});

it('shows data frames, with their index unless it only counts', () => {
  const frame: Frame = { columns: ['x'], index: [0, 1], values: [[1.5], [2]] };
  expect(text(frame)).toEqual(['  x', '───', '1.5', '2.0']);
  expect(text({ ...frame, index: ['mean', 'sd'] })).toEqual(['        x', '────  ───', 'mean  1.5', 'sd    2.0']);
  expect(text({ columns: ['x'], index: [0, 1], values: [3, 4] }).slice(2)).toEqual(['3', '4']);
});

it('knows a data frame when it sees one', () => {
  expect(isFrame({ columns: ['x'], index: [0], values: [[1]] })).toBe(true);
  expect(isFrame({ columns: 3, index: [0], values: [[1]] })).toBe(false);
  expect(isFrame([{ columns: [] }])).toBe(false);
  expect(isFrame(null)).toBe(false);
});
