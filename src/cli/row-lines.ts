import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { OpenSource } from '../tables/open-source';
import { placeOf, type WholeRows } from '../tables/rows';
import { columnTexts } from '../tables/text-rows';
import { csvField } from '../tables/write-csv';

/** A CSV with a line for each row of a table, in its order. */
export interface RowLines {
  /** Adds the rows of a block, and of those that it left out a line without values. */
  add(block: WholeRows, valuesOf: (row: number) => readonly (number | string)[]): Promise<void>;
  /** Gives the file its name. */
  end(): Promise<void>;
  /** Leaves no file. */
  discard(): Promise<void>;
}

/**
 * Begins a file with a line for each row of a table: columns that are copied, then values.
 * @param out the file, or '-' for standard output
 * @param heads the names of the values
 * @param keep names of columns that are copied from the table
 * @throws InvalidInput if the table has no such column
 */
export function rowLines(
  out: string,
  heads: readonly string[],
  { source }: Pick<OpenSource, 'source'>,
  keep: readonly string[] = [],
): RowLines {
  const copied = keep.map((name) => columnTexts(source, placeOf(source, name)));
  const part = out === '-' ? undefined : `${out}.${process.pid}.part`;
  const write = (text: string) => (part === undefined ? process.stdout.write(text) : appendFileSync(part, text));
  if (part !== undefined) writeFileSync(part, '');
  write(`${[...keep, ...heads].map(csvField).join(',')}\n`);
  const nothing = heads.map(() => '');
  let seen = 0;
  const close = async () => {
    for (const column of copied) await column.close();
  };
  return {
    async add({ rows, dropped, places }, valuesOf) {
      const count = rows + dropped;
      const texts = await Promise.all(copied.map((column) => column.take(count)));
      let lines = '';
      for (let i = 0, row = 0; i < count; i++) {
        const there = row < rows && places[row] === seen + i;
        const values = there ? valuesOf(row++) : nothing;
        lines += `${[...texts.map((column) => csvField(column[i] ?? '')), ...values].join(',')}\n`;
      }
      seen += count;
      if (lines !== '') write(lines);
    },
    async end() {
      await close();
      if (part !== undefined) renameSync(part, out);
    },
    async discard() {
      await close();
      if (part !== undefined) rmSync(part, { force: true });
    },
  };
}
