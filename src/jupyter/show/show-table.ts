import { type Frame, type TableOptions, tableBundle } from '../../page/table-html';
import { display } from './display';

/**
 * Shows records as a table below the running cell; outside of a notebook it is printed. Tables of more than 20 rows are
 * abbreviated in the middle.
 * @param rows records, of which each is a row, or a danfojs DataFrame
 * @param options how the table is shown
 * @example
 * import { table } from 'dfmr/notebook';
 * table([{ method: 'DFMR', ari: 0.956 }, { method: 'COAT', ari: 0.667 }], { caption: 'DFMR is closer to the truth.' });
 */
export function table(rows: readonly object[] | Frame, options: TableOptions = {}): void {
  display(tableBundle(rows, options));
}
