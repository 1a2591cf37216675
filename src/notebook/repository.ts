import path from 'node:path';

/** Where the repository is, seen from src/notebook as well as from dist/notebook. */
export const REPOSITORY: string = path.resolve(__dirname, '../..');
