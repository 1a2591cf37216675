import { describe, expect, it } from 'vitest';
import { dfmrComponents } from '../aggregate/components';
import { InvalidInput } from '../errors';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import type { Samples } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixtureToVector } from '../mixture/mixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { machinesOf } from '../protocol/round-machine';
import { dfmrRounds } from '../protocol/rounds';
import { emInformation } from '../theory/em-information';
import { finished } from '../work/work';
import { slowest } from './drift';
import { fail, failedMachines } from './fail';
import { failMachines } from './fail-machines';
import { mixsim } from './mixsim';

const pooled = (tables: readonly Samples[]): Samples => ({
  data: Float64Array.from(tables.flatMap((one) => [...one.data])),
  rows: tables.reduce((sum, { rows }) => sum + rows, 0),
  columns: tables[0].columns,
});

const total = (mixture: Mixture, table: Samples) => logDensity(mixture, table).reduce((sum, log) => sum + log, 0);

describe('machines that fail in every round', () => {
  const truth = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 4 });
  const tables = Array.from({ length: 6 }, (_, i) => sample(truth, 120, `fail ${i}`).data);
  const options = { kind: 'mean', fraction: 0.34, seed: 5 } as const;
  const step = { iterations: 2, penalty: 0.01 };

  it('are those of `fail`, and send what it sends in place of what they would send honestly', async () => {
    const machines = machinesOf(tables, { workers: 1 });
    const { machines: failing, failed } = failMachines(machines, options);
    expect(failed).toEqual(failedMachines(6, 0.34, 5));
    const honest = await Promise.all(machines.map((machine) => machine.step(truth, step)));
    const { estimates } = fail(honest, options);
    for (const i of [5, 4, 3, 2, 1, 0]) {
      const reply = await failing[i].step(truth, step); // in any order, and one alone
      const expected = (estimates[i] as { mixture: typeof truth }).mixture;
      expect(mixtureToVector(reply.mixture)).toEqual(mixtureToVector(expected));
      expect([reply.sampleSize, reply.logLikelihood]).toEqual([120, honest[i].logLikelihood]);
    }
  });

  it('vote as they are told, or as the failure has it', async () => {
    const machines = machinesOf(tables, { workers: 1 });
    const votes = async (votes: 'yes' | 'no' | undefined, kind: string) => {
      const { machines: failing, failed } = failMachines(machines, { ...options, kind, votes });
      const replies = [await failing[failed[0]].step(truth, step), await failing[failed[0]].step(truth, step)];
      return Math.sign(replies[1].logLikelihood - replies[0].logLikelihood);
    };
    expect(await votes('yes', 'mean')).toBe(1);
    expect(await votes('no', 'mean')).toBe(-1);
    expect(await votes(undefined, 'mean')).toBe(0);
    expect(await votes(undefined, 'vote-no')).toBe(-1);
    expect(await votes(undefined, 'drift')).toBe(1);
    expect(() => failMachines(machines, { ...options, fraction: 2 })).toThrow(InvalidInput);
    const { machines: unknown, failed } = failMachines(machines, { ...options, kind: 'no such' });
    await expect(unknown[failed[0]].step(truth, step)).rejects.toThrow(/there is no failure "no such"/);
  });

  it('do not hinder the others when one is silent', async () => {
    const asleep = { step: () => Promise.reject(new Error('asleep')) };
    const machines = [...machinesOf(tables, { workers: 1 }), asleep];
    const { machines: failing, failed } = failMachines(machines, {
      ...options,
      fraction: 0.3,
      kind: 'drift',
    });
    const { history } = await dfmrRounds(failing, { start: truth, rounds: 1, iterations: 1 });
    expect(failed).toHaveLength(2);
    const reason = 'asleep';
    expect(history[0].setAside.filter((one) => one.reason === reason)).toEqual([{ machine: 6, reason }]);
  });
});

