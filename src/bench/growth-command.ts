import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';
import { startDrawing } from '../jupyter/runner/static-images';
import { plainFigure } from '../page/figure-html';
import { csvOf } from '../tables/write-csv';
import { removeInputs } from './bench-inputs';
import { type Axis, type GrowthRow, growthRows } from './growth';
import { growthExponents, growthFigure } from './growth-figure';

// npm run growth: how times grow with n, K, d and m, as data/growth.csv and as the pictures of the guide's page on performance.

const REPOSITORY = path.resolve(__dirname, '../..');

/** The pictures, by what they show times against. */
const PICTURES: Readonly<Record<Axis, string>> = { n: 'rows', K: 'components', d: 'features', m: 'machines' };

async function main(): Promise<void> {
  const drawing = await startDrawing();
  if (!drawing) throw new InvalidInput('no browser draws pictures here: install Chromium');
  const rows: GrowthRow[] = [];
  for await (const row of growthRows()) {
    rows.push(row);
    console.log(Object.values(row).join('\t'));
  }
  removeInputs();
  writeFileSync(path.join(REPOSITORY, 'data/growth.csv'), csvOf(rows));
  for (const [axis, name] of Object.entries(PICTURES)) {
    const own = rows.filter((row) => row.axis === axis);
    for (const [series, exponent] of growthExponents(own)) console.log(`${series}: ${axis}^${exponent.toFixed(2)}`);
    const picture = await drawing.draw(plainFigure(growthFigure(own)));
    writeFileSync(path.join(REPOSITORY, `.github/docs/growth-${name}.png`), Buffer.from(picture, 'base64'));
  }
  await drawing.stop();
}

main();
