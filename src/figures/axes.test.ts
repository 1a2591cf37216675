import { expect, it } from 'vitest';
import { countingTicks, logarithmicAxis, shortTick } from './axes';

it.each([
  [0.92, 1.31, ['1', '1.1', '1.2', '1.3']],
  [0.93, 1.75, ['1', '1.2', '1.4', '1.6']],
  [1, 7, ['1', '1.5', '2', '3', '5', '7']],
  [0.03, 3, ['0.05', '0.1', '0.2', '0.5', '1', '2']],
  [80, 30_000, ['100', '300', '1000', '3000', '10k', '30k']],
  [1e-3, 1e6, ['0.01', '1', '100', '10k', '1M']],
  [1e-12, 1e4, ['10⁻¹²', '10⁻⁹', '10⁻⁶', '0.001', '1', '1000']],
])('ticks from %d to %d have their whole number', (low, high, texts) => {
  const { ticktext, tickvals, range } = logarithmicAxis(low, high);
  expect(range.map((end) => (10 ** end).toPrecision(6))).toEqual([low, high].map((end) => end.toPrecision(6)));
  expect(tickvals.every((tick) => tick >= low && tick <= high)).toBe(true);
  expect(ticktext.length).toBeLessThanOrEqual(7);
  for (const text of texts) expect(ticktext).toContain(text);
});

it.each([
  [1234, '1234'],
  [20_000, '20k'],
  [2.5e6, '2.5M'],
  [1e12, '10¹²'],
  [3e-7, '3 × 10⁻⁷'],
  [0, '0'],
])('%d is short', (value, text) => {
  expect(shortTick(value)).toBe(text);
});

it.each([
  [3, [1, 2, 3]],
  [20, [1, 5, 10, 15, 20]],
  [100, [1, 20, 40, 60, 80, 100]],
])('%d machines are counted from 1 on', (m, ticks) => {
  expect(countingTicks(m).tickvals).toEqual(ticks);
});
