import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { parquetBytes } from '../tables/parquet.fixture';

// Tables as people have them, from file to report by the commands of the README: people of two kinds, with a weight and a height.

const ROWS = 240;
const truth = gaussianMixture({
  weights: [0.4, 0.6],
  means: [[61.5, 165.25], [88, 184]], // biome-ignore format: a table
  covariances: [[[16, 0], [0, 20]], [[20, 5], [5, 25]]], // biome-ignore format: a table
});
const { data, labels } = sample(truth, ROWS, 3);
const person = (j: number): [string, string] => [data.data[2 * j].toFixed(3), data.data[2 * j + 1].toFixed(3)];
const site = (j: number) => ['north', 'south', 'west'][j % 3];
const people = Array.from({ length: ROWS }, (_, j) => person(j));
const lines = (head: string, lineOf: (j: number) => string, end = '\n') =>
  `${[head, ...people.map((_, j) => lineOf(j))].join(end)}${end}`;
const comma = (text: string) => text.replace('.', ',');
const bigId = (j: number) => `90071992547409${String(93 + j).padStart(4, '0')}`; // float64 would round them

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-tables-'));
afterAll(() => rmSync(folder, { recursive: true }));
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
function dfmr(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [COMMAND, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

interface Case {
  readonly what: string;
  readonly file: string;
  readonly content: string | Uint8Array;
  /** of fit and classify */
  readonly flags?: readonly string[];
  /** what fit says without these flags */
  readonly refusal?: RegExp;
  /** what fit says that it assumed */
  readonly said?: RegExp;
  /** the names of the features */
  readonly names?: readonly [string, string];
  /** rows without a value */
  readonly gaps?: readonly number[];
  readonly keep?: { readonly columns: string; readonly of: (j: number) => string };
}

const gaps = [3, 50, 51, 200];
const cases: readonly Case[] = [
  {
    what: 'semicolons and decimal commas',
    file: 'europe.csv',
    content: lines('weight;height', (j) => people[j].map(comma).join(';')),
    said: /decimal commas/,
  },
  {
    what: 'a byte order mark, CRLF, names with commas and units, and text',
    file: 'excel.csv',
    content: `\ufeff${lines('"Weight, kg";Height [cm];site', (j) => [...people[j].map(comma), site(j)].join(';'), '\r\n')}`,
    flags: ['--columns', '"Weight, kg",Height [cm]'],
    refusal: /column "site" holds text \("north" in line 2\): choose with --columns .*"Weight, kg", "Height \[cm\]"/,
    said: /decimal commas/,
    names: ['Weight, kg', 'Height [cm]'],
    keep: { columns: 'site', of: site },
  },
  {
    what: "pandas' index",
    file: 'pandas.csv',
    content: lines(',weight,height', (j) => [j, ...people[j]].join(',')),
    said: /counts the rows/,
  },
  {
    what: "R's names of rows",
    file: 'r.csv',
    content: lines('"","weight","height"', (j) => [`"${j + 1}"`, ...people[j]].join(',')),
    said: /counts the rows/,
  },
  {
    what: 'years as names',
    file: 'years.csv',
    content: lines('2019,2020', (j) => people[j].join(',')),
    flags: ['--header', 'yes'],
    refusal: /line 1 counts \(2019, 2020\), which may be names or a row: give --header yes or --header no/,
    names: ['2019', '2020'],
  },
  {
    what: 'codes for missing values',
    file: 'codes.csv',
    content: lines('weight,height', (j) => (gaps.includes(j) ? [people[j][0], '-999'] : people[j]).join(',')),
    flags: ['--missing-code', '-999', '--missing', 'drop'],
    gaps,
  },
  {
    what: 'cells without a value',
    file: 'holes.tsv',
    content: lines('weight\theight\tid', (j) => [...(gaps.includes(j) ? ['NA', ''] : people[j]), `p${j}`].join('\t')),
    flags: ['--columns', 'weight,height', '--missing', 'drop'],
    refusal: /column "id" holds text/,
    gaps,
    keep: { columns: 'id', of: (j) => `p${j}` },
  },
  {
    what: 'integers above 2⁵³ and text beside the features',
    file: 'ids.csv',
    content: lines('id,site,weight,height', (j) => [bigId(j), site(j), ...people[j]].join(',')),
    flags: ['--columns', 'height,weight'],
    refusal: /column "(id|site)"/,
    keep: { columns: 'id', of: bigId },
  },
  {
    what: 'tabs in a .txt whose first lines are blank',
    file: 'tabs.txt',
    content: `\n\n${lines('weight\theight', (j) => people[j].join('\t'))}`,
  },
  {
    what: 'Parquet',
    file: 'people.parquet',
    content: parquetBytes(
      ['weight', 'height'],
      [0, 1].map((c) => Float64Array.from(people, (one) => Number(one[c]))),
      100,
    ),
  },
  {
    what: 'a workbook',
    file: 'people.xlsx',
    content: workbook([['weight', 'height'], ...people.map((one) => one.map(Number))]),
  },
];

describe.each(cases)(
  '$what: $file',
  ({ file, content, flags = [], refusal, said, names = ['weight', 'height'], ...more }) => {
    it('goes from the file to clusters and a report', () => {
      writeFileSync(path.join(folder, file), content);
      const short = file.replace(/\W/g, '-');
      const fit = ['fit', file, '--machines', '3', '--order', '2', '--starts', '2', '--out', `${short}/estimates`];
      if (refusal) {
        const refused = dfmr(...fit);
        expect(refused).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(refusal) });
        expect(refused.stderr.trim().split('\n')).toHaveLength(1);
      }
      const fitted = dfmr(...fit, ...flags);
      expect([fitted.status, fitted.stderr]).toEqual([0, said ? expect.stringMatching(said) : '']);
      const { gaps: left = [], keep } = more;
      expect(fitted.stdout).toContain(`${file}: ${ROWS - left.length} rows × 2 columns`);

      const out = `${short}/mixture.json`;
      const aggregated = dfmr('aggregate', `${short}/estimates`, '--out', out, '--report', `${short}/report.html`);
      expect([aggregated.status, aggregated.stderr]).toEqual([0, '']);
      expect(aggregated.stdout).toMatch(/3 of 3 machines are kept/);
      const { mixture, features } = JSON.parse(read(out));
      const byName = (mean: readonly number[]) => names.map((name) => mean[features.indexOf(name)]);
      const means = mixture.parameters.map(({ mean }: { mean: number[] }) => byName(mean));
      means.sort(([a]: number[], [b]: number[]) => a - b);
      for (const [k, [weight, height]] of [
        [61.5, 165.25],
        [88, 184],
      ].entries()) {
        // biome-ignore format: a table
        expect(Math.abs(means[k][0] - weight)).toBeLessThan(1.5);
        expect(Math.abs(means[k][1] - height)).toBeLessThan(1.5);
      }
      const report = read(`${short}/report.html`);
      for (const name of names) expect(report).toContain(name);

      const copied = keep ? ['--keep', keep.columns] : [];
      const classified = dfmr(
        'classify',
        file,
        '--mixture',
        out,
        ...flags,
        ...copied,
        '--out',
        `${short}/clusters.csv`,
      );
      expect(classified.status).toBe(0);
      const [head, ...rows] = read(`${short}/clusters.csv`).trimEnd().split('\n');
      expect(head).toBe([...(keep ? [keep.columns] : []), 'cluster'].join(','));
      expect(rows).toHaveLength(ROWS); // a line for every row, in its place
      const cells = rows.map((row) => row.split(','));
      if (keep) expect(cells.map(([first]) => first)).toEqual(people.map((_, j) => keep.of(j)));
      const clusters = cells.map((row) => row.at(-1) ?? '');
      expect(clusters.flatMap((cluster, j) => (cluster === '' ? [j] : []))).toEqual(left);
      const there = clusters.map((_, j) => j).filter((j) => !left.includes(j));
      const index = adjustedRandIndex(there.map((j) => clusters[j]), there.map((j) => labels[j])); // biome-ignore format: two lists
      expect(index).toBeGreaterThan(0.95);
    });
  },
);

/** A workbook of one sheet. */
function workbook(rows: readonly (readonly (string | number)[])[]): Uint8Array {
  const { utils, write } = require('xlsx');
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'people');
  return write(book, { type: 'buffer', bookType: 'xlsx' });
}
