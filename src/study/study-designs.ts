import { gammaMixture } from '../mixture/constructors';
import type { Method, Setting, StudyDesign } from './study-design';

const FRACTIONS = [0.1, 0.2, 0.3, 0.4];

/** 1, 1.05, …, `last`. */
const inflationFactors = (last: number): Method[] =>
  Array.from(
    { length: Math.round((last - 1) / 0.05) + 1 },
    (_, t): Method => `DFMR(${Number((1 + 0.05 * t).toFixed(2))})`,
  );

const gaussians = (maximumOverlap: number, sampleSize: number, machines: readonly number[]): Setting => ({
  population: { kind: 'mixsim', order: 5, dimension: 10, maximumOverlap },
  sampleSize,
  machines,
});

/** N of App. D. */
const GAMMA_ROWS = 2 ** 18;

/** Few rows a machine, of components that overlap. */
const few = (sampleSize: number, machines: number): Setting => ({
  population: { kind: 'mixsim', order: 5, dimension: 10, maximumOverlap: 0.2 },
  sampleSize,
  machines: [machines],
});

/** What rounds are compared with, and rounds. */
const withRounds = (...words: string[]): Method[] => [
  'MLE',
  'Oracle',
  'DFMR(1.3)',
  'Components',
  ...[1, 3, 6, 12].map((t) => `Rounds(${[t, ...words].join(', ')})`),
];

/**
 * The studies of the paper's section 5.1 and appendix D, and of rounds, by the name of what reads their results.
 * @example
 * Object.keys(studyDesigns); // ['inflation-factor', 'gaussian', 'gamma', 'rounds', 'rounds-honest', 'rounds-partly', 'rounds-drift']
 */
export const studyDesigns: Readonly<
  Record<
    'inflation-factor' | 'gaussian' | 'gamma' | 'rounds' | 'rounds-honest' | 'rounds-partly' | 'rounds-drift',
    StudyDesign
  >
> = {
  // Figure 2
  'inflation-factor': {
    settings: [gaussians(0.3, 10_000, [20, 50, 100])],
    failures: ['mean', 'covariance', 'weight'],
    fractions: FRACTIONS,
    methods: ['Oracle', 'COAT', ...inflationFactors(3)],
    clusteredRows: 0,
    seed: 'inflation factor',
  },
  // Figures 3–6 and 10–13
  gaussian: {
    settings: [
      gaussians(0.3, 5000, [20, 50, 100]),
      gaussians(0.3, 10_000, [50, 100]),
      gaussians(0.3, 20_000, [100]),
      gaussians(0.3, 25_000, [20]),
      gaussians(0.1, 5000, [100]),
      gaussians(0.2, 5000, [100]),
    ],
    failures: ['mean', 'covariance', 'weight'],
    fractions: FRACTIONS,
    methods: ['Oracle', 'DFMR(1.3)', 'DFMR(1)', 'COAT', 'Trim', 'Vanilla'],
    clusteredRows: 50_000,
    seed: 'gaussian study',
  },
  // Figures 15 and 16 and Table 4
  gamma: {
    settings: [8, 16, 32, 64, 128, 256].map((m) => ({
      population: gammaMixture({ weights: [0.32, 0.35, 0.33], shapes: [1, 8, 30], scales: [1, 6, 10] }).toJSON(),
      sampleSize: GAMMA_ROWS / m,
      machines: [m],
    })),
    failures: ['shape', 'scale', 'weight'],
    fractions: [0, ...FRACTIONS],
    methods: ['Oracle', 'COAT', 'Trim', 'Vanilla', ...inflationFactors(3.95)],
    clusteredRows: 0,
    seed: 'gamma study',
  },
  // section 7: few rows, poor starts, and liars in every round
  rounds: {
    settings: [few(200, 40), few(500, 20), few(2000, 20)],
    failures: ['mean'],
    fractions: [0, 0.2, 0.4],
    methods: withRounds(),
    fits: 'k-means',
    gaps: true,
    clusteredRows: 0,
    seed: 'rounds',
  },
  // nobody lies, and local estimates are good: how fast single EM steps lead to the MLE of all rows
  'rounds-honest': {
    settings: [few(500, 20)],
    failures: ['mean'],
    fractions: [0],
    methods: [
      'MLE',
      'Oracle',
      'Components',
      ...['no vote', 'accelerated, no vote', 'accelerated'].flatMap((how) =>
        [1, 2, 4, 8, 16].map((t) => `Rounds(${t}, E = 1, ${how})`),
      ),
    ],
    gaps: true,
    clusteredRows: 0,
    seed: 'rounds',
  },
  // one component of every machine is wrong, in every round
  'rounds-partly': {
    settings: [few(500, 20)],
    failures: ['mean'],
    fractions: [1],
    methods: withRounds().filter((method) => method !== 'Oracle'), // no machine is without failure
    components: 1,
    fits: 'k-means',
    gaps: true,
    clusteredRows: 0,
    seed: 'rounds',
  },
  // liars that push a little in every round, and what the vote is for
  'rounds-drift': {
    settings: [
      { population: { kind: 'mixsim', order: 3, dimension: 4, maximumOverlap: 0.2 }, sampleSize: 500, machines: [20] },
    ],
    failures: ['drift', 'cautious-drift'],
    fractions: [0, 0.3],
    methods: [
      'MLE',
      'Components',
      ...[2, 4, 8].flatMap((t) => [`Rounds(${t}, E = 1, no vote)`, `Rounds(${t}, E = 1)`]),
    ],
    gaps: true,
    clusteredRows: 0,
    seed: 'rounds',
  },
};
