import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { told } from '../math/checks';
import { checkedDesign, type StudyDesign } from './design';
import type { Repetition } from './repetition';

// A study's file: a line with the design, then a line for each repetition of a setting, as they are done; sorted at the end. A line
// that was torn when the study was killed is cut off.

/** The format of the file. */
const VERSION = 1;

/**
 * What a study's file holds.
 * @throws where there is no such file, it is no study's, or a line is damaged, naming it
 */
export function readStudyFile(file: string): { design: StudyDesign; repetitions: Repetition[] } {
  const [first, ...lines] = wholeLines(file);
  const { study, design } = parsed(first, file, 1) as { study?: number; design: StudyDesign };
  if (study !== VERSION) throw new Error(`${file} is no study of version ${VERSION}: its first line is ${told(first)}`);
  return {
    design: checkedDesign(design),
    repetitions: lines.map((line, i) => parsed(line, file, i + 2) as Repetition),
  };
}

/**
 * Begins a study's file, or goes on with one, from which a torn last line is cut off.
 * @returns what is done already
 * @throws where the file is of another design, or as `readStudyFile` does
 */
export function openStudyFile(file: string, design: StudyDesign): Repetition[] {
  if (!existsSync(file) || wholeLines(file).length === 0) {
    writeFileSync(file, headerOf(design));
    return [];
  }
  const { design: other, repetitions } = readStudyFile(file);
  const plain = JSON.parse(JSON.stringify(design));
  const key = Object.keys({ ...plain, ...other }).find(
    (one) => !isDeepStrictEqual(plain[one], (other as unknown as Record<string, unknown>)[one]),
  );
  if (key !== undefined) {
    throw new Error(
      `${file} is of another design, which differs in its ${key}: results are not mixed, so give another file`,
    );
  }
  truncateSync(file, Buffer.byteLength(`${wholeLines(file).join('\n')}\n`));
  return repetitions;
}

export function appendRepetition(file: string, repetition: Repetition): void {
  appendFileSync(file, lineOf(repetition));
}

/** Puts the file's repetitions in order: the same bytes however they came. */
export function sortStudyFile(file: string, design: StudyDesign, repetitions: readonly Repetition[]): void {
  const sorted = headerOf(design) + repetitions.map(lineOf).join('');
  if (readFileSync(file, 'utf8') === sorted) return;
  writeFileSync(`${file}.sorted`, sorted);
  renameSync(`${file}.sorted`, file);
}

const headerOf = (design: StudyDesign) => `${JSON.stringify({ study: VERSION, design })}\n`;
const lineOf = (repetition: Repetition) => `${JSON.stringify(repetition)}\n`;

/** The lines that end. */
function wholeLines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

function parsed(line: string | undefined, file: string, number: number): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch (cause) {
    throw new Error(`line ${number} of ${file} is damaged: ${told(line)}`, { cause });
  }
}
