import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { type ExponentialSums, exponentialPass, plainExponentialPass } from './exponential-em';

function expectSame(actual: ExponentialSums, expected: ExponentialSums): void {
  expect(Math.abs(actual.logLikelihood - expected.logLikelihood)).toBeLessThanOrEqual(
    1e-12 * (1 + Math.abs(expected.logLikelihood)),
  );
  for (const name of ['masses', 'sums'] as const) {
    const scale = expected[name].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
    actual[name].forEach((value, i) => {
      expect(Math.abs(value - expected[name][i])).toBeLessThanOrEqual(1e-12 * scale);
    });
  }
}

it('a pass in WebAssembly says what plain TypeScript says, for any shape and any weights', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.record({
        n: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(4095, 4096, 4097, 9001)),
        p: fc.integer({ min: 1, max: 5 }),
        K: fc.integer({ min: 1, max: 7 }),
        spread: fc.constantFrom(0.1, 10, 1000),
        least: fc.constantFrom(1, 1e-300, 0),
        weighted: fc.boolean(),
      }),
      (seed, { n, p, K, spread, least, weighted }) => {
        const random = randomStream(seed, 'exponential');
        const draw = (length: number, size: number) => Float64Array.from({ length }, () => size * (2 * random() - 1));
        const statistics = draw(p * n, spread);
        const thetas = draw(p * K, 1);
        const logs = draw(K, 1);
        logs[K - 1] += Math.log(least);
        if (K === 1) logs[0] = 0; // a mixture of nothing is none
        const weights = weighted ? draw(n, 1).map((x) => Math.exp(5 * x)) : undefined;
        const pass = exponentialPass(statistics, n, K, weights);
        const expected = plainExponentialPass(statistics, n, logs, thetas, weights);
        expectSame(pass(logs, thetas), expected);
        expectSame(pass(logs, thetas), expected);
      },
    ),
    { seed: 1, numRuns: 150 },
  );
});

it('is not finite where a row is beyond every component', () => {
  const statistics = Float64Array.of(1, 2, Number.MAX_VALUE, 3);
  const [logs, thetas] = [Float64Array.of(-1, -1), Float64Array.of(-10, -20)];
  expect(Number.isFinite(exponentialPass(statistics, 4, 2)(logs, thetas).logLikelihood)).toBe(false);
  expect(Number.isFinite(plainExponentialPass(statistics, 4, logs, thetas).logLikelihood)).toBe(false);
});
