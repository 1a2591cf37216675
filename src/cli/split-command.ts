import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Command, Option } from 'commander';
import { InvalidInput } from '../errors';
import { isAddress, shownName } from '../tables/address';
import { splitTable, type TableSplit } from '../tables/split-table';
import { interruption, positiveInteger, writeWhole } from './command-support';
import { progress, remark, tell } from './output';
import { addTableOptions, rowOptions, TABLE, type TableFlags } from './table-options';

interface SplitFlags extends TableFlags {
  readonly machines: number;
  readonly out: string;
  readonly format: 'csv' | 'npy';
  readonly contiguous?: boolean;
  readonly seed: string;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** Makes a command `dfmr split`. */
export function splitCommand(command: Command): void {
  command
    .description(
      'Split a table, which may be larger than memory, into a shard for each machine; with the seed of dfmr fit --machines, into the shards that it fits.',
    )
    .argument('<table>', TABLE)
    .requiredOption('-m, --machines <m>', 'how many shards there are', positiveInteger)
    .requiredOption('-o, --out <folder>', 'the folder for the shards, made if needed')
    .addOption(
      new Option(
        '--format <format>',
        'csv keeps the names of columns, labels, weights and text; npy keeps numbers only, weights last',
      )
        .choices(['csv', 'npy'])
        .default('csv'),
    )
    .option('--contiguous', 'give each machine rows that follow one another, not random ones')
    .option('--seed <seed>', 'a number or a word for the random split; the same seed gives the same shards', '1')
    .option(
      '--resume',
      'do nothing if the same split is there already, and do it again if it was killed or a shard is gone',
    )
    .option('--force', 'replace shards that are there');
  addTableOptions(command).action(split);
}

/** What a folder of shards is made of, in a hidden file beside them. */
const RECORD = '.split.json';

async function split(table: string, { out, resume, force = false, ...flags }: SplitFlags): Promise<void> {
  const { format, machines, contiguous, seed } = flags;
  if (format === 'npy' && flags.label !== undefined)
    throw new InvalidInput('.npy files have no labels: leave out --label, or write --format csv');
  if (!isAddress(table) && !existsSync(table)) throw new InvalidInput(`there is no table ${table}`);
  const record = path.join(out, RECORD);
  const made = madeOf(table, flags);
  const before = existsSync(record) ? (JSON.parse(readFileSync(record, 'utf8')) as Split) : undefined;
  if (resume && !force && before) requireSame(out, before.made, made);
  const whole = before?.done?.shards.every((shard) => existsSync(path.join(out, path.basename(shard))));
  if (resume && before?.done && whole) return tell(`${out}: ${machines} shards are there already`, before.done);
  const there = existsSync(out) ? readdirSync(out).filter((name) => /^shard-\d+\.(csv|npy)$/.test(name)) : [];
  if (there.length > 0 && !(resume && before) && !force)
    throw new InvalidInput(
      `${out} has shards already: give another folder${before ? ', keep those of the same split with --resume' : ''}, or replace them with --force`,
    );
  const signal = interruption('no shard was written');
  const options = { ...rowOptions(flags), machines, directory: out, format, contiguous, seed };
  mkdirSync(out, { recursive: true });
  writeWhole(record, JSON.stringify({ made }));
  const work = { signal, onProgress: progress('splitting'), overwrite: there.length > 0 };
  const done = await splitTable(table, { ...options, ...work });
  const own = new Set(done.shards.map((shard) => path.basename(shard)));
  for (const name of there.filter((one) => !own.has(one))) rmSync(path.join(out, name)); // of a split among more machines
  writeWhole(record, `${JSON.stringify({ made, done })}\n`);
  for (const note of done.notes) remark(`dfmr: ${note}`);
  const { rows, names, droppedRows } = done;
  const left = droppedRows > 0 ? `, ${droppedRows} with missing values left out` : '';
  tell(`${out}: ${machines} shards of ${shownName(table)}, ${rows} rows × ${names.length} columns${left}`, done);
}

/** The record of a split: what it is made of, and what came of it when it was done. */
interface Split {
  readonly made: object;
  readonly done?: TableSplit;
}

/** What the bytes of the shards depend on. */
function madeOf(table: string, { machines, format, contiguous = false, seed, ...flags }: Omit<SplitFlags, 'out'>) {
  const { size = null, mtimeMs: modified = null } = isAddress(table) ? {} : statSync(table);
  const rows = JSON.parse(JSON.stringify(rowOptions(flags)));
  return { table: path.basename(shownName(table)), size, modified, machines, format, contiguous, seed, ...rows };
}

/** @throws InvalidInput if shards are of another split */
function requireSame(out: string, before: object, made: object): void {
  const [old, now] = [before, made] as { readonly [key: string]: unknown }[];
  const key = Object.keys({ ...old, ...now }).find((one) => !isDeepStrictEqual(old[one], now[one]));
  if (key !== undefined)
    throw new InvalidInput(`${out} has shards of another split, which differs in its ${key}: give another folder`);
}
