import path from 'node:path';

/** Where the repository is, seen from src/jupyter as well as from dist/jupyter. */
export const REPOSITORY: string = path.resolve(__dirname, '../..');
