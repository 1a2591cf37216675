import { InvalidInput } from '../errors';

/**
 * Records as comma-separated text, with a header: the keys of the first record. null is empty; words with quotes, line breaks or what may delimit fields are quoted.
 * @throws InvalidInput if there are no records
 */
export function csvOf(rows: readonly object[]): string {
  if (rows.length === 0) throw new InvalidInput('there are no rows to write: the first one names the columns');
  const keys = Object.keys(rows[0]);
  const lines = rows.map((row) => keys.map((key) => (row as Record<string, unknown>)[key]));
  return [keys, ...lines].map((line) => `${line.map(csvField).join(',')}\n`).join('');
}

/** A value as a field of comma-separated text. */
export function csvField(value: unknown): string {
  const text = String(value ?? '');
  return /[",;|\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
