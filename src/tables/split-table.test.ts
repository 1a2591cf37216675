import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy } from './npy';
import { readTable } from './read-table';
import { splitTable } from './split-table';
import { writeNpy } from './write-npy';

const folder = mkdtempSync(path.join(tmpdir(), 'split-'));
afterAll(() => rmSync(folder, { recursive: true }));
let directories = 0;
const fresh = () => path.join(folder, `shards-${directories++}`);

function csv(rows: number): string {
  const file = path.join(folder, `${rows}.csv`);
  writeFileSync(file, `i,text,x\n${Array.from({ length: rows }, (_, i) => `${i},t,${i / 8}\n`).join('')}`);
  return file;
}

/** The first columns of the shards, which number the rows. */
const numbersOf = (shards: readonly string[]) =>
  shards.map((shard) => {
    const { data, columns } = readNpy(shard);
    return [...data.filter((_, i) => i % columns === 0)];
  });

it('keeps the weights of rows as the last column of every shard', async () => {
  const file = path.join(folder, 'weighted.csv');
  writeFileSync(file, `i,count,x\n${Array.from({ length: 20 }, (_, i) => `${i},${i / 2},${i / 8}\n`).join('')}`);
  const { shards, names } = await splitTable(file, { machines: 3, directory: fresh(), seed: 1, weights: 'count' });
  expect(names).toEqual(['i', 'x']);
  const tables = await Promise.all(shards.map((shard) => readTable(shard, { weights: 'column 2' })));
  expect(tables.map(({ rows }) => rows).sort()).toEqual([6, 7, 7]);
  for (const { data, weights, columns } of tables) {
    expect(columns).toBe(2);
    expect([...(weights ?? [])]).toEqual([...data.filter((_, i) => i % 2 === 0)].map((i) => i / 2));
    expect([...data.filter((_, i) => i % 2 === 1)]).toEqual([...(weights ?? [])].map((weight) => weight / 4));
  }
});

describe('splits a table', () => {
  it('into shards whose union it is, whose sizes differ by one at most, and whose rows keep their order', async () => {
    const cases = fc.record({ rows: fc.integer({ min: 1, max: 60 }), machines: fc.integer({ min: 1, max: 12 }) });
    const property = fc.asyncProperty(cases, fc.integer(), async ({ rows, machines }, seed) => {
      fc.pre(rows >= machines);
      const directory = fresh();
      const split = await splitTable(csv(rows), { machines, directory, seed, label: 'text' });
      expect(split).toMatchObject({ rows, names: ['i', 'x'], droppedRows: 0 });
      expect(readdirSync(directory).map((name) => path.join(directory, name))).toEqual(split.shards);
      const numbers = numbersOf(split.shards);
      expect(numbers.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
      for (const one of numbers) {
        expect(Math.abs(one.length - rows / machines)).toBeLessThan(1);
        expect(one).toEqual([...one].sort((a, b) => a - b));
      }
      for (const { data } of split.shards.map(readNpy)) {
        for (let i = 0; i < data.length; i += 2) expect(data[i + 1]).toBe(data[i] / 8);
      }
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('larger than what waits in memory', async () => {
    const [rows, columns] = [4500, 1024]; // 37 MB
    const data = new Float64Array(rows * columns).fill(0.5);
    for (let i = 0; i < rows; i++) data[i * columns] = i;
    const file = path.join(folder, 'large.npy');
    writeNpy(file, { data, rows, columns });
    const { shards } = await splitTable(file, { machines: 3, directory: fresh(), seed: 1 });
    const numbers = numbersOf(shards);
    expect(numbers.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
    expect(numbers.every((one) => one.every((x, i) => i === 0 || x > one[i - 1]))).toBe(true);
  });

  it('alike for a seed, and otherwise for another', async () => {
    const bytes = async (seed: number) => {
      const { shards } = await splitTable(csv(50), { machines: 4, directory: fresh(), seed, columns: ['i'] });
      return Buffer.concat(shards.map((shard) => readFileSync(shard)));
    };
    expect(await bytes(1)).toEqual(await bytes(1));
    expect(await bytes(1)).not.toEqual(await bytes(2));
  });

  it('at random: each machine is as likely to get the first, the second … of each few rows', async () => {
    const { shards } = await splitTable(csv(4000), { machines: 4, directory: fresh(), seed: 1, columns: ['i'] });
    for (const numbers of numbersOf(shards)) {
      const counts = [0, 1, 2, 3].map((place) => numbers.filter((i) => i % 4 === place).length);
      // 250 each, with a standard deviation of 14
      for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(70);
    }
  });
});

describe('leaves no shard', () => {
  const options = { machines: 4, seed: 1, columns: ['i'] };

  it('where there are fewer rows than machines', async () => {
    const directory = fresh();
    await expect(splitTable(csv(3), { ...options, directory })).rejects.toThrow(/3\.csv: 3 rows are too few for 4/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('where a row is refused, late', async () => {
    const directory = fresh();
    const file = path.join(folder, 'late.csv');
    writeFileSync(file, `i\n${'1\n'.repeat(300_000)}x\n`);
    await expect(splitTable(file, { ...options, directory })).rejects.toThrow(/late\.csv: .*"x" in line 300002/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('where it is stopped', async () => {
    const directory = fresh();
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('enough'));
    const splitting = splitTable(csv(100), { ...options, directory, signal: stop.signal, onProgress });
    await expect(splitting).rejects.toThrow(/^enough$/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('changed that is there, of whatever number', async () => {
    const directory = fresh();
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'shard-007.npy'), 'mine');
    await expect(splitTable(csv(9), { ...options, directory })).rejects.toThrow(/shard-007\.npy exists, and is not/);
    expect(readdirSync(directory)).toEqual(['shard-007.npy']);
  });

  it('where the file is none, and makes no directory', async () => {
    const directory = fresh();
    await expect(splitTable('none.csv', { ...options, directory })).rejects.toThrow(/none\.csv/);
    await expect(splitTable(csv(9), { ...options, directory, machines: 0 })).rejects.toThrow(/machines is 0/);
    expect(existsSync(directory)).toBe(false);
  });
});
