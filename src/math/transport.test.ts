import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from './random';
import { transport } from './transport';

interface Case {
  supply: number[];
  demand: number[];
  cost: number[][];
  value: number;
}

const { cases }: { cases: Case[] } = JSON.parse(readFileSync(path.join(__dirname, 'transport.reference.json'), 'utf8'));
const RUNS = { seed: 1, numRuns: 60 };

describe('agrees with the reference', () => {
  it.each(cases.map((one) => [`${one.supply.length} × ${one.demand.length}`, one] as const))('%s', (_, one) => {
    const { value, plan } = solved(one.cost.flat(), one.supply, one.demand);
    expect(Math.abs(value - one.value)).toBeLessThanOrEqual(1e-9 * Math.max(1, one.value));
    expectFeasible(plan, one.supply, one.demand);
  });
});

it('finds the least cost of all plans, by enumeration of those of whole numbers', () => {
  const small = fc
    .record({ K: fc.integer({ min: 1, max: 3 }), L: fc.integer({ min: 1, max: 3 }), seed: fc.nat() })
    .map(({ K, L, seed }) => {
      const random = randomStream(seed, 'test');
      const below = (n: number) => Math.floor(n * random());
      const plan = Array.from({ length: K }, () => Array.from({ length: L }, () => below(3)));
      const supply = plan.map((row) => row.reduce((a, b) => a + b, 0));
      const demand = plan[0].map((_, l) => plan.reduce((sum, row) => sum + row[l], 0));
      return { supply, demand, cost: Array.from({ length: K * L }, () => below(10)) };
    });
  fc.assert(
    fc.property(small, ({ supply, demand, cost }) => {
      const { value, plan } = solved(cost, supply, demand);
      expect(value).toBeCloseTo(leastCost(cost, supply, demand), 9);
      expectFeasible(plan, supply, demand);
    }),
    RUNS,
  );
});

it('meets the bound of the dual problem, also where masses are zero or alike and costs are tied', () => {
  const problems = fc.record({
    seed: fc.nat(),
    K: fc.integer({ min: 1, max: 12 }),
    L: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom('random', 'zeros', 'alike', 'ties'),
  });
  fc.assert(
    fc.property(problems, ({ seed, K, L, kind }) => {
      const random = randomStream(seed, 'test');
      const masses = (n: number) => {
        const raw = Array.from({ length: n }, (_, i) => {
          if (kind === 'alike') return 1;
          return kind === 'zeros' && i > 0 && random() < 0.5 ? 0 : random() + 0.01;
        });
        const total = raw.reduce((a, b) => a + b, 0);
        return raw.map((mass) => mass / total);
      };
      const [supply, demand] = [masses(K), masses(L)];
      const cost = Array.from({ length: K * L }, () => (kind === 'ties' ? Math.floor(3 * random()) : random()));
      const { value, plan } = solved(cost, supply, demand);
      expectFeasible(plan, supply, demand);
      expect(Math.abs(value - dualBound(cost, plan, supply, demand))).toBeLessThan(1e-10);
    }),
    RUNS,
  );
});

it('solves an assignment of 40 to 40, where every plan is degenerate', () => {
  const random = randomStream(1, 'test');
  const masses = new Array(40).fill(1 / 40);
  const cost = Array.from({ length: 1600 }, random);
  const { value, plan } = solved(cost, masses, masses);
  expectFeasible(plan, masses, masses);
  expect(Math.abs(value - dualBound(cost, plan, masses, masses))).toBeLessThan(1e-10);
});

it('costs nothing between a distribution and itself, and is the same in other units of cost', () => {
  const cost = [0, 1, 4, 1, 0, 1, 4, 1, 0];
  expect(solved(cost, [0.2, 0.3, 0.5], [0.2, 0.3, 0.5]).value).toBe(0);
  const { value } = solved(cost, [0.2, 0.3, 0.5], [0.5, 0.3, 0.2]);
  expect(value).toBeCloseTo(0.6, 11); // 0.3 goes one step twice
  for (const unit of [1e-150, 1e-9, 1e9, 1e150]) {
    const scaled = cost.map((c) => c * unit);
    expect(solved(scaled, [0.2, 0.3, 0.5], [0.5, 0.3, 0.2]).value / unit).toBeCloseTo(0.6, 11);
  }
});

