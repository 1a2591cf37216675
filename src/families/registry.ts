import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { diagonalGaussian } from './diagonal-gaussian';
import { dirichlet } from './dirichlet';
import { exponential } from './exponential';
import type { Family } from './family';
import { gamma } from './gamma';
import { gaussian } from './gaussian';
import { gaussianGamma } from './gaussian-gamma';
import { gumbel } from './gumbel';
import { inverseGamma } from './inverse-gamma';
import { laplace } from './laplace';
import { logNormal } from './log-normal';
import { logistic } from './logistic';
import { poisson } from './poisson';
import { rayleigh } from './rayleigh';
import { sphericalGaussian } from './spherical-gaussian';
import { studentT } from './student-t';
import { tiedGaussian } from './tied-gaussian';
import { weibull } from './weibull';

/** The families of the library, by name. */
export const families = {
  gaussian,
  'diagonal-gaussian': diagonalGaussian,
  'spherical-gaussian': sphericalGaussian,
  'tied-gaussian': tiedGaussian,
  gamma,
  exponential,
  'log-normal': logNormal,
  'inverse-gamma': inverseGamma,
  rayleigh,
  poisson,
  logistic,
  gumbel,
  'gaussian-gamma': gaussianGamma,
  dirichlet,
};

/** The families with a known constant: "weibull(2)" is of shape 2, "laplace(0)" about 0, "student-t(3)" of 3 degrees of freedom. */
export const familiesOfConstant = { weibull, laplace, 'student-t': studentT };

type Constant = keyof typeof familiesOfConstant;

export type FamilyName = keyof typeof families | `${Constant}(${number})`;

/** θ of the family of a name. */
export type ParameterOf<Name extends FamilyName> = Name extends keyof typeof families
  ? (typeof families)[Name] extends Family<infer P>
    ? P
    : never
  : Name extends `${infer Known extends Constant}(${string})`
    ? ReturnType<(typeof familiesOfConstant)[Known]> extends Family<infer P>
      ? P
      : never
    : never;

/**
 * The family of a name, or the family itself.
 * @throws where the library has no family of that name, or none with that constant
 */
export function familyOf<Parameter>(family: FamilyName | Family<Parameter>): Family<Parameter> {
  if (typeof (family as Partial<Family> | null)?.parameter === 'function') return family as Family<Parameter>;
  const found = typeof family === 'string' ? ofName(family) : undefined;
  if (found) return found as unknown as Family<Parameter>;
  const constants = Object.keys(familiesOfConstant).map((name) => `${name}(number)`);
  const all = [...Object.keys(families), ...constants];
  const why = ['beta', 'binomial'].includes(family as string)
    ? ', as its mixtures are in general not identifiable (Remark 3.3)'
    : '';
  throw new InvalidInput(`there is no family ${described(family)}${why}: the library has ${all.join(', ')}`);
}

/** Whether the family can be found by its name. */
export function isRegistered(family: Family): boolean {
  try {
    return ofName(family.name) === family;
  } catch {
    return false; // one's own, under a name that the library refuses
  }
}

const made = new Map<string, Family>();

function ofName(name: string): Family | undefined {
  if (Object.hasOwn(families, name)) return families[name as keyof typeof families] as unknown as Family;
  const [, kind, text] = /^([a-z-]+)\(([^()\s]+)\)$/.exec(name) ?? [];
  if (!(kind && Object.hasOwn(familiesOfConstant, kind)) || Number.isNaN(Number(text))) return undefined;
  const family = familiesOfConstant[kind as Constant](Number(text)) as unknown as Family;
  const known = made.get(family.name) ?? family; // the same constant, the same family
  made.set(family.name, known);
  return known;
}
