import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { messageFiles } from './message-files';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-messages-'));
const names = ['10.json', '9.json', '2.JSON', 'many.jsonl', '.hidden.json', '9.json.sig', '11.json.part', 'notes.txt'];
for (const name of names) writeFileSync(path.join(folder, name), '');
mkdirSync(path.join(folder, 'old.json'));
symlinkSync(path.join(folder, 'old.json'), path.join(folder, 'older.json'));
symlinkSync(path.join(folder, '9.json'), path.join(folder, 'linked.json'));
mkdirSync(path.join(folder, 'empty'));
writeFileSync(path.join(folder, 'empty', 'a.json.sig'), '');
const inside = (...of: string[]) => of.map((name) => path.join(folder, name));

describe('messageFiles', () => {
  it('finds the messages of a folder, in order of their numbers', () => {
    const { files, leftOut } = messageFiles([folder]);
    expect(files).toEqual(inside('2.JSON', '9.json', '10.json', 'linked.json', 'many.jsonl'));
    expect(leftOut).toEqual(inside('notes.txt'));
  });

  it('gives one order, however files are named', () => {
    expect(messageFiles(['b/10.json', './b//9.json', 'a.json']).files).toEqual(['a.json', 'b/9.json', 'b/10.json']);
    expect(messageFiles([`${folder}/`]).files).toEqual(messageFiles([folder]).files);
    expect(messageFiles(['9.json', '09.json', 'é.json', 'e.json']).files).toEqual(
      messageFiles(['é.json', 'e.json', '09.json', '9.json']).files,
    );
  });

  it('keeps what is named, whatever it is and whether it is there or not', () => {
    expect(messageFiles(['gone.json', ...inside('notes.txt', '.hidden.json')]).files).toContain('gone.json');
    expect(messageFiles(inside('notes.txt', '.hidden.json')).files.length).toBe(2);
  });

  it('refuses a folder without messages', () => {
    expect(() => messageFiles(inside('empty'))).toThrow(/empty has no estimates: they are files that end in/);
  });
});
