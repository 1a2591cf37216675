import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { loadedModules, loadModule } from './modules';
import { type Entry, moduleInLoad, ofList, registryOf } from './registry';

interface Thing {
  readonly title: string;
}

const builtIn: Record<string, Entry<Thing>> = {
  plain: { title: 'plain' },
  power: (exponent: number) => ({ title: `power ${exponent}` }),
  factor: (value = 1.3) => ({ title: `factor ${value}` }),
};
const things = () => registryOf<Thing>('thing', builtIn);

describe('a registry', () => {
  it('names all in their order, and those that take a number', () => {
    const registry = things();
    registry.register('Own', { title: 'own' });
    expect(registry.names()).toEqual(['plain', 'power(number)', 'factor(number)', 'own']);
  });

  it('finds a name in capitals or not', () => {
    const registry = things();
    registry.register('Own-2', { title: 'own' });
    for (const name of ['Own-2', 'own-2', 'OWN-2']) expect(registry.get(name).title).toBe('own');
    expect(registry.get('PLAIN')).toBe(builtIn.plain);
    expect(registry.get('Factor(2)').title).toBe('factor 2');
  });

  it.each([
    ['power(2)', 'power 2'],
    ['power(-0.5)', 'power -0.5'],
    ['power(1e-3)', 'power 0.001'],
    ['factor(2)', 'factor 2'],
    ['factor', 'factor 1.3'],
  ])('makes %s of its number, or of the number that is the default', (name, title) => {
    expect(things().get(name).title).toBe(title);
    expect(things().has(name)).toBe(true);
  });

  it('makes the same thing of the same number once', () => {
    const registry = things();
    expect(registry.get('power(2)')).toBe(registry.get('Power(2)'));
    expect(registry.get('power(2)')).not.toBe(registry.get('power(3)'));
  });

  it('makes one thing of a list of numbers, however the list is written', () => {
    const registry = things();
    registry.register(
      'sum',
      ofList((terms) => ({ title: terms.length > 0 ? `sum of ${terms.join(' and ')}` : 'no sum' })),
    );
    expect(registry.get('sum(3,2.0,4)').title).toBe('sum of 3 and 2 and 4');
    expect(registry.get('Sum(3, 2, 4)')).toBe(registry.get('sum(3,2.0,4)'));
    expect(registry.get('sum(3,2)')).not.toBe(registry.get('sum(3,2,4)'));
    expect([registry.get('sum(7)').title, registry.get('sum').title]).toEqual(['sum of 7', 'no sum']);
    expect(registry.names()).toContain('sum(numbers)');
    for (const name of ['sum()', 'sum(,)', 'sum(3,)', 'sum(3,two)', 'sum(3 2)', 'power(2,3)'])
      expect(registry.has(name), name).toBe(false);
  });

  it.each([
    'other',
    'power',
    'power()',
    'power(two)',
    'power(2',
    'plain(2)',
    'factor(NaN)',
    'factor(1) ',
    '',
    undefined,
    3,
  ])('says that there is no %j, and names all that there are', (name) => {
    const registry = things();
    expect(registry.has(name as string)).toBe(false);
    expect(registry.isPortable(name as string)).toBe(false);
    const find = () => registry.get(name as string);
    expect(find).toThrow(InvalidInput);
    expect(find).toThrow(
      `there is no thing ${JSON.stringify(name) ?? 'undefined'}: use plain, power(number), factor(number)`,
    );
  });

  it('does not take the names of what all objects have', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
      expect(things().has(name)).toBe(false);
  });

  it('takes a name once, unless it is to be replaced', () => {
    const registry = things();
    registry.register('own', { title: 'first' });
    for (const name of ['own', 'OWN', 'plain', 'power']) {
      const twice = () => registry.register(name, { title: 'second' });
      expect(twice).toThrow(InvalidInput);
      expect(twice).toThrow(`there is a thing named "${name}" already`);
    }
    expect(registry.get('own').title).toBe('first');
    registry.register('OWN', { title: 'second' }, { replace: true });
    expect(registry.get('own').title).toBe('second');
    expect(registry.names()).toEqual(['plain', 'power(number)', 'factor(number)', 'own']);
  });

  it('makes anew what was replaced', () => {
    const registry = things();
    expect(registry.get('power(2)').title).toBe('power 2');
    registry.register('power', (exponent: number) => ({ title: `root ${exponent}` }), { replace: true });
    expect(registry.get('power(2)').title).toBe('root 2');
  });

  it.each(['', '2', 'a b', 'a(b)', 'a/b', '-a', undefined, 3, null])('refuses the name %j', (name) => {
    const register = () => things().register(name as string, { title: 'own' });
    expect(register).toThrow(InvalidInput);
    expect(register).toThrow(/^the name of a thing is .*: use letters, digits and hyphens$/);
  });

  it('knows what other threads find: what is built in, not what a cell registers', () => {
    const registry = things();
    registry.register('own', { title: 'own' });
    expect(['plain', 'power(2)', 'factor', 'own', 'none'].map(registry.isPortable)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    registry.register('plain', { title: 'another' }, { replace: true });
    expect(registry.isPortable('plain')).toBe(false);
  });
});

