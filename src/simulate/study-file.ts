import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { told } from '../math/checks';
import { checkedDesign, type StudyDesign } from './design';
import type { Repetition } from './repetition';

// A study's file: a line with the design, then a line for each repetition of a setting, as they are done; sorted at the end. A line
// that was torn when the study was killed is cut off.

/** The format of the file. */
const VERSION = 1;

/** A study's design and what its repetitions found, in order of the settings, then of the repetitions. */
export interface Study {
  readonly design: StudyDesign;
  readonly repetitions: readonly Repetition[];
}

/**
 * What a study's file holds so far.
 * @throws where there is no such file, it is no study's, or a line is damaged, naming it
 */
export function readStudy(file: string): Study {
  const [first, ...lines] = wholeLines(file);
  const { study, design } = parsed(first, file, 1) as { study?: number; design: StudyDesign };
  if (study !== VERSION) throw new Error(`${file} is no study of version ${VERSION}: its first line is ${told(first)}`);
  checkedDesign(design);
  const known = new Map<string, Repetition>(); // one that stands there twice counts once
  lines.forEach((line, i) => {
    const repetition = parsed(line, file, i + 2) as Repetition;
    if (!isOf(design, repetition))
      throw new Error(`line ${i + 2} of ${file} is no repetition of its design: ${told(line)}`);
    known.set(`${repetition.setting}, ${repetition.repetition}`, repetition);
  });
  return { design, repetitions: inOrder([...known.values()]) };
}

/**
 * Begins a study's file, or goes on with one, from which a torn last line is cut off.
 * @returns what is done already
 * @throws where the file is of another design, or as `readStudy` does
 */
export function openStudyFile(file: string, design: StudyDesign): readonly Repetition[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (!text.includes('\n')) {
    // new, or killed while the design was written
    if (!headerOf(design).startsWith(text))
      throw new Error(`${file} is no study, and is not overwritten: give another file`);
    writeFileSync(file, headerOf(design));
    return [];
  }
  const { design: other, repetitions } = readStudy(file);
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

/** Repetitions in order of the settings, then of their numbers. */
export function inOrder(repetitions: readonly Repetition[]): Repetition[] {
  return [...repetitions].sort((a, b) => a.setting - b.setting || a.repetition - b.repetition);
}

/** Whether a line holds what `repeat` gives for the design. */
function isOf({ settings, failures, fractions, methods, clusteredRows }: StudyDesign, line: Repetition): boolean {
  const { setting, repetition, w1, ari, kept, keptFailed } = line ?? {};
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
    numbers(keptFailed, size, null)
  );
}

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
