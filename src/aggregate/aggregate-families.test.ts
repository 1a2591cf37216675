import { describe, expect, it } from 'vitest';
import { wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { familyOf } from '../families/families-registry';
import { type Mixture, mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { aggregate } from './aggregate';

const names = ['von-mises-fisher', 'von-mises', 'bernoulli'] as const;
const all = Object.entries<Example>({
  ...Object.fromEntries(names.map((name) => [name, examples[name]])),
  ...examplesOfConstant['negative-binomial'],
  ...examplesOfConstant.multinomial,
  ...examplesOfConstant.categorical,
});

describe.each(all)('ten machines with %s components, of which three fail', (name, { honest }) => {
  const family = familyOf<unknown>(name);
  const truth: Mixture = mixture(family, honest.weights, honest.parameters);
  const fits = Array.from({ length: 10 }, (_, i) =>
    fit(sample(truth, 600, i).data, { order: truth.order, family: name, starts: 2 }),
  );

  it.each(Object.keys(family.failures ?? {}))('in their %s', async (kind) => {
    const { estimates, failed } = fail(fits, { kind, fraction: 0.3, seed: 1 });
    const { result, decisions } = await aggregate(estimates, { uncertainty: false });
    const honestOnes = fits.filter((_, i) => !failed.includes(i));
    const alone = honestOnes.reduce((sum, one) => sum + wasserstein1(one.mixture, truth), 0) / honestOnes.length;
    // a component that a failure hardly moved may be kept
    expect(result.setAside.length).toBeGreaterThan(0);
    expect(wasserstein1(result.mixture, truth)).toBeLessThan(0.8 * alone); // seven say more than one
    expect(decisions.length).toBeGreaterThan(1);
  });
});
