import type { Samples } from '../math/table';

/** Rows in which the same cells are observed: what is computed of a covariance for these cells serves all of them. */
export interface Pattern {
  /** the d columns, those that are observed before those that are missing, both ascending */
  readonly columns: Int32Array;
  /** how many are observed */
  readonly observed: number;
  /** the rows, ascending */
  readonly rows: Int32Array;
}

/** The patterns of a table with missing cells, in the order in which its rows meet them. */
export function patternsOf({ data, rows, columns: d }: Samples): Pattern[] {
  const groups = new Map<string, number[]>();
  const codes = new Uint16Array(Math.ceil(d / 16));
  for (let j = 0; j < rows; j++) {
    codes.fill(0);
    for (let i = 0; i < d; i++) if (Number.isNaN(data[j * d + i])) codes[i >> 4] |= 1 << (i & 15);
    const key = String.fromCharCode(...codes);
    const group = groups.get(key);
    if (group) group.push(j);
    else groups.set(key, [j]);
  }
  return Array.from(groups.values(), (members): Pattern => {
    const isMissing = (i: number) => Number.isNaN(data[members[0] * d + i]);
    const all = Array.from({ length: d }, (_, i) => i);
    const observed = all.filter((i) => !isMissing(i));
    const columns = Int32Array.from([...observed, ...all.filter(isMissing)]);
    return { columns, observed: observed.length, rows: Int32Array.from(members) };
  });
}

/** Pairs of features that are observed together in fewer rows than this leave their correlation open. */
const MIN_ROWS_TOGETHER = 3;

/** A sentence on features whose correlation the rows leave open, as they are seldom observed together. */
export function seldomTogether(samples: Samples): string[] {
  const { columns: d } = samples;
  const together = new Float64Array(d * d);
  for (const { columns, observed, rows } of patternsOf(samples))
    for (let i = 0; i < observed; i++) for (let c = 0; c < i; c++) together[columns[i] * d + columns[c]] += rows.length;
  const pairs: string[] = [];
  for (let i = 0; i < d; i++)
    for (let c = 0; c < i; c++)
      if (together[i * d + c] < MIN_ROWS_TOGETHER) pairs.push(`columns ${c} and ${i} in ${together[i * d + c]}`);
  if (pairs.length === 0) return [];
  const some = pairs.slice(0, 3).join(', ');
  const more = pairs.length > 3 ? ` and ${pairs.length - 3} more pairs` : '';
  return [`Hardly any row has both cells of some columns, so that their correlation is left open: ${some}${more}.`];
}
