import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';
import { readNotebook } from '../jupyter/runner/notebook-file';

// Takes the README's picture out of the quickstart: its first figure, as it is drawn for readers without scripts.

const NOTEBOOK = path.resolve(__dirname, '../../notebooks/00-quickstart.ipynb');

const images = readNotebook(NOTEBOOK).cells.flatMap((cell) =>
  (cell.outputs ?? []).flatMap((output) => ('data' in output ? [output.data['image/png']].flat() : [])),
);
const first = images.find((image) => typeof image === 'string');
if (first === undefined)
  throw new InvalidInput(`${NOTEBOOK} has no static image: execute it where Chromium is installed`);
writeFileSync(NOTEBOOK.replace(/\.ipynb$/, '.png'), Buffer.from(first, 'base64'));
