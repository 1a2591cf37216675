import { InvalidInput } from '../errors';
/**
 * Records of the same keys as comma-separated text, a header first; null is empty. Words with commas or quotes are quoted.
 * @throws where there are no records
 */
export function csvOf(rows: readonly object[]): string {
  if (rows.length === 0) throw new InvalidInput('there are no rows to write: the first one names the columns');
  const keys = Object.keys(rows[0]);
  const cell = (value: unknown) => {
    const text = String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => keys.map((key) => (row as Record<string, unknown>)[key]));
  return [keys, ...lines].map((line) => `${line.map(cell).join(',')}\n`).join('');
}
