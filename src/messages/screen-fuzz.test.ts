import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { expertsLogDensity } from '../experts/experts-density';
import { type AnyExperts, flatExperts } from '../experts/model';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { onCovariates } from '../mixture/conditional';
import type { Mixture } from '../mixture/mixture';
import { type ScreenedEstimate, screenEstimates } from './screen';

// Texts of every family, and of experts of every form, damaged at random: each must be set aside, or be a valid estimate by checks that are written here once
// more. DFMR_FUZZ=10000 tries so many of each kind.

const RUNS = { seed: 1, numRuns: Number(process.env.DFMR_FUZZ ?? 400) };

const all = Object.entries<Example>(Object.assign({}, examples, ...Object.values(examplesOfConstant)));

/** d: three features where a list of θ has their number, two of Gaussians, and one of what is a number. */
const dimensionOf = (name: string) =>
  /^(dirichlet|von-mises-fisher|multinomial|bernoulli|categorical)/.test(name) ? 3 : /gaussian/.test(name) ? 2 : 1;

interface Json {
  [key: string]: unknown;
}

/** Probabilities of the same sum, a little nearer to each other or farther apart. */
function nearBy(probabilities: number[] | number[][], share: number): unknown {
  return probabilities.map((p) =>
    Array.isArray(p) ? nearBy(p, share) : p * (1 - share) + share / probabilities.length,
  );
}

/** Estimates that differ by about a per cent. */
function estimate([name, { honest }]: [string, Example], i: number): Json {
  const factor = 1 + Math.sin(i) / 100;
  const scaled = (value: unknown, key?: string): unknown => {
    if (key === 'meanDirection') return value; // which has the norm 1
    if (key === 'probabilities') return nearBy(value as number[] | number[][], factor - 1);
    if (typeof value === 'number') return value * factor;
    if (Array.isArray(value)) return value.map((one) => scaled(one));
    return Object.fromEntries(Object.entries(value as Json).map(([key, one]) => [key, scaled(one, key)]));
  };
  return {
    format: 'dfmr-estimate',
    version: 1,
    machine: `machine ${i}`,
    family: name,
    order: honest.weights.length,
    dimension: dimensionOf(name),
    weights: honest.weights,
    parameters: honest.parameters.map((one) => scaled(one)),
    ...(/gaussian$/.test(name) && { noise: { weight: 0.03 + i / 1000, lower: [-90 - i, -50], upper: [80, 70 + i] } }),
    sampleSize: 100 + i,
    fitted: { logLikelihood: -250.5, converged: true },
    names: Array.from({ length: dimensionOf(name) }, (_, j) => `x${j}`),
  };
}

/** A JSON text as a tree whose leaves are texts, so that it can be made into one that is none. */
type Tree = string | Tree[] | { readonly entries: [key: string, value: Tree][] };

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return { entries: Object.entries(value).map(([key, one]) => [JSON.stringify(key), treeOf(one)]) };
}

function textOf(tree: Tree): string {
  if (typeof tree === 'string') return tree;
  if (Array.isArray(tree)) return `[${tree.map(textOf).join(',')}]`;
  return `{${tree.entries.map(([key, one]) => `${key}:${textOf(one)}`).join(',')}}`;
}

const HOSTILE = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '2',
    '0.5',
    '1e999',
    '-1e999',
    '1e308',
    '1e300',
    '-1e150',
    '1e100',
    '1e50',
    '1e20',
    '1e9',
    '1e-9',
  ],
  ...[
    '1e-20',
    '1e-100',
    '1e-150',
    '1e-300',
    '5e-324',
    '1e-999',
    '0.1e1',
    '1.000000001',
    '0.9999999999',
    '4294967297',
    '1e15',
  ],
  ...[
    '9007199254740993',
    `1${'0'.repeat(400)}`,
    `0.${'3'.repeat(2000)}`,
    'NaN',
    'Infinity',
    '-',
    '+1',
    '.5',
    '01',
    '0x1',
    '',
  ],
  ...[
    'null',
    'true',
    '"1"',
    '""',
    '"NaN"',
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"length":2,"0":1,"1":1}',
    '"\\u001b[2J"',
    '"\\ud800"',
  ],
  ...[
    '"gaussian"',
    '"gamma"',
    '"weibull(1e-300)"',
    '"laplace(-0)"',
    '"__proto__"',
    '"student-t(1)"',
    '[1,2,3]',
    '[[1,0],[0,1]]',
  ],
];
const KEYS = ['__proto__', 'constructor', 'toString', 'mean', 'scale', 'order', 'format', 'length', 'valueOf', ''];

/** A place in a tree: what holds it, and where. */
type Place =
  | { readonly list: Tree[]; readonly at: number }
  | { readonly entries: [string, Tree][]; readonly at: number };

