import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bell } from '../mixture/mixtures.fixture';
import { estimateToJSON } from './estimate-file';
import type * as ReadFiles from './read-files';

// Threads run what is built.
const built = createRequire(path.join(__dirname, '../../dist/messages/read-files.js'));
const { receivedFiles } = built('./read-files.js') as typeof ReadFiles;

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-door-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FITTED = { logLikelihood: 0, penalisedLogLikelihood: 0, iterations: 1, converged: true };
const textOf = (i: number) =>
  JSON.stringify(estimateToJSON({ mixture: bell(i / 100), sampleSize: 100 + i, ...FITTED }, { machine: `m ${i}` }));

/** 130 files, of which some are damaged, lines, or not there. */
const files = Array.from({ length: 130 }, (_, i) => {
  const file = path.join(folder, `${i}.${i === 77 ? 'jsonl' : 'json'}`);
  if (i === 50) return file;
  const text = i === 77 ? [1, 2, 3].map((j) => textOf(1000 + j)).join('\n') : textOf(i);
  writeFileSync(file, i % 9 === 0 ? text.slice(0, 40 + i) : text);
  return file;
});

const options = { asked: {}, maximum: 1e6, idleSeconds: 5 };

describe('files that are read in threads', () => {
  it('give the same messages in the same order, damaged ones with the same reasons', async () => {
    const here = await receivedFiles(files, { ...options, workers: 1 }, 1);
    const seen: number[] = [];
    const onProgress = ({ done }: { done: number }) => seen.push(done);
    const threads = await receivedFiles(files, { ...options, workers: 2, onProgress }, 1);
    expect(threads).toEqual(here);
    expect(here).toHaveLength(132);
    expect(here.filter(({ reason }) => reason !== undefined)).toHaveLength(16);
    expect(seen.at(-1)).toBe(130);
  });

  it('are read no longer when the signal aborts', async () => {
    const controller = new AbortController();
    const work = receivedFiles(files, { ...options, workers: 2, signal: controller.signal }, 1);
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow(/^enough$/);
  });
});
