import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { aic, bic } from '../estimate/criteria';
import { type FitExpertsOptions, fitExperts } from './fit-experts';
import references from './fit-experts.reference.json';
import flexmix from './flexmix.reference.json';
import { type ExpertsInput, expertsModel } from './model';

const numbersOf = ({ gates, coefficients, variances = [] }: ExpertsInput): number[] =>
  [gates, coefficients, variances].flat(4) as unknown as number[];

it('arrives at the maxima that BFGS and Newton find of the definition of the penalised likelihood', () => {
  for (const { options, x, y, rowWeights, start, model, ...values } of references) {
    const fit = fitExperts(x, y, {
      ...(options as FitExpertsOptions),
      start: expertsModel(start as ExpertsInput),
      rowWeights,
      tolerance: 0,
      maxIterations: 3000,
    });
    expect(fit.penalisedLogLikelihood).toBeCloseTo(values.penalisedLogLikelihood, 7);
    expect(Math.abs(fit.logLikelihood - values.logLikelihood)).toBeLessThan(1e-5);
    const [ours, theirs] = [fit.model, model as ExpertsInput].map(numbersOf);
    const far = ours.map((value, i) => Math.abs(value - theirs[i]) / (1 + Math.abs(theirs[i])));
    expect(Math.max(...far)).toBeLessThan(options.law === 'logistic' ? 1e-5 : 1e-6); // of weak information
  }
});

/** What flexmix fitted: the constant and x, or also x², and of which response. */
function tableOf(name: string, tone: { x: number[]; y: number[] }) {
  const { x, yn, yp } = flexmix.NPreg;
  if (name.startsWith('tone')) return { x: tone.x.map((value) => [value]), y: tone.y };
  return name.includes('Poisson')
    ? { x: x.map((value) => [value]), y: yp }
    : { x: x.map((value) => [value, value * value]), y: yn };
}

it('has the likelihoods, coefficients and criteria of flexmix, from starts of its own', () => {
  const [, ...lines] = readFileSync(path.join(__dirname, '../../data/tone-perception.csv'), 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number));
  const tone = { x: rows.map(([x]) => x), y: rows.map(([, y]) => y) };
  for (const { name, logLikelihood, coefficients, sigma, gates, shares, ...criteria } of flexmix.cases) {
    const { x, y } = tableOf(name, tone);
    const fit = fitExperts(x, y, {
      order: 2,
      law: name.includes('Poisson') ? 'poisson' : 'gaussian',
      gates: name.endsWith('gates') ? 'softmax' : 'constant',
      ...(name.includes('weights') && { rowWeights: x.map((_, j) => 1 + (j % 4)) }),
      penalty: 0,
      ridge: 0,
      tolerance: 1e-13,
    });
    if (name.includes('as published')) {
      // of a variance with n − p in place of n, so that the likelihood is not the greatest
      expect(fit.logLikelihood).toBeGreaterThan(logLikelihood);
      expect(fit.logLikelihood).toBeLessThan(logLikelihood + 0.02);
      continue;
    }
    const { model } = fit;
    expect(Math.abs(fit.logLikelihood - logLikelihood)).toBeLessThan(2e-6);
    expect(bic(fit)).toBeCloseTo(criteria.bic, 4);
    expect(aic(fit)).toBeCloseTo(criteria.aic, 4);
    const near = (line: readonly number[]) => {
      const far = model.coefficients.map((own) => own.reduce((sum, b, c) => sum + (b - line[c]) ** 2, 0));
      return far.indexOf(Math.min(...far));
    };
    const order = coefficients.map(near);
    order.forEach((k, l) => {
      coefficients[l].forEach((b, c) => {
        expect(model.coefficients[k][c]).toBeCloseTo(b, 3);
      });
      if (Array.isArray(sigma)) expect(Math.sqrt(model.variances[k])).toBeCloseTo(sigma[l], 3);
      if (Array.isArray(gates))
        (gates[l] as number[]).forEach((a, c) => {
          expect(model.gates[k][c] - model.gates[order[0]][c]).toBeCloseTo(a, 2);
        });
      else expect(Math.exp(model.gates[k][0] - model.gates[order[0]][0])).toBeCloseTo(shares[l] / shares[0], 3);
    });
  }
});
