import { type Command, Option } from 'commander';
import type { Missing } from '../math/table';
import type { RowOptions } from '../tables/rows';

/** The flags that say which columns and rows of a table a command reads. */
export interface TableFlags {
  readonly columns?: string;
  readonly label?: string;
  readonly weights?: string;
  readonly missing?: RowOptions['missing'];
  readonly header?: 'yes' | 'no';
  readonly decimal?: '.' | ',';
  readonly delimiter?: string;
  readonly missingCode?: readonly string[];
  readonly member?: string;
}

/** The formats of tables, for help pages. */
export const TABLE =
  '.csv, .tsv, .txt (or .gz), .npy, .npz, .parquet, .arrow, .feather, .jsonl, .xlsx; or its http(s) address';

/** Adds these flags to a command. */
export function addTableOptions(command: Command): Command {
  return command
    .option(
      '--columns <names>',
      'the features, separated by commas, a name with a comma in double quotes; if not given, all other columns but one that only counts or names the rows',
    )
    .option('--label <name>', 'a column of labels, which is not a feature')
    .option('--weights <name>', 'a column that says how often each row counts, from 0 on, which is not a feature')
    .addOption(
      new Option(
        '--missing <what>',
        'what to do about rows with missing values: refuse them, leave them out, or, in Gaussian families, use the cells that they have, by EM for values missing at random',
      )
        .choices(['reject', 'drop', 'em'])
        .default('reject'),
    )
    .option('--missing-code <text>', 'a cell that stands for a missing value, such as -999; may be repeated', collected)
    .addOption(new Option('--header <whether>', 'whether the first line names the columns').choices(['yes', 'no']))
    .addOption(
      new Option('--decimal <mark>', 'the decimal mark of a text, if it is not as its first lines look').choices([
        '.',
        ',',
      ]),
    )
    .option(
      '--delimiter <character>',
      'what delimits the fields of a text, if not what its first lines have most of; "tab" or "space" may be written',
    )
    .option('--member <name>', 'which array of a .npz file, or which sheet of a workbook, is the table');
}

const collected = (text: string, others: readonly string[] = []): readonly string[] => [...others, text];

/** Delimiters that shells make hard to write. */
const DELIMITERS: { readonly [word: string]: string } = { tab: '\t', '\\t': '\t', space: ' ' };

/** The names in a list, separated by commas, in double quotes if need be. */
export function namesIn(list: string): string[] {
  const names = list.match(/\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]+/g) ?? [];
  return names.map((name) => name.trim().replace(/^"(.*)"$/s, (_, quoted) => quoted.replaceAll('""', '"')));
}

/** The flags as options of the readers of tables. */
export function rowOptions({ columns, missing, header, delimiter, missingCode, ...same }: TableFlags): RowOptions {
  const { label, weights, decimal, member } = same;
  return {
    ...(columns !== undefined && { columns: namesIn(columns) }),
    ...(label !== undefined && { label }),
    ...(weights !== undefined && { weights }),
    ...(decimal !== undefined && { decimal }),
    ...(member !== undefined && { member }),
    ...(delimiter !== undefined && { delimiter: DELIMITERS[delimiter] ?? delimiter }),
    ...(missingCode !== undefined && { missingCodes: missingCode }),
    missing,
    ...(header !== undefined && { header: header === 'yes' }),
  };
}

/** The option of fits and densities that a flag asks for. */
export const missingOption = ({ missing }: Pick<TableFlags, 'missing'>): { readonly missing?: Missing } =>
  missing === 'em' ? { missing } : {};
