import fs from 'node:fs';
import { DamagedFile, InvalidInput, messageOf, refusalOf } from '../../errors';
import { parseJson } from '../../messages/parse-json';
import type { MimeBundle } from '../../page/mime-bundle';
import type { CellError } from '../kernel/cell-error';

// Notebooks as Jupyter stores them: nbformat 4.5, https://nbformat.readthedocs.io

/** Long text is stored as an array of lines, each with its line break. */
export type Text = string | string[];

export interface StreamOutput {
  output_type: 'stream';
  name: string;
  text: Text;
}

export interface DisplayOutput {
  output_type: 'display_data' | 'execute_result';
  data: MimeBundle;
  metadata: Record<string, unknown>;
  execution_count?: number | null;
}

export interface ErrorOutput extends CellError {
  output_type: 'error';
}

export type Output = StreamOutput | DisplayOutput | ErrorOutput;

export interface Cell {
  id?: string;
  cell_type: 'code' | 'markdown' | 'raw';
  source: Text;
  /** pictures pasted into Markdown, by name */
  attachments?: { readonly [name: string]: MimeBundle };
  metadata: { tags?: string[]; execution?: unknown; [key: string]: unknown };
  execution_count?: number | null;
  outputs?: Output[];
}

export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

/**
 * @throws InvalidInput if the file cannot be read
 * @throws DamagedFile if it is not a notebook, or one of before nbformat 4
 */
export function readNotebook(file: string): Notebook {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidInput(`${file} cannot be read: ${refusalOf(cause) ?? messageOf(cause)}`, { cause });
  }
  let notebook: Partial<Notebook>;
  try {
    notebook = parseJson(text);
  } catch (cause) {
    throw new DamagedFile(`${file} is not a notebook: ${messageOf(cause)}. Restore it from the repository's history.`, {
      cause,
    });
  }
  if (notebook.nbformat !== 4 || !Array.isArray(notebook.cells)) {
    throw new DamagedFile(`${file} has nbformat ${notebook.nbformat}, not 4: open it in Jupyter and save it once.`);
  }
  return notebook as Notebook;
}

/** Writes a notebook byte for byte as Jupyter does, keys sorted, so that opening and saving it changes nothing. */
export function writeNotebook(file: string, notebook: Notebook): void {
  fs.writeFileSync(file, `${JSON.stringify(sortKeys(notebook), null, 1)}\n`);
}

/** The value as JSON; the same text for the same value, however its keys are ordered. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sortKeys(value));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

/** A text that may be stored as lines, in one piece. */
export function joinText(text: unknown): string {
  return Array.isArray(text) ? text.join('') : String(text ?? '');
}

/** A text as the lines that notebooks store, each with its line break. */
export function splitText(text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

/** Whether the cell has the tag. */
export function hasTag(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}

/** What the cells with this tag say in plain text: one text for each output. */
export function textOfTagged(notebook: Notebook, tag: string): string[] {
  return notebook.cells
    .filter((cell) => hasTag(cell, tag))
    .flatMap((cell) => cell.outputs ?? [])
    .map(outputText);
}

function outputText(output: Output): string {
  if (output.output_type === 'stream') return joinText(output.text).trimEnd();
  if (output.output_type === 'error') return `${output.ename}: ${output.evalue}`;
  return joinText(output.data['text/plain']);
}
