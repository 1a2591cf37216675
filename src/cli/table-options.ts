import { type Command, Option } from 'commander';
import type { RowOptions } from '../tables/rows';

/** How a command is told which columns and rows of a table it reads. */
export interface TableFlags {
  readonly columns?: string;
  readonly label?: string;
  readonly missing?: 'reject' | 'drop';
  readonly header?: 'yes' | 'no';
}

export const TABLE = '.csv, .tsv (or .gz), .npy, .npz, .parquet, .arrow, .feather, .jsonl';

export function addTableOptions(command: Command): Command {
  return command
    .option('--columns <names>', 'the features, separated by commas; all columns if not given')
    .option('--label <name>', 'a column that is no feature')
    .addOption(
      new Option('--missing <what>', 'what becomes of rows with missing values')
        .choices(['reject', 'drop'])
        .default('reject'),
    )
    .addOption(new Option('--header <whether>', 'whether the first line names the columns').choices(['yes', 'no']));
}

export function rowOptions({ columns, label, missing, header }: TableFlags): RowOptions {
  return {
    ...(columns !== undefined && { columns: columns.split(',').map((name) => name.trim()) }),
    ...(label !== undefined && { label }),
    missing,
    ...(header !== undefined && { header: header === 'yes' }),
  };
}
