import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type * as Library from '../index';

// The worker is a file of the build only: these are tests of the package as it is built.
const DIST = path.join(__dirname, '../../dist');
const library: typeof Library = createRequire(__filename)(path.join(DIST, 'index.js'));
const { adjustedRandIndex, classify, dfmr, fail, fit, mixsim, readStudy, runStudy, sample, wasserstein1 } = library;

const folder = mkdtempSync(path.join(tmpdir(), 'study-'));
let files = 0;
const newFile = () => path.join(folder, `${files++}.jsonl`);

const design: Library.StudyDesign = {
  settings: [
    {
      population: { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 },
      sampleSize: 150,
      machines: [4, 6],
    },
    {
      population: {
        family: 'gamma',
        weights: [0.5, 0.5],
        parameters: [
          { shape: 2, scale: 1 },
          { shape: 30, scale: 1 },
        ],
      },
      sampleSize: 100,
      machines: [5],
    },
  ],
  failures: ['weight'],
  fractions: [0, 0.25],
  methods: ['Oracle', 'DFMR(1.3)', 'DFMR(3)', 'COAT', 'Trim', 'Vanilla'],
  clusteredRows: 250,
  seed: 3,
};

describe('a repetition', () => {
  it('is what one would do by hand', async () => {
    const { repetitions } = await runStudy(design, { repetitions: 2, workers: 1 });
    const truth = mixsim({ order: 2, dimension: 2, maximumOverlap: 0.1, seed: '3: population 1' });
    const tables = [0, 1, 2, 3].map((i) => sample(truth, 150, `3: repetition 1, machine ${i}`).data);
    const fits = tables.map((table) => fit(table, { start: truth }));
    const seed = '3: repetition 1, 4 machines, weight';
    const { estimates, failed } = fail(fits, { kind: 'weight', fraction: 0.25, seed });
    const result = dfmr(estimates, { inflationFactor: 3 });
    const clustered = [tables[0], { ...tables[1], data: tables[1].data.slice(0, 200), rows: 100 }];
    const labels = [result, truth].map((one) => clustered.flatMap((table) => [...classify(one, table)]));
    const { setting, repetition, w1, ari, kept, keptFailed } = repetitions[1];
    expect([setting, repetition]).toEqual([0, 1]);
    const at = 6 + 2; // α = 0.25, DFMR(3)
    expect(w1[at]).toBeCloseTo(wasserstein1(result, truth), 5);
    expect(ari[at]).toBeCloseTo(adjustedRandIndex(labels[0], labels[1]), 5);
    expect(kept[at]).toBe(result.kept.length);
    expect(keptFailed[at]).toBe(Array.from(result.kept).filter((i) => failed.includes(i)).length);
    expect([w1.length, ari.length, kept.length]).toEqual([24, 24, 24]);
    expect(kept.slice(0, 6).map((one) => one === null)).toEqual([true, false, false, true, true, true]);
  });

  it('tells an oracle that is Vanilla where no machine failed', async () => {
    const { repetitions } = await runStudy(design, { repetitions: 1, workers: 1 });
    for (const { w1 } of repetitions) expect(w1[0]).toBe(w1[5]);
    expect(repetitions.map((one) => one.setting)).toEqual([0, 1]);
  });
});

