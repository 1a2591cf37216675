import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readNotebook, writeNotebook } from './notebook-file';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-file-'));
const file = path.join(directory, 'test.ipynb');
afterAll(() => fs.rmSync(directory, { recursive: true }));

it('writes the bytes that Jupyter writes', () => {
  writeNotebook(file, {
    nbformat_minor: 5,
    nbformat: 4,
    metadata: { a: { d: 1, c: [] }, Z: 'ρ' },
    cells: [{ source: ['# Größe\n', 'b'], metadata: {}, id: '1', cell_type: 'markdown' }],
  });
  expect(fs.readFileSync(file, 'utf8')).toBe(`{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "1",
   "metadata": {},
   "source": [
    "# Größe\\n",
    "b"
   ]
  }
 ],
 "metadata": {
  "Z": "ρ",
  "a": {
   "c": [],
   "d": 1
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`);
});

it('refuses notebooks of an older format, and says what to do', () => {
  fs.writeFileSync(file, '{ "nbformat": 3, "cells": [] }');
  expect(() => readNotebook(file)).toThrow(/test\.ipynb has nbformat 3, not 4: open it in Jupyter/);
});