describe('a module', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-modules-'));
  const file = (name: string, text: string) => {
    const full = path.join(folder, name);
    writeFileSync(full, text);
    return full;
  };
  const shared = globalThis as unknown as { loadedOnce?: number; register?: () => void };

  it.each([
    ['CommonJS', 'common.cjs', 'globalThis.loadedOnce = (globalThis.loadedOnce ?? 0) + 1;'],
    ['ES', 'module.mjs', "import 'node:path';\nglobalThis.loadedOnce = (globalThis.loadedOnce ?? 0) + 1;\nexport {};"],
  ])('of %s is loaded once, and named to threads', (_, name, text) => {
    shared.loadedOnce = 0;
    const one = file(name, text);
    loadModule(one);
    loadModule(path.relative(process.cwd(), one));
    expect(shared.loadedOnce).toBe(1);
    expect(loadedModules().filter((loaded) => loaded === one)).toHaveLength(1);
  });

  it('makes portable what it registers, while it is loaded', () => {
    const registry = things();
    const own = file('own.cjs', 'globalThis.register();');
    shared.register = () => {
      expect(moduleInLoad()).toBe(own);
      registry.register('own', { title: 'own' });
    };
    loadModule(own);
    expect(moduleInLoad()).toBeUndefined();
    expect(registry.isPortable('own')).toBe(true);
    registry.register('later', { title: 'later' });
    expect(registry.isPortable('later')).toBe(false);
  });

  it.each([
    ['throws', 'throws.cjs', "throw new Error('not today');", /not today/],
    ['is no JavaScript', 'broken.cjs', 'const = 3;', /Unexpected token/],
    ['registers a name twice', 'twice.cjs', 'globalThis.register(); globalThis.register();', /there is a thing named "own" already/],
  ])('that %s is named, and can be loaded when it is mended', (_, name, text, message) => {
    const registry = things();
    shared.register = () => registry.register('own', { title: 'own' });
    const broken = file(name, text);
    const load = () => loadModule(broken);
    expect(load).toThrow(InvalidInput);
    expect(load).toThrow(message);
    expect(load).toThrow(`the module ${broken} cannot be loaded: `);
    expect(loadedModules()).not.toContain(broken);
    expect(moduleInLoad()).toBeUndefined();
    writeFileSync(broken, '');
    expect(load).not.toThrow();
  });

  it('that is not there is named', () => {
    expect(() => loadModule('./nowhere.js')).toThrow(/^the module \.\/nowhere\.js cannot be loaded: Cannot find module/);
  });
}); // biome-ignore format: short
