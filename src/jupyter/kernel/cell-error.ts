import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import { REPOSITORY } from '../repository';

/** What Jupyter shows of a failed cell. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A complaint of the type checker. */
export interface Diagnostic {
  /** empty if it is the cell */
  file: string;
  /** counted from 1 */
  line: number;
  message: string;
}

// Frames of what calls the cell: they say nothing about the user's mistake.
const TSLAB_EXECUTOR = /[\\/]tslab[\\/]dist[\\/]executor\.js/;
const MACHINERY = /\bnode:|sigintHandlersWrap/;

/**
 * The error of a cell that does not type-check. TypeScript reports the details of a complaint as further messages for the same
 * line: they are joined.
 */
export function describeDiagnostics(diagnostics: readonly Diagnostic[], code: string): CellError {
  const source = code.split('\n');
  const complaints = new Map<string, { messages: string[]; line: string[] }>();
  for (const { file, line, message } of diagnostics) {
    const place = file === '' ? `line ${line}` : `${file}, line ${line}`;
    const complaint = complaints.get(place);
    if (complaint) complaint.messages.push(message);
    else complaints.set(place, { messages: [message], line: file === '' ? [`    ${source[line - 1]?.trim()}`] : [] });
  }
  const texts = [...complaints].map(([place, { messages }]) => `${place}: ${withRemedy(keySentences(messages))}`);
  const traceback = [...complaints.values()].flatMap(({ line }, i) => [texts[i], ...line]);
  return { ename: 'TypeScriptError', evalue: texts[0] ?? '', traceback };
}

/** What a complaint says; of a call that fits none of several overloads, the sentence that names what is wrong, not each of them. */
function keySentences(messages: readonly string[]): string {
  const lines = messages.flatMap((message) => message.split('\n')).map((line) => line.trim());
  const reasons = lines.filter((line) => !/^(No overload matches|Overload \d+ of \d+,)/.test(line));
  if (reasons.length === lines.length || reasons.length === 0) return messages.join('\n');
  const helpful =
    reasons.find((line) => /Did you mean/.test(line)) ?? reasons.find((line) => /does not exist in type/.test(line));
  return helpful ?? (reasons.at(-1) as string);
}

/** A complaint, and what to do about it if it is of an import. */
function withRemedy(complaint: string): string {
  const [, from, name] = /^Module '"(dfmr(?:\/\w+)?)"' has no exported member '(\w+)'/.exec(complaint) ?? [];
  const home =
    name && ['dfmr', 'dfmr/notebook', 'dfmr/nist'].find((entry) => entry !== from && exportsOf(entry).has(name));
  if (home) return `${complaint}\nIt is in ${home}: import { ${name} } from '${home}';`;
  const [, missing] = /^Cannot find module '((?:@[\w.-]+\/)?[\w.-]+)(?:\/[^']*)?' or its/.exec(complaint) ?? [];
  if (missing === undefined || missing.startsWith('.')) return complaint;
  return `${complaint}\nInstall it where a cell finds it, in the folder of the notebook or in one above it: npm install ${missing}`;
}

/** The names that an entry of this package exports, types among them. */
function exportsOf(entry: string): ReadonlySet<string> {
  const { types } = require(path.join(REPOSITORY, 'package.json')).exports[entry.replace('dfmr', '.')];
  return new Set(namesIn(path.join(REPOSITORY, types)));
}

/** The names that a file of declarations exports, and those of the files that it exports as a whole. */
function namesIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].map(([, list]) => list);
  const own = lists.flatMap((list) => list.split(',').map((one) => one.replace(/^\s*type\s|.*\sas\s/, '').trim()));
  const others = [...text.matchAll(/export \* from '([^']+)'/g)].map(([, to]) =>
    path.join(path.dirname(file), `${to}.d.ts`),
  );
  return [...own, ...others.flatMap(namesIn)];
}

/** The JavaScript of the cells that ran, by the name that their stack frames carry. */
export type CompiledCells = Map<string, string>;

/**
 * The error of a cell that threw. Paths are relative to the repository, so that the outputs don't depend on the machine. A frame
 * in a cell shows the line itself: its number would be that in the transpiled JavaScript.
 */
export function describeThrown(thrown: unknown, compiled: CompiledCells): CellError {
  if (!(thrown instanceof Error) || typeof thrown.stack !== 'string') {
    const text = inspect(thrown);
    return { ename: 'Error', evalue: text, traceback: [text] };
  }
  const stack = thrown.stack.split('\n').filter((line) => /^\s+at /.test(line));
  const caller = stack.findIndex((line) => TSLAB_EXECUTOR.test(line));
  const frames = stack
    .slice(0, caller < 0 ? undefined : caller)
    .filter((line) => !MACHINERY.test(line))
    .flatMap((frame) => describeFrame(frame, compiled));
  return { ename: thrown.name, evalue: thrown.message, traceback: [`${thrown.name}: ${thrown.message}`, ...frames] };
}

function describeFrame(frame: string, compiled: CompiledCells): string[] {
  const [position, name = '', count, line] = /(cell-(\d+)):(\d+):\d+/.exec(frame) ?? [];
  if (position === undefined) return [frame.replace(REPOSITORY + path.sep, '')];
  const code = compiled.get(name)?.split('\n')[Number(line) - 1]?.trim();
  if (code === undefined) return []; // the function that tslab wraps around the cell
  const caller = frame.replace(position, `In [${count}]`).replace('Proxy.', '');
  return [caller, `        ${code.replace(/\bexports\.(tsLastExpr\d* = )?/g, '')}`];
}
