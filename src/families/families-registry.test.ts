import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { fit } from '../estimate/fit';
import { weibullMixture } from '../mixture/constructors';
import { mixture, mixtureFromJSON } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { loadModule } from '../registry/modules';
import { type FamilyName, familyNames, familyOf, isPortable, isRegistered, registerFamily } from './families-registry';
import type { Family } from './family';
import { gaussian } from './gaussian';

it('knows a family by its name, and takes a family as it is', () => {
  expect(familyOf('gaussian')).toBe(gaussian);
  const own = { ...gaussian, name: 'own' };
  expect(familyOf(own)).toBe(own);
  expect(isRegistered(gaussian)).toBe(true);
  expect(isRegistered(own)).toBe(false);
});

it('makes a family with a known constant once for each constant', () => {
  const two = familyOf('weibull(2)');
  expect(two.name).toBe('weibull(2)');
  expect(familyOf('weibull(2.0)' as FamilyName)).toBe(two);
  expect(familyOf('weibull(3)')).not.toBe(two);
  expect(isRegistered(two)).toBe(true);
  expect(familyOf('laplace(-1e-3)').name).toBe('laplace(-0.001)');
  const { scale }: { scale: number } = mixture('weibull(2)', [1], [{ scale: 3 }]).parameters[0];
  expect(scale).toBe(3);
});

it('tells two constants apart', () => {
  const [G, H] = [2, 3].map((shape) => weibullMixture({ shape, weights: [1], scales: [1] }));
  expect(() => l2Distance(G, H)).toThrow('mixture 1 is of the family weibull(3), mixture 0 of weibull(2)');
});

it.each([
  ['weibull(0)', /the shape of a Weibull family is 0: it must be a positive number/],
  ['weibull(1e999)', /the shape of a Weibull family is Infinity/],
  ['laplace(1e300)', /the centre of a Laplace family is 1e\+300/],
  ['student-t(0.5)', /degrees of freedom of a Student t family are 0.5: a number from 1 to 1000 is needed/],
])('has no family %s', (name, message) => {
  expect(() => familyOf(name as FamilyName)).toThrow(message);
});

const NONE = [
  'normal',
  'toString',
  '__proto__',
  '',
  'weibull',
  'weibull()',
  'weibull(two)',
  'weibull(2)(3)',
  'gamma(2)',
  '__proto__(1)',
  null,
  7,
];

it.each(NONE)('says which families there are, of which "%s" is none', (name) => {
  expect(() => familyOf(name as FamilyName)).toThrow(
    /^there is no family .*: the library has gaussian,.* weibull\(number\)/,
  );
});

describe("a family of one's own that is registered", () => {
  const own = (name: string, change: Partial<Family> = {}) => ({ ...(gaussian as unknown as Family), name, ...change });
  const parameters = [{ mean: [0], covariance: [[1]] }];

  it('is found by its name, in JSON too, and is fitted by it', () => {
    const mine = own('registered');
    const json = { family: 'registered', weights: [1], parameters };
    expect(() => mixtureFromJSON(json)).toThrow(/there is no family "registered"/);
    registerFamily(mine);
    expect([familyOf('registered'), isRegistered(mine), isPortable(mine)]).toEqual([mine, true, false]);
    const G = mixtureFromJSON(json);
    expect(G.family).toBe(mine);
    expect(mixtureFromJSON(JSON.stringify(G), 'registered').toJSON()).toEqual(G.toJSON());
    const { mixture: found } = fit(sample(G, 50, 1).data, { order: 1, family: 'registered' });
    expect(found.family).toBe(mine);
    expect(familyNames()).toContain('registered');
    expect(() => familyOf('nothing')).toThrow(/the library has gaussian,.*, registered/);
  });

  it('takes the place of another only where that is said, and leaves families with a constant as they are', () => {
    const [first, second] = [own('twice'), own('twice')];
    const two = familyOf('weibull(2)');
    registerFamily(first);
    expect(() => registerFamily(second)).toThrow(/there is a family named "twice" already/);
    expect(() => registerFamily(own('gaussian'))).toThrow(/there is a family named "gaussian" already/);
    expect(familyOf('twice')).toBe(first);
    registerFamily(second, { replace: true });
    expect(familyOf('twice')).toBe(second);
    expect(isRegistered(first)).toBe(false);
    expect(familyOf('weibull(2)')).toBe(two); // so that mixtures from before still compare
  });

  it('answers the contract, and says what it does not', () => {
    const { sampler, barycentre, ...rest } = own('partial');
    expect(() => registerFamily(rest as Family)).toThrow(/is not a family: it has no sampler, barycentre$/);
    expect(() => registerFamily(null as unknown as Family)).toThrow(/null is not a family: it has no parameter,/);
    expect(() => registerFamily(own('two words'))).toThrow(/the name of a family is "two words"/);
    expect(isRegistered(rest as Family)).toBe(false);
  });

  it('is found by other threads where a module registers it', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'dfmr-')), 'families.cjs');
    const shared = globalThis as { registerForTest?: () => void };
    shared.registerForTest = () => registerFamily(own('of-a-module'));
    writeFileSync(file, 'globalThis.registerForTest();');
    loadModule(file);
    expect(isPortable(familyOf('of-a-module'))).toBe(true);
    expect(isPortable(gaussian as unknown as Family)).toBe(true);
    expect(isPortable(own('of-a-module'))).toBe(false);
  });
});