describe('the direction in which EM is slowest', () => {
  it('is that along which its steps go at last', () => {
    const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [2.6]], covariances: [[[1]], [[1.4]]] });
    const { data: table } = sample(truth, 200_000, 'slow');
    const mle = fit(table, { start: truth, tolerance: 1e-13, maxIterations: 5000, penalty: 0 });
    const away = gaussianMixture({ weights: [0.42, 0.58], means: [[0.05], [2.6]], covariances: [[[1]], [[1.4]]] });
    const { mixture } = fit(table, { start: away, tolerance: 0, maxIterations: 60, penalty: 0 });
    const left = mixtureToVector(mixture).map((value, i) => value - mixtureToVector(mle.mixture)[i]);
    const direction = slowest(truth, finished(emInformation(truth)));
    const length = (x: Float64Array) => Math.sqrt(x.reduce((sum, value) => sum + value ** 2, 0));
    const cosine = left.reduce((sum, value, i) => sum + value * direction[i], 0) / length(left) / length(direction);
    expect(Math.abs(cosine)).toBeGreaterThan(0.98);
  });
});

describe('the drift attack of six machines in twenty, in eight rounds of one EM step', () => {
  const [machines, n] = [20, 500];

  /** Nats below the MLE of the honest rows: of one shot, and of rounds. */
  async function gaps(seed: number) {
    const truth = mixsim({ order: 3, dimension: 4, maximumOverlap: 0.2, seed: 100 + seed });
    const tables = Array.from({ length: machines }, (_, i) => sample(truth, n, `${seed}-${i}`).data);
    const fits = tables.map((table) => fit(table, { start: truth }));
    const attack = { fraction: 0.3, seed: `drift ${seed}` };
    const liars = new Set(failedMachines(machines, 0.3, attack.seed));
    const honest = pooled(tables.filter((_, i) => !liars.has(i)));
    const best = total(fit(honest, { start: truth, tolerance: 1e-10, maxIterations: 3000 }).mixture, honest);
    const gap = (mixture: Mixture) => best - total(mixture, honest);
    const start = dfmrComponents(fail(fits, { ...attack, kind: 'drift' }).estimates);
    const after = async (kind: string, vote: boolean) => {
      const failing = failMachines(machinesOf(tables, { workers: 1 }), { ...attack, kind });
      const plan = {
        start: start as { mixture: Mixture<GaussianParameter> },
        rounds: 8,
        iterations: 1,
        vote,
        tolerance: 0,
      };
      return gap((await dfmrRounds(failing.machines, plan)).mixture);
    };
    return {
      once: gap(start.mixture),
      without: await after('drift', false),
      voted: Math.max(await after('drift', true), await after('cautious-drift', true)),
    };
  }

  it('leads away where nobody votes, and hardly farther than one shot where machines do', async () => {
    const { once, without, voted } = await gaps(0);
    expect(once).toBeGreaterThan(3);
    expect(without).toBeGreaterThan(2 * once);
    expect(voted).toBeLessThan(1.5 * once);
  });
});

describe('machines that always vote no', () => {
  it('do not stop progress if they are one in five', async () => {
    const truth = mixsim({ order: 3, dimension: 4, maximumOverlap: 0.1, seed: 7 });
    const tables = Array.from({ length: 20 }, (_, i) => sample(truth, 100, `no ${i}`).data);
    const failure = { kind: 'mean', votes: 'no', fraction: 0.2, seed: 1 } as const;
    const start = dfmrComponents(
      fail(
        tables.map((table, i) => fit(table, { order: 3, seed: i, starts: 3, initialisation: 'k-means++' })), // with room to gain
        failure,
      ).estimates,
    );
    const { machines, failed } = failMachines(machinesOf(tables, { workers: 1 }), failure);
    const liars = new Set(failed);
    const honest = pooled(tables.filter((_, i) => !liars.has(i)));
    const best = total(fit(honest, { start: truth, tolerance: 1e-10, maxIterations: 3000 }).mixture, honest);
    const { mixture, history } = await dfmrRounds(machines, { start, rounds: 12 });
    for (const { gains } of history) for (const i of failed) expect(gains[i] ?? -1).toBeLessThan(0);
    const [before, after] = [start.mixture, mixture].map((one) => (best - total(one as Mixture, honest)) / 20);
    expect(before).toBeGreaterThan(0.6);
    expect(after).toBeLessThan(0.2);
  });
});
