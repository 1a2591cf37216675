import { expect, it } from 'vitest';
import { PLOTLY_MIME } from '../../page/figure-html';
import { compareNotebooks } from './compare';
import type { Notebook, Output } from './notebook-file';

const notebook = (...outputs: Output[]): Notebook => ({
  cells: [
    { cell_type: 'markdown', source: 'text', metadata: {} },
    { cell_type: 'code', source: 'code', metadata: {}, outputs },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});
const stream = (text: string | string[]): Output => ({ output_type: 'stream', name: 'stdout', text });
const shown = (data: Record<string, unknown>): Output => ({ output_type: 'display_data', data, metadata: {} });

it('finds nothing where only the storage differs', () => {
  expect(compareNotebooks(notebook(stream('a\nb\n')), notebook(stream(['a\n', 'b\n'])))).toEqual([]);
  const empty = shown({ 'text/html': '', 'text/plain': '' });
  expect(compareNotebooks(notebook(empty, stream('a')), notebook(stream('a')))).toEqual([]);
});

it('names the cell, the output and the line that differ', () => {
  expect(compareNotebooks(notebook(stream('a\nb\n')), notebook(stream('a\nc\n')))).toEqual([
    { cell: 2, where: 'output 1, text, line 2', expected: 'b', got: 'c' },
  ]);
});

it('tells a line that is missing at the end', () => {
  expect(compareNotebooks(notebook(stream('a\nb')), notebook(stream('a')))).toEqual([
    { cell: 2, where: 'output 1, text, line 2', expected: 'b', got: 'nothing' },
  ]);
});

it('names the place in a figure that differs, and does not look at its images', () => {
  const figure = (y: number[], image: string) =>
    shown({ [PLOTLY_MIME]: { data: [{ y }] }, 'image/png': image, 'text/html': image });
  expect(compareNotebooks(notebook(figure([1, 2], 'A')), notebook(figure([1, 2], 'B')))).toEqual([]);
  expect(compareNotebooks(notebook(figure([1, 2], 'A')), notebook(figure([1, 3], 'A')))).toEqual([
    { cell: 2, where: `output 1, ${PLOTLY_MIME}.data[0].y[1]`, expected: '2', got: '3' },
  ]);
});

it('tells cells that are new or gone, where they have outputs', () => {
  const printing = notebook(stream('a'));
  const shorter = { ...printing, cells: [] };
  expect(compareNotebooks(shorter, printing)).toMatchObject([{ cell: 2, where: 'output 1', expected: 'nothing' }]);
  expect(compareNotebooks(printing, shorter)).toMatchObject([{ cell: 2, where: 'output 1', got: 'nothing' }]);
  expect([compareNotebooks(shorter, notebook()), compareNotebooks(notebook(), shorter)]).toEqual([[], []]);
});

it('tells outputs that are new or gone, and errors by name and message', () => {
  expect(compareNotebooks(notebook(), notebook(stream('a')))[0]).toMatchObject({
    where: 'output 1',
    expected: 'nothing',
  });
  expect(compareNotebooks(notebook(stream('a')), notebook())[0]).toMatchObject({ where: 'output 1', got: 'nothing' });
  const error = (evalue: string, frame: string): Output => ({
    output_type: 'error',
    ename: 'E',
    evalue,
    traceback: [frame],
  });
  expect(compareNotebooks(notebook(error('x', 'at 1')), notebook(error('x', 'at 2')))).toEqual([]);
  expect(compareNotebooks(notebook(error('x', '')), notebook(error('y', '')))).toHaveLength(1);
});
