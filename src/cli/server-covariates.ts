import { InvalidInput, messageOf, withMessage } from '../errors';
import { designRows } from '../experts/design-rows';
import { type Samples, takeRows } from '../math/table';
import { shownName } from '../tables/address';
import { readTable } from '../tables/read-table';

/** Rows of covariates on which a server compares mixtures of experts, and what one should know of them. */
export interface ServerCovariates {
  /** rows × d, in the order of the names */
  readonly table: Samples;
  /** what more than half of the estimates call them, if they do */
  readonly names?: readonly string[];
  readonly notes: readonly string[];
}

/** So many rows tell what models say; more take longer only. */
const MOST_ROWS = 500;

/**
 * The rows of covariates in a file, by the names that the estimates give them; all columns of the file if they give none.
 * @param file the flag's value; undefined if there is no flag
 * @throws InvalidInput if there is no file, or it lacks a column
 */
export async function serverCovariates(
  file: string | undefined,
  names: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<ServerCovariates> {
  if (file === undefined) {
    const columns = names ? ` and the columns ${names.join(', ')}` : '';
    throw new InvalidInput(
      `the estimates are of mixtures of experts, which are compared on covariates: give --covariates FILE, a table with some hundred rows of your own${columns}; on rows that machines chose, a liar could hide`,
    );
  }
  const options = { missing: 'drop', signal, ...(names && { columns: names }) } as const;
  const read = await readTable(file, options).catch((error) => {
    signal.throwIfAborted();
    throw withMessage(error, `--covariates: ${messageOf(error)}`);
  });
  const { rows, droppedRows } = read;
  const step = Math.max(1, rows / MOST_ROWS);
  const places = Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, i) => Math.floor(i * step));
  const name = shownName(file);
  const table = takeRows(read, places);
  requireVaried(table, name, names);
  return {
    table,
    ...(names && { names }),
    notes: [
      ...(droppedRows > 0 ? [`${droppedRows} rows of ${name} lack a value and are left out.`] : []),
      ...(rows > MOST_ROWS ? [`Of ${rows} rows of ${name}, ${MOST_ROWS} at equal distances are used.`] : []),
      ...(names
        ? []
        : [
            `No names of covariates are those of more than half of the estimates: the columns of ${name} are taken in their order.`,
          ]),
    ],
  };
}

/** @throws InvalidInput if the rows do not tell the coefficients of covariates apart, naming the file and the column */
function requireVaried(table: Samples, name: string, names: readonly string[] | undefined): void {
  try {
    designRows(table);
  } catch (error) {
    const message = messageOf(error).replace(/^covariate (\d+)/, (_, c) => `column "${names?.[Number(c)] ?? c}"`);
    throw withMessage(error, `--covariates: ${name}: ${message}`);
  }
}