function placesOf(tree: Tree): Place[] {
  if (typeof tree === 'string') return [];
  if (Array.isArray(tree)) return tree.flatMap((one, at): Place[] => [{ list: tree, at }, ...placesOf(one)]);
  return tree.entries.flatMap(([, one], at): Place[] => [{ entries: tree.entries, at }, ...placesOf(one)]);
}

interface Edit {
  readonly kind: 'replace' | 'delete' | 'double' | 'rename' | 'move' | 'nudge' | 'nest';
  readonly place: number;
  readonly other: number;
  readonly hostile: string;
  readonly key: string;
}

const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record<Edit>({
    kind: fc.constantFrom('replace', 'delete', 'double', 'rename', 'move', 'nudge', 'nest'),
    place: fc.nat(),
    other: fc.nat(),
    hostile: fc.constantFrom(...HOSTILE),
    key: fc.constantFrom(...KEYS),
  }),
  { minLength: 1, maxLength: 4 },
);

function edit(tree: Tree, { kind, place, other, hostile, key }: Edit): void {
  const places = placesOf(tree);
  if (places.length === 0) return;
  const one = places[place % places.length];
  const { at } = one;
  const value = 'list' in one ? one.list[at] : one.entries[at][1];
  const put = (changed: Tree) => {
    if ('list' in one) one.list[at] = changed;
    else one.entries[at][1] = changed;
  };
  if (kind === 'replace') put(hostile);
  if (kind === 'nudge' && Number.isFinite(Number(value))) put(String(Number(value) * (1 + 2 ** -(other % 50))));
  if (kind === 'nest') put([value]);
  if (kind === 'delete') ('list' in one ? one.list : one.entries).splice(at, 1);
  if (kind === 'double' && 'list' in one) one.list.splice(at, 0, structuredClone(value));
  if (kind === 'double' && 'entries' in one) one.entries.splice(at + (other % 2), 0, [one.entries[at][0], hostile]);
  if (kind === 'rename' && 'entries' in one) one.entries[at][0] = JSON.stringify(key);
  if (kind === 'move') {
    const from = places[other % places.length];
    put(structuredClone('list' in from ? from.list[from.at] : from.entries[from.at][1]));
  }
}

const positive = (...values: number[]) => values.every((value) => value > 0 && value < Infinity);
const finite = (values: ArrayLike<number>) => Array.from(values).every(Number.isFinite);

/** Whether a matrix is symmetric, and its Cholesky factor real. */
function isCovariance(matrix: readonly (readonly number[])[], d: number): boolean {
  const lower = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      if (matrix[i][j] !== matrix[j][i]) return false;
      const rest = matrix[i][j] - lower[i].reduce((sum, one, c) => sum + (c < j ? one * lower[j][c] : 0), 0);
      if (i === j && !(rest > 0)) return false;
      lower[i][j] = i === j ? Math.sqrt(rest) : rest / lower[j][j];
    }
  }
  return matrix.length === d && matrix.every((row) => row.length === d && finite(row));
}

/** What θ must satisfy, from the definitions of the densities. */
function isParameter(name: string, parameter: Json): boolean {
  const d = dimensionOf(name);
  const { mean, covariance, variances, variance, concentration } = parameter as Record<string, never>;
  const { shape, scale, location, strength, rate } = parameter as Record<string, number>;
  if (name === 'gaussian-gamma') return finite([mean]) && positive(strength, shape, rate);
  const { meanDirection, meanAngle } = parameter as Record<string, never>;
  if (name === 'von-mises-fisher')
    return (meanDirection as number[]).length === d && finite(meanDirection) && positive(1 + concentration);
  if (name === 'von-mises') return finite([meanAngle]) && positive(1 + concentration);
  const { probabilities } = parameter as Record<string, never>;
  if (/^(bernoulli|multinomial)/.test(name))
    return (probabilities as number[]).length === d && positive(...(probabilities as number[]));
  if (/^categorical/.test(name))
    return (probabilities as number[][]).length === d && positive(...(probabilities as number[][]).flat());
  if (name === 'dirichlet') return (concentration as number[]).length === d && positive(...(concentration as number[]));
  if (/gaussian/.test(name)) {
    const spread =
      name === 'diagonal-gaussian'
        ? (variances as number[]).length === d && positive(...(variances as number[]))
        : name === 'spherical-gaussian'
          ? positive(variance)
          : isCovariance(covariance, d);
    return (mean as number[]).length === d && finite(mean) && spread;
  }
  if (/^(exponential|poisson|negative-binomial)/.test(name)) return positive(mean);
  if (name === 'gamma' || name === 'inverse-gamma') return positive(shape, scale);
  if (/^(rayleigh|weibull|laplace)/.test(name)) return positive(scale);
  return positive(scale) && finite([location]);
}

