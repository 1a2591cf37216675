import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InvalidInput, messageOf, refusalOf } from '../errors';
import { parseJson } from '../messages/parse-json';
import { expertsStudyDesigns } from '../study/experts-designs';
import type { ExpertsStudyDesign } from '../study/experts-setting';
import { expertsStudyKind, runExpertsStudy } from '../study/experts-study';
import { summariseExperts } from '../study/experts-summary';
import { mergeResults, mergeStudy } from '../study/merge-study';
import type { StudyOptions } from '../study/repetitions';
import type { Task } from '../study/results-file';
import { runStudy } from '../study/run-study';
import type { StudyDesign } from '../study/study-design';
import { studyDesigns } from '../study/study-designs';
import { summarise } from '../study/study-summary';
import { csvOf } from '../tables/write-csv';
import { Incomplete, interruption, positiveInteger, writeWhole } from './command-support';
import { progress, tell } from './output';
import { OutputOption } from './output-files';

/** Makes a command `dfmr study`. */
export function studyCommand(command: Command): void {
  command
    .description('Run a simulation study on all cores. It can be stopped at any time; the same command resumes it.')
    .argument('<design>', `${NAMES}, or a design as a JSON file`)
    .requiredOption(
      '-r, --repetitions <R>',
      'how often each setting is repeated; 300 times in the paper',
      positiveInteger,
    )
    .option(
      '-o, --out <file>',
      'where repetitions are kept as they are done; the name of the design with .jsonl if not given',
    )
    .addOption(new OutputOption('-s, --summary <file>', 'also write means and standard errors, as CSV'))
    .option('-w, --workers <count>', 'the number of threads; one for each core if not given', positiveInteger)
    .addOption(
      new Option(
        '--part <i/N>',
        'do only part i of N, i from 0 on: each on a machine of its own, to a file of its own; --merge puts them together',
      )
        .argParser(partFrom)
        .conflicts(['merge', 'summary']),
    )
    .option('--merge <parts...>', 'put parts together into --out, with the same bytes as if one machine had done all')
    .action(study);
}

interface StudyFlags {
  readonly repetitions: number;
  readonly out?: string;
  readonly summary?: string;
  readonly workers?: number;
  readonly part?: { readonly index: number; readonly of: number };
  readonly merge?: readonly string[];
}

/** Reads 0/8, the first of eight parts. */
function partFrom(text: string, before?: object): { index: number; of: number } {
  if (before) throw new InvalidArgumentError('It is given twice: run each part by itself.');
  const [, index, of] = /^(\d+)\/([1-9]\d*)$/.exec(text) ?? [];
  if (index === undefined || Number(index) >= Number(of))
    throw new InvalidArgumentError('It must be i/N, with i from 0 to N − 1: the parts of 0/3, 1/3, 2/3 are all.');
  return { index: Number(index), of: Number(of) };
}

async function study(name: string, { repetitions, workers, part, merge, out, summary }: StudyFlags): Promise<void> {
  const designs: Readonly<Record<string, StudyDesign | ExpertsStudyDesign | undefined>> = DESIGNS;
  const kind = kindOf(designs[name] ?? designIn(name));
  const ofPart = part ? `-${part.index}-of-${part.of}` : '';
  const file = out ?? `${name.replace(/\.json$/, '')}${ofPart}.jsonl`;
  mkdirSync(path.dirname(file), { recursive: true });
  if (merge) return merged(kind, merge, { repetitions, file, name, summary });
  const signal = interruption('the same command resumes it');
  const rows = await kind.run({ repetitions, workers, part, file, signal, onProgress: progress(name) });
  const what = part ? `part ${part.index} of ${part.of} of ` : '';
  const { settings } = kind;
  const lines = [`${file}: ${what}${repetitions} repetitions of ${settings} settings`, ...written(rows, summary)];
  tell(lines, { file, repetitions, settings, ...(part && { part }), ...(summary !== undefined && { summary }) });
}

/** The designs that there are, of mixtures and of mixtures of experts. */
const DESIGNS = { ...studyDesigns, ...expertsStudyDesigns };
const NAMES = Object.keys(DESIGNS).join(', ');

/** A study as the command needs it: how it is run, how its parts are merged, and the rows of its summary. */
interface Kind {
  readonly settings: number;
  run(options: StudyOptions): Promise<readonly object[]>;
  merge(
    parts: readonly string[],
    options: { readonly repetitions: number; readonly file: string },
  ): { readonly missing: readonly Task[]; rows(): readonly object[] };
}

function kindOf(design: StudyDesign | ExpertsStudyDesign): Kind {
  if (typeof design === 'object' && design !== null && 'experts' in design) {
    const settings = design.experts?.length;
    return {
      settings,
      run: async (options) => summariseExperts(await runExpertsStudy(design, options)),
      merge(parts, options) {
        const all = mergeResults(design, parts, { ...options, format: expertsStudyKind, settings });
        return { missing: all.missing, rows: () => summariseExperts(all) };
      },
    };
  }
  return {
    settings: design.settings?.length,
    run: async (options) => summarise(await runStudy(design, options)),
    merge(parts, options) {
      const all = mergeStudy(design, parts, options);
      return { missing: all.missing, rows: () => summarise(all) };
    },
  };
}

/** Puts parts together. */
function merged(
  kind: Kind,
  parts: readonly string[],
  { repetitions, file, name, summary }: { repetitions: number; file: string; name: string; summary?: string },
): void {
  const { missing, rows } = kind.merge(parts, { repetitions, file });
  if (missing.length > 0)
    throw new Incomplete(
      `${file}: ${missing.length} of ${repetitions * kind.settings} repetitions are missing, ${listOf(missing)}: run their parts again, or do them here with: dfmr study ${name} --repetitions ${repetitions} --out ${file}`,
      missing,
    );
  const { settings } = kind;
  const line = `${file}: ${repetitions} repetitions of ${settings} settings, of ${parts.length} parts`;
  const lines = [line, ...written(rows(), summary)];
  tell(lines, { file, repetitions, settings, ...(summary !== undefined && { summary }) });
}

/** Writes the summary, if there is to be one, and says so. */
function written(rows: readonly object[], summary: string | undefined): string[] {
  if (summary === undefined) return [];
  writeWhole(summary, csvOf(rows));
  return [`${summary}: means and standard errors`];
}

/** The most settings of which missing repetitions are named. */
const MAX_NAMED = 5;

/** Repetitions by their settings, such as "of settings[0]: 1, 4–6". */
function listOf(missing: readonly Task[]): string {
  const bySetting = new Map<number, number[]>();
  for (const { setting, repetition } of missing)
    bySetting.set(setting, [...(bySetting.get(setting) ?? []), repetition]);
  const lines = Array.from(bySetting, ([setting, numbers]) => `of settings[${setting}]: ${rangesOf(numbers)}`);
  return `${lines.slice(0, MAX_NAMED).join('; ')}${lines.length > MAX_NAMED ? `; and of ${lines.length - MAX_NAMED} more settings` : ''}`;
}

/** Ascending numbers, as 1, 4–6. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}

function designIn(file: string): StudyDesign | ExpertsStudyDesign {
  if (!existsSync(file)) {
    throw new InvalidInput(`there is no design ${file}: use ${NAMES}, or a JSON file`);
  }
  try {
    return parseJson(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidInput(
      refusalOf(cause) === undefined ? `${file} is not JSON: ${messageOf(cause)}` : messageOf(cause),
      { cause },
    );
  }
}