it('moves everything at no cost when all costs are zero', () => {
  const { value, plan } = solved([0, 0, 0, 0], [0.4, 0.6], [0.5, 0.5]);
  expect(value).toBe(0);
  expectFeasible(plan, [0.4, 0.6], [0.5, 0.5]);
});

it('takes totals that differ by the rounding of proportions', () => {
  for (const off of [1e-9, -1e-9, 3e-13]) {
    const { value, plan } = solved([0, 1, 1, 0], [0.5 + off, 0.5], [0.25, 0.75]);
    expect(Math.abs(value - 0.25)).toBeLessThan(2e-9);
    expect(plan.reduce((sum, mass) => sum + mass)).toBeCloseTo(1 + off, 11);
  }
});

it('says that the totals must agree, and which cost is not finite', () => {
  expect(() => solved([1, 2], [1], [0.4, 0.5])).toThrow(
    /supply of a transport is 1 in total, its demand 0.9: they must/,
  );
  for (const bad of [Infinity, Number.NaN]) {
    expect(() => solved([1, 1, 1, bad], [0.5, 0.5], [0.4, 0.6])).toThrow(`from 1 to 1 is ${bad}: every cost must be`);
  }
});

function solved(cost: number[], supply: number[], demand: number[]) {
  return transport(Float64Array.from(cost), Float64Array.from(supply), Float64Array.from(demand));
}

function expectFeasible(plan: Float64Array, supply: number[], demand: number[]): void {
  const L = demand.length;
  for (const mass of plan) expect(mass).toBeGreaterThanOrEqual(0);
  supply.forEach((mass, k) => {
    expect(Math.abs(plan.subarray(k * L, (k + 1) * L).reduce((a, b) => a + b, 0) - mass)).toBeLessThan(1e-10);
  });
  demand.forEach((mass, l) => {
    expect(Math.abs(supply.reduce((sum, _, k) => sum + plan[k * L + l], 0) - mass)).toBeLessThan(1e-10);
  });
}

/** The least cost of the plans of whole numbers, one of which is optimal where all masses are whole. */
function leastCost(cost: number[], supply: number[], demand: number[], cell = 0): number {
  const L = demand.length;
  if (cell === cost.length) return supply.every((s) => s === 0) && demand.every((d) => d === 0) ? 0 : Infinity;
  const [k, l] = [Math.floor(cell / L), cell % L];
  let least = Infinity;
  for (let mass = 0; mass <= Math.min(supply[k], demand[l]); mass++) {
    const rest = leastCost(
      cost,
      supply.map((s, i) => (i === k ? s - mass : s)),
      demand.map((d, i) => (i === l ? d - mass : d)),
      cell + 1,
    );
    least = Math.min(least, mass * cost[cell] + rest);
  }
  return least;
}

/**
 * Σ a u + Σ b v of prices with u_k + v_l ≤ c_kl, below which no plan can be. The prices are shortest ways (Bellman and
 * Ford) in the network where the plan's mass may be taken back; they exist because the plan is optimal.
 */
function dualBound(cost: number[], plan: Float64Array, supply: number[], demand: number[]): number {
  const [K, L] = [supply.length, demand.length];
  const from = new Float64Array(K);
  const to = new Float64Array(L);
  for (let round = 0; round <= K + L; round++) {
    for (let k = 0; k < K; k++) {
      for (let l = 0; l < L; l++) {
        const c = cost[k * L + l];
        to[l] = Math.min(to[l], from[k] + c);
        if (plan[k * L + l] > 1e-9) from[k] = Math.min(from[k], to[l] - c);
      }
    }
  }
  for (let k = 0; k < K; k++) {
    for (let l = 0; l < L; l++) expect(to[l] - from[k]).toBeLessThanOrEqual(cost[k * L + l] + 1e-12);
  }
  const received = demand.reduce((sum, mass, l) => sum + mass * to[l], 0);
  return received - supply.reduce((sum, mass, k) => sum + mass * from[k], 0);
}