function requireValid(name: string, order: number, { family, weights, parameters, dimension, noise }: Mixture): void {
  const json = parameters.map((parameter) => family.toJSON(parameter)) as Json[];
  expect([family.name, dimension, weights.length, parameters.length]).toEqual([name, dimensionOf(name), order, order]);
  expect(weights.every((weight) => weight >= 0)).toBe(true);
  expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-9 + 1e-15);
  if (noise) {
    const { weight, lower, upper } = noise;
    expect([/gaussian$/.test(name), lower.length, upper.length]).toEqual([true, dimension, dimension]);
    expect(weight >= 0 && weight < 1 && finite(lower) && finite(upper)).toBe(true);
    expect(lower.every((least, i) => least < upper[i])).toBe(true);
  }
  for (const parameter of json) expect(parameter).toSatisfy((one: Json) => isParameter(name, one));
  if (name === 'tied-gaussian')
    for (const { covariance } of json as { covariance: number[][] }[])
      covariance.flat().forEach((value, i) => {
        const first = (json[0].covariance as number[][]).flat()[i];
        expect(Math.abs(value - first)).toBeLessThanOrEqual(1e-9 * Math.abs(first));
      });
}

const slow = (name: string) => /^(logistic|gumbel|student-t)/.test(name); // inner products by quadrature

const counts = { passed: 0, refused: 0 };

/** What is damaged: honest estimates, and what must hold of one that passed, the last, and of their aggregate. */
interface Subject {
  estimate(i: number): Json;
  requireValid(estimates: readonly ScreenedEstimate[], last: ScreenedEstimate): void;
}

const ofFamilies = all.map(
  (one): Subject => ({
    estimate: (i) => estimate(one, i),
    requireValid(estimates, { mixture }) {
      const [name, { honest }] = one;
      requireValid(name, honest.weights.length, mixture);
      if (slow(name)) return;
      const { mixture: aggregate, radius, objective } = dfmr(estimates);
      requireValid(name, honest.weights.length, aggregate);
      expect(finite([radius, objective])).toBe(true);
    },
  }),
);

/** The server's rows, on which experts are compared. */
const rows = Array.from({ length: 12 }, (_, s) => [Math.sin(s), Math.cos(2 * s)]);

const ofExperts = (['gaussian', 'two responses', 'poisson', 'logistic'] as const).map((kind): Subject => {
  const q = kind === 'two responses' ? 2 : 1;
  const law = kind === 'two responses' ? 'gaussian' : kind;
  const line = (i: number, k: number) => [1 + i / 100 - 2 * k, 0.5 + i / 200, k - i / 300];
  const matrix = (i: number, k: number) => [
    [1 + i / 50, 0.2],
    [0.2, 0.5 + k],
  ];
  return {
    estimate: (i) => ({
      format: 'dfmr-estimate',
      version: 2,
      machine: `machine ${i}`,
      experts: {
        law,
        gates: [
          [0.3 + i / 100, 1, -0.5],
          [0, 0, 0],
        ],
        coefficients: [0, 1].map((k) => (q === 2 ? [line(i, k), line(i, 1 - k)] : line(i, k))),
        ...(law === 'gaussian' && { variances: [0, 1].map((k) => (q === 2 ? matrix(i, k) : 1 + k + i / 50)) }),
      },
      order: 2,
      dimension: 2,
      sampleSize: 100 + i,
      fitted: { logLikelihood: -250.5, converged: true },
      names: ['x0', 'x1'],
      responses: q === 2 ? ['y', 'z'] : ['y'],
    }),
    requireValid(estimates, { model, names, responses }) {
      requireExperts(model as AnyExperts, law, q);
      expect([names?.length ?? 2, responses?.length ?? q]).toEqual([2, q]);
      const y = rows.map(() => (q === 2 ? [1, 0] : [1]));
      const { logs } = { logs: expertsLogDensity(model as AnyExperts, rows.slice(0, 1), y.slice(0, 1)) };
      expect(finite(logs)).toBe(true);
      const { estimates: mixtures, modelOf } = onCovariates(estimates, rows);
      const { mixture: aggregate, radius, objective } = dfmr(mixtures);
      requireExperts(modelOf(aggregate) as AnyExperts, law, q);
      expect(finite([radius, objective])).toBe(true);
    },
  };
});

/** Whether the numbers are those of a mixture of two experts in two covariates, by its definition. */
function requireExperts(model: AnyExperts, law: string, q: number): void {
  const { gates, coefficients, variances, ...sizes } = flatExperts(model);
  expect([sizes.law.name, sizes.order, sizes.covariates, sizes.responses]).toEqual([law, 2, 2, q]);
  expect([gates.length, coefficients.length, variances.length]).toEqual([6, 6 * q, law === 'gaussian' ? 2 * q * q : 0]);
  expect(finite([...gates, ...coefficients, ...variances])).toBe(true);
  expect([...gates.subarray(3)]).toEqual([0, 0, 0]);
  for (let k = 0; k < variances.length; k += q * q) {
    const matrix = Array.from({ length: q }, (_, r) => [...variances.subarray(k + r * q, k + (r + 1) * q)]);
    expect(isCovariance(matrix, q)).toBe(true);
  }
}

