import path from 'node:path';

/**
 * Forgets the loaded library: after `npm run build`, run the import cell again to work with the new one.
 * @example
 * import { reload } from 'dfmr/notebook';
 * reload(); // the next import loads the library anew
 */
export function reload(): void {
  const built = path.resolve(__dirname, '../..') + path.sep;
  for (const file of Object.keys(require.cache)) if (file.startsWith(built)) delete require.cache[file];
}
