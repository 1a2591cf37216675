import { afterEach, expect, it, vi } from 'vitest';
import { progress, timeLeft } from './progress';

const TSLAB = '/node_modules/tslab/dist/jupyter.js';

afterEach(() => {
  delete require.cache[TSLAB];
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function inTerminal(isTTY: boolean): string[] {
  const written: string[] = [];
  vi.spyOn(process, 'stderr', 'get').mockReturnValue({
    isTTY,
    write: (text: string) => written.push(text),
  } as never);
  return written;
}

it('shows one bar below the cell, at most ten times a second, and takes it away at the end', () => {
  vi.useFakeTimers();
  const sent: unknown[] = [];
  require.cache[TSLAB] = {
    exports: { lastWriteDisplayData: (shown: { data: object }, update: boolean) => sent.push([shown.data, update]) },
  } as never;
  const report = progress('EM <1>');
  for (let done = 0; done <= 100; done++) {
    report(done, 100);
    vi.advanceTimersByTime(5);
  }
  expect(sent).toHaveLength(6); // at 0, 100, 200, 300, 400 and 500 ms
  expect(sent[1]).toEqual([
    {
      'text/html': expect.stringMatching(/<progress value="20" max="100".*EM &lt;1&gt;: 20 of 100/),
      'text/plain': 'EM <1>: 20 of 100',
    },
    true,
  ]);
  expect(sent.map((message) => (message as unknown[])[1])).toEqual([false, true, true, true, true, true]);
  expect(sent.at(-1)).toEqual([{ 'text/html': '', 'text/plain': '' }, true]);
});

it('draws one line in a terminal and wipes it at the end', () => {
  const written = inTerminal(true);
  const report = progress('EM');
  report(1, 2);
  report(2, 2);
  expect(written).toEqual([`\r\x1b[KEM ${'█'.repeat(15)}${'░'.repeat(15)} 1 of 2`, '\r\x1b[K']);
});

it('writes a line every half minute in a pipe, without control characters, and none for what is short', () => {
  vi.useFakeTimers();
  const written = inTerminal(false);
  const report = progress('EM');
  for (let second = 0; second <= 100; second++) {
    report(second, 100);
    vi.advanceTimersByTime(1000);
  }
  expect(written).toEqual([
    'EM: 30 of 100, about 70 s left\n',
    'EM: 60 of 100, about 40 s left\n',
    'EM: 90 of 100, about 10 s left\n',
  ]);
});

it('takes the progress of the library, under the label or else the stage, which starts its time anew', () => {
  vi.useFakeTimers();
  const written = inTerminal(true);
  const [labelled, plain] = [progress('EM'), progress()];
  labelled({ stage: 'fitting', done: 15, total: 30 });
  plain({ stage: 'distances', done: 15, total: 30 });
  vi.advanceTimersByTime(60_000);
  plain({ stage: 'distances', done: 20, total: 30 });
  plain({ stage: 'reduction', done: 3, total: 30 });
  vi.advanceTimersByTime(6_000);
  plain({ stage: 'reduction', done: 6, total: 30 });
  const bar = (filled: number) => '█'.repeat(filled) + '░'.repeat(30 - filled);
  expect(written).toEqual([
    `\r\x1b[KEM ${bar(15)} 15 of 30`,
    `\r\x1b[Kdistances ${bar(15)} 15 of 30`,
    `\r\x1b[Kdistances ${bar(20)} 20 of 30, about 30 s left`,
    `\r\x1b[Kreduction ${bar(6)} 6 of 30, about 24 s left`,
  ]);
});

it('is quiet in a pipe', () => {
  const written = inTerminal(false);
  const report = progress('EM');
  report(1, 2);
  report(2, 2);
  expect(written).toEqual([]);
});

it('tells how long it will take, once that can be told', () => {
  expect(timeLeft(4000, 1, 10)).toBe('');
  expect(timeLeft(10_000, 1, 5)).toBe(', about 40 s left');
  expect(timeLeft(60_000, 1, 11)).toBe(', about 10 min left');
  expect(timeLeft(3_600_000, 1, 3.5)).toBe(', about 2.5 h left');
  expect(timeLeft(60_000, 11, 11)).toBe('');
  expect(timeLeft(60_000, 0, 11)).toBe('');
});
