import path from 'node:path';
import { isPortableRule } from '../aggregate/rules';
import { isPortableDistance } from '../distance/distance';
import { isPortableFailure } from '../simulate/failure-registry';
import { type Repetition, repeat } from './repetition';
import { runRepetitions, type StudyKind, type StudyOptions } from './repetitions';
import { rulesOf, type StudyDesign } from './study-design';
import { type Study, studyFormat } from './study-file';

const simulation: StudyKind<StudyDesign, Repetition> = {
  ...studyFormat,
  repeat,
  worker: path.join(__dirname, 'study-worker'),
  isPortable: ({ failures, methods, distance = 'l2' }) =>
    failures.every(isPortableFailure) && rulesOf(methods).every(isPortableRule) && isPortableDistance(distance),
  work: ({ settings }) => settings.map(({ sampleSize, machines }) => sampleSize * Math.max(...machines)),
};

/**
 * Runs a simulation study on all cores: the same results, and the same bytes in the file, for any number of threads, and however
 * often it was stopped. More repetitions can be asked of a file that is complete.
 * @param design plain JSON
 * @param options how often, in which file, and on how many threads
 * @returns the design and all repetitions; `summarise` makes means of them
 * @throws InvalidInput if the design is invalid, or not that of the file; the signal's reason when it aborts
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 200, machines: [6] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['Oracle', 'DFMR(1.3)', 'Vanilla'],
 *   seed: 1,
 * };
 * const { repetitions } = await runStudy(design, { repetitions: 2, workers: 1 });
 * repetitions[0].w1; // [0.00494, 0.00494, 68.2]: of the three methods
 */
export async function runStudy(design: StudyDesign, options: StudyOptions): Promise<Study> {
  return runRepetitions(design, simulation, options);
}
