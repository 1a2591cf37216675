import type { Command } from 'commander';
import { progress as progressBar, type ReportProgress } from '../jupyter/show/progress';
import { addForce } from './output-files';

// What commands print: results on standard output, what one should know of them on standard error, and how far they are.

/** What the user of this process wants to see. */
const wanted = { json: false, quiet: false, print: console.log };

/** Adds the flags that every command has. */
export function addOutputOptions(command: Command): void {
  for (const one of command.commands) addOutputOptions(one);
  if (command.commands.length > 0) return;
  addForce(command);
  if (!command.options.some(({ long }) => long === '--json'))
    command.option('--json', 'print the result as JSON; an error, too, on standard error');
  command.option('-q, --quiet', 'print errors only, and what --json asks for');
}

/** Takes these flags, with results on standard output. */
export function printAs({ json = false, quiet = false }: { readonly json?: boolean; readonly quiet?: boolean }): void {
  Object.assign(wanted, { json, quiet, print: console.log });
}

/** Prints results on standard error from now on, as what is written goes to standard output. */
export function resultsBesideOutput(): void {
  wanted.print = console.error;
}

/**
 * Prints a result: its lines, or it as JSON if that was asked for.
 * @param value the result as JSON; undefined for lines that JSON has elsewhere
 */
export function tell(lines: string | readonly string[], value?: unknown): void {
  if (wanted.json) {
    if (value !== undefined) wanted.print(JSON.stringify(value));
  } else if (!wanted.quiet && lines.length > 0) wanted.print([lines].flat().join('\n'));
}

/** Prints what one should know, on standard error; nothing if only errors are wanted. */
export function remark(line: string): void {
  if (!wanted.quiet) console.error(line);
}

/** Shows on standard error how far a computation is; nothing if only errors are wanted. */
export function progress(label?: string): ReportProgress {
  return wanted.quiet ? () => {} : progressBar(label);
}

/** Prints what is wrong with one of several things, unless the result says it as JSON. */
export function complain(line: string, print: (line: string) => void = console.error): void {
  if (!wanted.json) print(line);
}

/** Prints why a command failed, on standard error, as the last line: as JSON if that was asked for. */
export function fail(message: string, error: unknown): void {
  console.error(wanted.json ? JSON.stringify(failureJSON(message, error)) : `dfmr: ${message}`);
}

/** Why a command failed, of what kind the error is, and what is missing, if that is it. */
export function failureJSON(message: string, error: unknown): object {
  const { name, missing }: { name?: string; missing?: unknown } = error instanceof Error ? error : {};
  const kind = name === 'Error' ? undefined : name;
  return { error: { message, kind, missing } };
}
