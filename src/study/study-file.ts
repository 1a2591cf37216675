import type { Repetition } from './repetition';
import { type Results, type ResultsFormat, readResults } from './results-file';
import { checkedDesign, type StudyDesign } from './study-design';

/** A study's design and what its repetitions found, in order of the settings, then of the repetitions. */
export type Study = Results<StudyDesign, Repetition>;

export const studyFormat: ResultsFormat<StudyDesign, Repetition> = { version: 1, checked: checkedDesign, isResult };

/**
 * What a study's file holds so far.
 * @param file as `runStudy` or `dfmr study` wrote it
 * @returns its design, and the repetitions that are there
 * @throws InvalidInput or DamagedFile if there is no such file, it is not a study, or a line is damaged, naming it
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 100, machines: [4] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['COAT', 'Vanilla'],
 *   seed: 1,
 * };
 * await runStudy(design, { repetitions: 2, file: 'kept.jsonl', workers: 1 });
 * readStudy('kept.jsonl').repetitions.length; // 2
 */
export function readStudy(file: string): Study {
  return readResults(file, studyFormat);
}

/** Whether a line holds what `repeat` gives for the design. */
function isResult(
  { settings, failures, fractions, methods, clusteredRows, gaps }: StudyDesign,
  line: Repetition,
): boolean {
  const { setting, repetition, w1, ari, kept, keptFailed, gap = [] } = line ?? {};
  if (!(Number.isInteger(repetition) && repetition >= 0 && Object.hasOwn(settings, setting))) return false;
  const size = settings[setting].machines.length * failures.length * fractions.length * methods.length;
  const numbers = (values: unknown, length: number, or?: null) =>
    Array.isArray(values) &&
    values.length === length &&
    values.every((value) => Number.isFinite(value) || value === or);
  return (
    numbers(w1, size) &&
    numbers(ari, clusteredRows === 0 ? 0 : size) &&
    numbers(kept, size, null) &&
    numbers(keptFailed, size, null) &&
    numbers(gap, gaps ? size : 0)
  );
}
