import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { DamagedFile, InvalidInput } from '../errors';
import { described } from '../math/checks';

// A file of results: a line with the design, then a line for each repetition of a setting, as they are done; sorted at the end. A line
// that was torn when the work was killed is cut off.

/** Which repetition of which of the design's settings; each counted from 0. */
export interface Task {
  readonly setting: number;
  readonly repetition: number;
}

/** What a kind of study writes to its file. */
export interface ResultsFormat<Design, Result extends Task> {
  /** stands in the first line */
  readonly version: number | string;
  /** @throws InvalidInput if the design is invalid */
  checked(design: Design): Design;
  /** whether a line is a result of the design */
  isResult(design: Design, line: Result): boolean;
}

/** A design and what its repetitions found, in order of the settings, then of the repetitions. */
export interface Results<Design, Result> {
  readonly design: Design;
  readonly repetitions: readonly Result[];
}

/**
 * What a file of results holds so far.
 * @throws InvalidInput if the file is not of such a study, DamagedFile if a line is damaged, naming it
 */
export function readResults<Design, Result extends Task>(
  file: string,
  { version, checked, isResult }: ResultsFormat<Design, Result>,
): Results<Design, Result> {
  const [first, ...lines] = wholeLines(file);
  const { study, design } = parsed(first, file, 1) as { study?: unknown; design: Design };
  if (study !== version)
    throw new InvalidInput(`${file} is not a study of version ${version}: its first line is ${described(first)}`);
  checked(design);
  const known = new Map<string, Result>(); // a repetition that is there twice counts once
  lines.forEach((line, i) => {
    const result = parsed(line, file, i + 2) as Result;
    if (!isResult(design, result))
      throw new InvalidInput(`line ${i + 2} of ${file} is not a repetition of its design: ${described(line)}`);
    known.set(nameOf(result), result);
  });
  return { design, repetitions: inOrder([...known.values()]) };
}

/**
 * Begins a file of results, or resumes one, from which a torn last line is cut off.
 * @returns what is done already
 * @throws InvalidInput if the file is of another design, or as `readResults` does
 */
export function openResults<Design, Result extends Task>(
  file: string,
  design: Design,
  format: ResultsFormat<Design, Result>,
): readonly Result[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const header = headerOf(design, format);
  if (!text.includes('\n')) {
    // new, or killed while the design was written
    if (!header.startsWith(text))
      throw new InvalidInput(`${file} is not a study, and is not overwritten: give another file`);
    writeFileSync(file, header);
    return [];
  }
  const { design: other, repetitions } = readResults(file, format);
  const plain = JSON.parse(JSON.stringify(design));
  const key = Object.keys({ ...plain, ...other }).find(
    (one) => !isDeepStrictEqual(plain[one], (other as Record<string, unknown>)[one]),
  );
  if (key !== undefined) {
    throw new InvalidInput(
      `${file} is of another design, which differs in its ${key}: results are not mixed, so give another file`,
    );
  }
  truncateSync(file, Buffer.byteLength(`${wholeLines(file).join('\n')}\n`));
  return repetitions;
}

/** Adds a result to the file as soon as it is there. */
export function appendResult(file: string, result: Task): void {
  appendFileSync(file, lineOf(result));
}

/** Puts the file's results in order: the same bytes however they came. */
export function sortResults<Design, Result extends Task>(
  file: string,
  design: Design,
  repetitions: readonly Result[],
  format: ResultsFormat<Design, Result>,
): void {
  const sorted = headerOf(design, format) + repetitions.map(lineOf).join('');
  if (readFileSync(file, 'utf8') === sorted) return;
  writeFileSync(`${file}.sorted`, sorted);
  renameSync(`${file}.sorted`, file);
}

/** Names a task, among those of one design. */
export const nameOf = ({ setting, repetition }: Task): string => `${setting}, ${repetition}`;

/** Results in order of the settings, then of their numbers. */
export function inOrder<Result extends Task>(results: readonly Result[]): Result[] {
  return [...results].sort((a, b) => a.setting - b.setting || a.repetition - b.repetition);
}

const headerOf = (design: unknown, { version }: { readonly version: number | string }) =>
  `${JSON.stringify({ study: version, design })}\n`;
const lineOf = (result: Task) => `${JSON.stringify(result)}\n`;

/** The lines that end. */
function wholeLines(file: string): string[] {
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

function parsed(line: string | undefined, file: string, number: number): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch (cause) {
    throw new DamagedFile(`line ${number} of ${file} is damaged: ${described(line)}`, { cause });
  }
}
