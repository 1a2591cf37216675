import { requirePositiveInteger } from '../math/checks';
import { tasksOf } from './repetitions';
import {
  inOrder,
  nameOf,
  openResults,
  type Results,
  type ResultsFormat,
  resultsOfParts,
  sortResults,
  type Task,
} from './results-file';
import type { StudyDesign } from './study-design';
import { type Study, studyFormat } from './study-file';

/** What the parts of a study hold together. */
export interface MergedStudy extends Study {
  /** the repetitions that no part has, in order of the settings, then of their numbers */
  readonly missing: readonly Task[];
}

/**
 * Puts the parts of a study together, which `runStudy` did with `part`, on machines that share no memory: the file has the same
 * bytes as if one machine had done all. A repetition that several parts have counts once.
 * @param design that of all parts
 * @param parts their files, in any order
 * @param options `repetitions`, R, how often each setting should be there; `file`, to which the results are written, beside those
 *   that it has already
 * @returns the design, all repetitions, and which of them are missing: `runStudy` with the same file does them
 * @throws InvalidInput if a part is not there, is of another design, or two differ in a repetition, naming the files; DamagedFile if a
 *   line is damaged
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 100, machines: [4] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['Vanilla'],
 *   seed: 1,
 * };
 * for (const index of [0, 1])
 *   await runStudy(design, { repetitions: 4, part: { index, of: 2 }, file: `part-${index}.jsonl`, workers: 1 });
 * const { missing } = mergeStudy(design, ['part-0.jsonl', 'part-1.jsonl'], { repetitions: 4, file: 'study.jsonl' });
 * missing.length; // 0
 */
export function mergeStudy(
  design: StudyDesign,
  parts: readonly string[],
  options: {
    /** R, how often each setting should be there */
    readonly repetitions: number;
    /** the file to which the results are written */
    readonly file: string;
  },
): MergedStudy {
  return mergeResults(design, parts, { ...options, format: studyFormat, settings: design.settings?.length });
}

/** As `mergeStudy`, of any kind of study with so many settings. */
export function mergeResults<Design, Result extends Task>(
  design: Design,
  parts: readonly string[],
  {
    repetitions: R,
    file,
    format,
    settings,
  }: {
    readonly repetitions: number;
    readonly file: string;
    readonly format: ResultsFormat<Design, Result>;
    readonly settings: number;
  },
): Results<Design, Result> & { readonly missing: readonly Task[] } {
  requirePositiveInteger('repetitions', R);
  format.checked(design);
  resultsOfParts(parts, design, format); // before a file is begun
  openResults(file, design, format);
  const all: readonly Result[] = resultsOfParts([file, ...parts], design, format);
  sortResults(file, design, all, format);
  const known = new Set(all.map(nameOf));
  const missing = inOrder(tasksOf(settings, R).filter((task) => !known.has(nameOf(task))));
  return { design, repetitions: all.filter(({ repetition }) => repetition < R), missing };
}