describe('a study', () => {
  it('finds the same for any number of workers, in memory or in a file, at once or in parts', async () => {
    const [one, two, parts] = [newFile(), newFile(), newFile()];
    const study = await runStudy(design, { repetitions: 5, workers: 1, file: one });
    await runStudy(design, { repetitions: 5, workers: 2, file: two });
    await runStudy(design, { repetitions: 2, workers: 2, file: parts });
    await runStudy(design, { repetitions: 5, workers: 1, file: parts });
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
    expect(readFileSync(parts, 'utf8')).toBe(readFileSync(one, 'utf8'));
    expect(readStudy(one)).toEqual(study);
    expect((await runStudy(design, { repetitions: 5, workers: 2 })).repetitions).toEqual(study.repetitions);
  });

  it('ends with the same bytes when it was killed at random moments', async () => {
    const long = { ...design, settings: [{ ...design.settings[0], sampleSize: 4000 }] };
    const [alone, killed] = [newFile(), newFile()];
    const json = path.join(folder, 'long.json');
    writeFileSync(json, JSON.stringify(long));
    await runStudy(long, { repetitions: 24, file: alone });
    const command = [path.join(DIST, 'cli/dfmr.js'), 'study', json, '-r', '24', '-o', killed];
    let kills = 0;
    for (const delay of [350, 500, 420, 610, 550, 700]) {
      const child = spawn(process.execPath, command, { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
      await setTimeout(delay);
      child.kill('SIGKILL');
      if ((await ended) === 'SIGKILL') kills++;
    }
    const child = spawn(process.execPath, command, { stdio: 'ignore' });
    expect(await new Promise((resolve) => child.on('exit', resolve))).toBe(0);
    expect(kills).toBeGreaterThan(0);
    expect(readFileSync(killed, 'utf8')).toBe(readFileSync(alone, 'utf8'));
  });

  it('goes on after a line that was torn anywhere', async () => {
    const whole = newFile();
    await runStudy(design, { repetitions: 2, workers: 1, file: whole });
    const bytes = readFileSync(whole);
    for (const length of [0, 5, 40, bytes.length - 1, bytes.length - 100, bytes.length - 900]) {
      const torn = newFile();
      writeFileSync(torn, bytes);
      truncateSync(torn, length);
      await runStudy(design, { repetitions: 2, workers: 1, file: torn });
      expect(readFileSync(torn, 'utf8')).toBe(bytes.toString());
    }
  });

  it('does not mix results of two designs', async () => {
    const file = newFile();
    await runStudy(design, { repetitions: 1, workers: 1, file });
    const before = readFileSync(file, 'utf8');
    const other = { ...design, fractions: [0, 0.3] };
    await expect(runStudy(other, { repetitions: 1, file })).rejects.toThrow(
      /another design, which differs in its fractions/,
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('names a line that is damaged, and a file that is none', async () => {
    const file = newFile();
    await runStudy(design, { repetitions: 1, workers: 1, file });
    appendFileSync(file, '{"setting":0,\n');
    expect(() => readStudy(file)).toThrow(/line 4 of .* is damaged/);
    writeFileSync(file, 'a,b\n1,2\n');
    expect(() => readStudy(file)).toThrow(/line 1 of .* is damaged/);
    writeFileSync(file, '{"study":7}\n');
    expect(() => readStudy(file)).toThrow(/is not a study of version 1/);
  });

  it('does not write over a file that is no study', async () => {
    const file = newFile();
    writeFileSync(file, JSON.stringify(design));
    await expect(runStudy(design, { repetitions: 1, file })).rejects.toThrow(/is not a study, and is not overwritten/);
    expect(readFileSync(file, 'utf8')).toBe(JSON.stringify(design));
  });

  it('takes no line that is not of its design, and one that stands there twice once', async () => {
    const file = newFile();
    const { repetitions } = await runStudy(design, { repetitions: 1, workers: 1, file });
    appendFileSync(file, `${JSON.stringify(repetitions[0])}\n`);
    expect(readStudy(file).repetitions).toEqual(repetitions);
    for (const change of [{ setting: 7 }, { w1: [1] }, { repetition: -1 }, { w1: repetitions[0].w1.map(() => null) }]) {
      const other = newFile();
      writeFileSync(other, readFileSync(file, 'utf8'));
      appendFileSync(other, `${JSON.stringify({ ...repetitions[0], ...change })}\n`);
      expect(() => readStudy(other)).toThrow(/line 5 of .* is not a repetition of its design/);
    }
  });

  it('gives as many repetitions as asked, and leaves those that the file has more', async () => {
    const file = newFile();
    await runStudy(design, { repetitions: 3, workers: 1, file });
    const fewer = await runStudy(design, { repetitions: 1, workers: 1, file });
    expect(fewer.repetitions.map(({ repetition }) => repetition)).toEqual([0, 0]);
    expect(readStudy(file).repetitions.length).toBe(6);
  });

  it.each([1, 2])('names the repetition and the machine that failed, with workers: %i', async (workers) => {
    const settings = [{ ...design.settings[0], sampleSize: 2 }, design.settings[1]];
    await expect(runStudy({ ...design, settings }, { repetitions: 2, workers })).rejects.toThrow(
      /^settings\[0\], repetition \d: machine 0: /,
    );
  });

  it('tells how far it is, and ends with the reason of the signal, keeping what it has', async () => {
    const file = newFile();
    const control = new AbortController();
    const told: number[] = [];
    const onProgress = ({ done, total }: Library.Progress) => {
      told.push(done / total);
      if (told.length === 3) control.abort(new Error('enough'));
    };
    const options = { repetitions: 40, workers: 1, file, onProgress, signal: control.signal };
    await expect(runStudy(design, options)).rejects.toThrow('enough');
    expect(told).toEqual([...told].sort());
    expect(readStudy(file).repetitions.length).toBe(3);
  });

  it.each<[object, RegExp]>([
    [{ settings: [] }, /settings is \[\]: a list is needed/],
    [
      { failures: ['lies'] },
      /settings\[0\]: there is no failure "lies" of gaussian mixtures: use mean, covariance, .*weight/,
    ],
    [{ fractions: [0.5] }, /a fraction is 0.5: it must be from 0 to below ½/],
    [{ methods: ['DFMR(0.9)'] }, /inflationFactor is 0.9: it must be a number of at least 1/],
    [
      { methods: ['DFMR(much)'] },
      /there is no rule "DFMR\(much\)": use components, dfmr\(number\), coat, trim, vanilla, oracle/,
    ],
    [{ clusteredRows: -1 }, /clusteredRows is -1/],
    [{ seed: undefined }, /the seed is undefined/],
    [{ seed: Number.NaN }, /the seed is NaN/],
    [{ failures: ['shape'] }, /settings\[0\]: there is no failure "shape" of gaussian mixtures/],
    [{ fractions: [0.1, 0.1] }, /fractions is \[ 0.1, 0.1 \]: each must be there once/],
    [{ settings: [null] }, /settings\[0\] is null: an object is needed/],
    [{ settings: [{ ...design.settings[0], machines: '20' }] }, /settings\[0\].machines is "20": a list is needed/],
    [{ settings: [{ ...design.settings[0], clusteredRows: 3 }] }, /settings\[0\] has an unknown field "clusteredRows"/],
    [{ settings: [{ sampleSize: 9, machines: [3] }] }, /settings\[0\]: the population is undefined/],
    [
      { settings: [{ ...design.settings[0], population: { ...design.settings[0].population, spherial: true } }] },
      /settings\[0\]: the population has an unknown field "spherial"/,
    ],
    [{ machine: 3 }, /the design has an unknown field "machine"/],
    [{ settings: [{ ...design.settings[0], sampleSize: 0 }] }, /settings\[0\].sampleSize is 0/],
    [{ settings: [{ ...design.settings[0], machines: [4, 0.5] }] }, /settings\[0\].machines\[1\] is 0.5/],
    [{ settings: [{ ...design.settings[0], machines: [] }] }, /settings\[0\].machines is \[\]/],
    [
      { settings: [{ ...design.settings[0], population: { kind: 'mixsim', order: 1, dimension: 2 } }] },
      /settings\[0\]: order is 1/,
    ],
    [
      { settings: [{ ...design.settings[0], population: { kind: 'other' } }] },
      /settings\[0\]: the population's kind is "other"/,
    ],
    [
      { settings: [{ ...design.settings[0], population: { family: 'beta', weights: [1], parameters: [{}] } }] },
      /settings\[0\]: /,
    ],
  ])('says what is wrong with %j', async (change, message) => {
    await expect(runStudy({ ...design, ...change } as Library.StudyDesign, { repetitions: 1 })).rejects.toThrow(
      message,
    );
  });

  it('needs a number of repetitions', async () => {
    await expect(runStudy(design, { repetitions: 0 })).rejects.toThrow(/repetitions is 0/);
  });
});
