import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { estimateFromJSON } from '../messages/estimate-file';
import { SCHEMA_EXAMPLES, SCHEMA_FILE, schemaSections } from './schema-page';

const schema = JSON.parse(readFileSync(path.join(__dirname, '../..', SCHEMA_FILE), 'utf8'));
const page = schemaSections(schema).join('\n');

it('shows estimates that can be read', () => {
  expect(SCHEMA_EXAMPLES.map((one) => estimateFromJSON(JSON.stringify(one)).machine)).toEqual(['ward-7', 'ward-8']);
});

it('tells every field, and which may be left out', () => {
  for (const name of Object.keys(schema.properties)) expect(page).toContain(`<dt><code><b>${name}</b>`);
  expect(page).toMatch(/<b>sampleSize<\/b><\/code><\/dt>/);
  expect(page).toMatch(/<b>noise<\/b><\/code> <span class="default">optional<\/span>/);
  expect(page).toMatch(/<b>family<\/b><\/code> <span class="default">of mixtures<\/span>/);
  expect(page).toMatch(/<b>experts<\/b><\/code> <span class="default">of mixtures of experts<\/span>/);
});

it('tells the parameters of every family', () => {
  const named = /^\^\((.*)\)\$$/.exec(schema.properties.family.pattern)?.[1] ?? '';
  for (const name of named.match(/[a-z]{3,}(-[a-z]+)*/g) ?? []) expect(page).toContain(`<code>${name}</code>`);
  expect(page).toMatch(/<code>shape<\/code>: a positive number/);
});
