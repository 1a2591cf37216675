import { expertsFailureNames } from '../simulate/experts-failures';
import type { ExpertsSetting, ExpertsStudyDesign } from './experts-setting';

/** K = 4, d = 4, m = 20, n = 500, as of Chamroukhi and Pham but smaller. */
const usual: ExpertsSetting = {
  name: 'K = 4, d = 4, n = 500',
  population: { order: 4, covariates: 4 },
  sampleSize: 500,
  machines: 20,
};

/** Nobody fails, two machines of five in each of the seven ways, and one expert of every machine. */
const failures = [
  { kind: 'none', fraction: 0 },
  ...expertsFailureNames().map((kind) => ({ kind, fraction: 0.4 })),
  { kind: 'expert', fraction: 1 },
];

/** The studies of mixtures of experts, by the name of what reads their results. */
export const expertsStudyDesigns: Readonly<Record<'experts' | 'experts-elsewhere', ExpertsStudyDesign>> = {
  experts: {
    experts: [usual],
    failures,
    methods: [
      'MLE',
      'Oracle',
      'Components',
      ...[1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.75, 2].map((factor) => `DFMR(${factor})`),
      'COAT',
      'Trim',
      'Vanilla',
    ],
    seed: 'experts',
  },
  // where it is harder: more covariates, fewer rows, experts that are alike, starts that do not know the truth, machines that see other rows, and
  // rows to compare on that are few or come from the machines
  'experts-elsewhere': {
    experts: [
      { ...usual, name: 'd = 20, n = 2000', population: { order: 4, covariates: 20 }, sampleSize: 2000 },
      { ...usual, name: 'K = 3, d = 2, n = 200', population: { order: 3, covariates: 2 }, sampleSize: 200 },
      { ...usual, name: 'slopes N(0, 1)', population: { order: 4, covariates: 4, slopes: 1 } },
      { ...usual, name: 'slopes N(0, ½²)', population: { order: 4, covariates: 4, slopes: 0.5 } },
      { ...usual, name: 'constant gates', population: { order: 4, covariates: 4, gates: 0 } },
      { ...usual, name: 'starts of their own', fits: 'own' },
      { ...usual, name: 'means of covariates N(0, ½²)', shift: 0.5 },
      { ...usual, name: 'means of covariates N(0, 1)', shift: 1 },
      { ...usual, name: 'means of covariates N(0, 2²)', shift: 2 },
      { ...usual, name: '30 rows of the server', rows: 30 },
      { ...usual, name: '100 rows of the machines', rows: 100, rowsFrom: 'machines' },
    ],
    failures,
    methods: ['MLE', 'Oracle', 'Components', 'DFMR(1.2)', 'DFMR(1.3)', 'DFMR(1.5)', 'Vanilla'],
    seed: 'experts elsewhere',
  },
};
