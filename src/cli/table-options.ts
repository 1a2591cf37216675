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
}

/** The formats of tables, for help pages. */
export const TABLE = '.csv, .tsv (or .gz), .npy, .npz, .parquet, .arrow, .feather, .jsonl';

/** Adds these flags to a command. */
export function addTableOptions(command: Command): Command {
  return command
    .option('--columns <names>', 'the features, separated by commas; all other columns if not given')
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
    .addOption(new Option('--header <whether>', 'whether the first line names the columns').choices(['yes', 'no']));
}

/** The flags as options of the readers of tables. */
export function rowOptions({ columns, label, weights, missing, header }: TableFlags): RowOptions {
  return {
    ...(columns !== undefined && { columns: columns.split(',').map((name) => name.trim()) }),
    ...(label !== undefined && { label }),
    ...(weights !== undefined && { weights }),
    missing,
    ...(header !== undefined && { header: header === 'yes' }),
  };
}

/** The option of fits and densities that a flag asks for. */
export const missingOption = ({ missing }: Pick<TableFlags, 'missing'>): { readonly missing?: Missing } =>
  missing === 'em' ? { missing } : {};