/** Puts a text among three honest ones. */
function tryText(one: Subject, text: string | Uint8Array): void {
  const honest = [1, 2, 3].map((i) => ({ name: `${i}`, text: JSON.stringify(one.estimate(i)) }));
  const { estimates, refused, sampleSizes } = screenEstimates([...honest, { name: 'bad', text }], { covariates: rows });
  expect(estimates.map((kept) => kept.name).slice(0, 3)).toEqual(['1', '2', '3']);
  expect(estimates.length + refused.length).toBe(4);
  for (const { reason } of refused) {
    counts.refused++;
    expect(reason.length).toBeLessThan(420);
    expect(reason).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
    expect(reason).not.toMatch(/undefined \(|is not a function|Cannot read|null \(|iterable/); // errors of ours
  }
  for (const last of estimates.slice(3)) {
    counts.passed++;
    expect(last.machine).toMatch(/^\P{Cc}{1,200}$/u);
    one.requireValid(estimates, last);
    expect([...sampleSizes].every((size) => size >= 1 && size <= 306)).toBe(true);
  }
}

const subjects = [...ofFamilies, ...ofExperts];
const any = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ofFamilies) },
  { weight: 1, arbitrary: fc.constantFrom(...ofExperts) },
);

describe(
  'a text is set aside or a valid estimate, whatever',
  () => {
    it('was done to its fields, keys and numbers', () => {
      fc.assert(
        fc.property(any, edits, (one, list) => {
          const tree = treeOf(one.estimate(9));
          for (const change of list) edit(tree, change);
          tryText(one, textOf(tree));
        }),
        RUNS,
      );
      expect(counts.passed).toBeGreaterThan(RUNS.numRuns / 50);
      expect(counts.refused).toBeGreaterThan(RUNS.numRuns / 2);
      if (process.env.DFMR_FUZZ) console.log('edited:', counts);
    });

    it('numbers it holds', () => {
      const number = fc.oneof(fc.double().map(String), fc.constantFrom(...HOSTILE));
      fc.assert(
        fc.property(any, fc.array(number, { minLength: 1, maxLength: 4 }), fc.nat(), (one, numbers, at) => {
          const tree = treeOf(one.estimate(9));
          const leaves = placesOf(tree).filter(
            (place) => 'list' in place && /^-?\d/.test(String(place.list[place.at])),
          ) as { list: Tree[]; at: number }[];
          const fields = placesOf(tree).filter((place) => 'entries' in place) as {
            entries: [string, Tree][];
            at: number;
          }[];
          const scalars = fields.filter(
            ({ entries, at }) => /^-?\d/.test(String(entries[at][1])) && entries.length < 5,
          );
          numbers.forEach((value, i) => {
            const every = [...leaves, ...scalars];
            const place = every[(at + i * 7) % every.length];
            if ('list' in place) place.list[place.at] = value;
            else place.entries[place.at][1] = value;
          });
          tryText(one, textOf(tree));
        }),
        RUNS,
      );
      if (process.env.DFMR_FUZZ) console.log('and numbers:', counts);
    });

    it('bytes were flipped, taken out or put in', () => {
      const change = fc.record({
        at: fc.nat(),
        take: fc.constantFrom(0, 1, 1, 1, 2, 30),
        put: fc.uint8Array({ maxLength: 3 }),
      });
      fc.assert(
        fc.property(any, fc.array(change, { minLength: 1, maxLength: 3 }), (one, changes) => {
          let bytes = [...Buffer.from(JSON.stringify(one.estimate(9)))];
          for (const { at, take, put } of changes) bytes.splice(at % bytes.length, take, ...put);
          bytes = bytes.length > 0 ? bytes : [0];
          tryText(one, Uint8Array.from(bytes));
        }),
        RUNS,
      );
      if (process.env.DFMR_FUZZ) console.log('and bytes:', counts);
    });

    it('is left of it', () => {
      for (const one of process.env.DFMR_FUZZ ? subjects : [...ofFamilies.slice(0, 2), ofExperts[1]]) {
        const text = JSON.stringify(one.estimate(9));
        for (let end = 0; end < text.length; end += 3) tryText(one, text.slice(0, end));
      }
    });

    it('JSON it is', () => {
      fc.assert(
        fc.property(any, fc.json(), (one, text) => tryText(one, text)),
        { ...RUNS, numRuns: RUNS.numRuns / 2 },
      );
    });
  },
  Number(process.env.DFMR_FUZZ ?? 0) * 100 + 30_000,
);
