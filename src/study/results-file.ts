import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { DamagedFile, InvalidInput } from '../errors';
import { described } from '../math/checks';

// A file of results: a line with the design, then a line for each repetition of a setting, as they are done; sorted at the end. A line
// that was torn when the work was killed is cut off.

/** Which repetition of which of the design's settings; each counted from 0. */
export interface Task {
  /** which of the design's settings */
  readonly setting: number;
  /** which of its repetitions */
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
  /** what was to be done */
  readonly design: Design;
  /** what was found */
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
  const known = gathered<Result>();
  lines.forEach((line, i) => {
    const result = parsed(line, file, i + 2) as Result;
    if (!isResult(design, result))
      throw new InvalidInput(`line ${i + 2} of ${file} is not a repetition of its design: ${described(line)}`);
    known.add(result, `line ${i + 2} of ${file}`);
  });
  return { design, repetitions: known.all() };
}

/** Gathers repetitions, of which each counts once however often it was done. */
export function gathered<Result extends Task>(): {
  /** @throws InvalidInput if the same repetition came before with other results, naming both places */
  add(result: Result, where: string): void;
  /** in order of the settings, then of the repetitions */
  all(): Result[];
} {
  const known = new Map<string, { result: Result; line: string; where: string }>();
  return {
    add(result, where) {
      const [line, before] = [lineOf(result), known.get(nameOf(result))];
      if (before && before.line !== line)
        throw new InvalidInput(
          `${where} and ${before.where} differ, though both are repetition ${result.repetition} of settings[${result.setting}]: one is of another version or machine, so do that part again`,
        );
      known.set(nameOf(result), { result, line, where });
    },
    all: () => inOrder(Array.from(known.values(), ({ result }) => result)),
  };
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
  const header = headerOf(design, format);
  if (isOnlyBegun(file, header)) {
    writeAtOnce(file, header);
    return [];
  }
  const { design: other, repetitions } = readResults(file, format);
  requireSame(file, other, design);
  const whole = Buffer.byteLength(`${wholeLines(file).join('\n')}\n`);
  if (whole < statSync(file).size) truncateSync(file, whole);
  return repetitions;
}

/**
 * What several files of results of one design hold together.
 * @returns each repetition once, in order
 * @throws InvalidInput if a file is missing, is of another design, or two tell of one repetition differently, naming the files
 */
export function resultsOfParts<Design, Result extends Task>(
  files: readonly string[],
  design: Design,
  format: ResultsFormat<Design, Result>,
): readonly Result[] {
  const known = gathered<Result>();
  for (const file of files) {
    const about = statSync(file, { throwIfNoEntry: false });
    if (!about) throw new InvalidInput(`there is no part ${file}`);
    if (about.isDirectory()) throw new InvalidInput(`the part ${file} is a folder: name its files, ${file}/*.jsonl`);
    if (isOnlyBegun(file, headerOf(design, format))) continue;
    const { design: other, repetitions } = readResults(file, format);
    requireSame(file, other, design);
    for (const result of repetitions) known.add(result, file);
  }
  return known.all();
}

/**
 * Whether a file is not there yet, or its writer was killed in the first line.
 * @throws InvalidInput if there is something else in it
 */
function isOnlyBegun(file: string, header: string): boolean {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (text.includes('\n')) return false;
  if (!header.startsWith(text))
    throw new InvalidInput(`${file} is not a study, and is not overwritten: give another file`);
  return true;
}

/** @throws InvalidInput if a file is of another design */
function requireSame(file: string, other: unknown, design: unknown): void {
  const plain = JSON.parse(JSON.stringify(design));
  const key = Object.keys({ ...plain, ...(other as object) }).find(
    (one) => !isDeepStrictEqual(plain[one], (other as Record<string, unknown>)[one]),
  );
  if (key !== undefined) {
    throw new InvalidInput(
      `${file} is of another design, which differs in its ${key}: results are not mixed, so give another file`,
    );
  }
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
  writeAtOnce(file, sorted);
}

/** Writes a file whole, even if another process does the same: whoever is last has it, and nothing is mixed. */
function writeAtOnce(file: string, text: string): void {
  const part = `${file}.${randomUUID()}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
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
