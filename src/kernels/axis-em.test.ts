import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { type AxisComponents, type AxisSums, axisPass, plainAxisPass } from './axis-em';

function expectSame(actual: AxisSums, expected: AxisSums): void {
  expect(Math.abs(actual.logLikelihood - expected.logLikelihood)).toBeLessThanOrEqual(
    1e-12 * (1 + Math.abs(expected.logLikelihood)),
  );
  for (const name of ['masses', 'moments', 'squares'] as const) {
    expect(actual[name].length).toBe(expected[name].length);
    const scale = expected[name].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-290);
    actual[name].forEach((value, i) => {
      expect(Math.abs(value - expected[name][i])).toBeLessThanOrEqual(1e-12 * scale);
    });
  }
}

it('a pass over Gaussians without correlations in WebAssembly says what plain TypeScript says, for any shape', () => {
  const shapes = {
    n: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(63, 64, 65, 5000)),
    d: fc.integer({ min: 1, max: 13 }),
    K: fc.integer({ min: 1, max: 6 }),
    spread: fc.constantFrom(0.1, 1, 30),
    far: fc.constantFrom(0, 1e3),
    weighted: fc.boolean(),
    noise: fc.boolean(),
  };
  fc.assert(
    fc.property(fc.nat(), fc.record(shapes), (seed, { n, d, K, spread, far, weighted, noise }) => {
      const random = randomStream(seed, 'axis');
      const draw = (length: number, size: number) => Float64Array.from({ length }, () => size * (2 * random() - 1));
      const data = draw(n * d, 3 + spread).map((x) => x + far);
      const components: AxisComponents = {
        means: draw(K * d, spread).map((x) => x + far),
        scales: draw(K * d, 1).map((x, i) => (noise && i >= (K - 1) * d ? 0 : Math.exp(x))),
        logs: draw(K, 2),
      };
      const weights = weighted ? draw(n, 1).map((x) => Math.exp(5 * x)) : undefined;
      const rows = { data, rows: n, columns: d, weights };
      const pass = axisPass(rows, K);
      const expected = plainAxisPass(rows, components);
      expectSame(pass(components), expected);
      expectSame(pass(components), expected);
    }),
    { seed: 1, numRuns: 120 },
  );
});

it('is not finite where a row is beyond every component', () => {
  const rows = { data: Float64Array.of(1, 1e300, 2), rows: 3, columns: 1 };
  const components = { means: Float64Array.of(0, 1), scales: Float64Array.of(1, 1), logs: Float64Array.of(-1, -1) };
  expect(Number.isFinite(axisPass(rows, 2)(components).logLikelihood)).toBe(false);
  expect(Number.isFinite(plainAxisPass(rows, components).logLikelihood)).toBe(false);
});
