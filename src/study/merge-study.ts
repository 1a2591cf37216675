import { requirePositiveInteger } from '../math/checks';
import type { Repetition } from './repetition';
import { tasksOf } from './repetitions';
import { inOrder, nameOf, openResults, resultsOfParts, sortResults, type Task } from './results-file';
import { checkedDesign, type StudyDesign } from './study-design';
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
  { repetitions: R, file }: { readonly repetitions: number; readonly file: string },
): MergedStudy {
  requirePositiveInteger('repetitions', R);
  checkedDesign(design);
  resultsOfParts(parts, design, studyFormat); // before a file is begun
  openResults(file, design, studyFormat);
  const all: readonly Repetition[] = resultsOfParts([file, ...parts], design, studyFormat);
  sortResults(file, design, all, studyFormat);
  const known = new Set(all.map(nameOf));
  const missing = inOrder(tasksOf(design.settings.length, R).filter((task) => !known.has(nameOf(task))));
  return { design, repetitions: all.filter(({ repetition }) => repetition < R), missing };
}
