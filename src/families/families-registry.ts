import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { type Table, toSamples } from '../math/table';
import { type Entry, ofList, type RegisterOptions, registryOf } from '../registry/registry';
import { type BernoulliParameter, bernoulli } from './bernoulli';
import { type CategoricalParameter, categorical, categoriesOf } from './categorical';
import { type DiagonalGaussianParameter, diagonalGaussian } from './diagonal-gaussian';
import { type DirichletParameter, dirichlet } from './dirichlet';
import { type ExponentialParameter, exponential } from './exponential';
import type { Family } from './family';
import { type GammaParameter, gamma } from './gamma';
import { gaussian } from './gaussian';
import { type GaussianGammaParameter, gaussianGamma } from './gaussian-gamma';
import type { GaussianParameter } from './gaussian-parameter';
import { gumbel } from './gumbel';
import { type InverseGammaParameter, inverseGamma } from './inverse-gamma';
import { type LaplaceParameter, laplace } from './laplace';
import { type LogNormalParameter, logNormal } from './log-normal';
import { logistic } from './logistic';
import { type MultinomialParameter, multinomial } from './multinomial';
import { type NegativeBinomialParameter, negativeBinomial } from './negative-binomial';
import { type PoissonParameter, poisson } from './poisson';
import { type RayleighParameter, rayleigh } from './rayleigh';
import { type SphericalGaussianParameter, sphericalGaussian } from './spherical-gaussian';
import type { LocationScaleParameter } from './standard-density';
import { studentT } from './student-t';
import { tiedGaussian } from './tied-gaussian';
import { type VonMisesParameter, vonMises } from './von-mises';
import { type VonMisesFisherParameter, vonMisesFisher } from './von-mises-fisher';
import { type WeibullParameter, weibull } from './weibull';

/** The families of the library by name, and the form of θ in each. */
export interface FamilyParameters {
  /** normal distributions with a covariance of their own */
  gaussian: GaussianParameter;
  /** normal distributions of independent features */
  'diagonal-gaussian': DiagonalGaussianParameter;
  /** normal distributions as wide in every direction */
  'spherical-gaussian': SphericalGaussianParameter;
  /** normal distributions that share one covariance */
  'tied-gaussian': GaussianParameter;
  /** positive numbers: sizes, durations, amounts of rain */
  gamma: GammaParameter;
  /** waiting times */
  exponential: ExponentialParameter;
  /** positive numbers whose logarithm is normal */
  'log-normal': LogNormalParameter;
  /** positive numbers with a heavy tail: variances */
  'inverse-gamma': InverseGammaParameter;
  /** lengths of normal vectors in the plane: wave heights, wind speeds */
  rayleigh: RayleighParameter;
  /** counts, whose variance is their mean */
  poisson: PoissonParameter;
  /** numbers with tails somewhat heavier than normal */
  logistic: LocationScaleParameter;
  /** largest values of many */
  gumbel: LocationScaleParameter;
  /** pairs of a mean and a precision */
  'gaussian-gamma': GaussianGammaParameter;
  /** shares that sum to one */
  dirichlet: DirichletParameter;
  /** directions, rows of norm 1 */
  'von-mises-fisher': VonMisesFisherParameter;
  /** angles in radians */
  'von-mises': VonMisesParameter;
  /** features that are 0 or 1 */
  bernoulli: BernoulliParameter;
}

/** The families with known constants by name, and the form of θ in each. */
export interface ConstantFamilyParameters {
  /** lifetimes, of a known shape */
  weibull: WeibullParameter;
  /** differences, about a known centre */
  laplace: LaplaceParameter;
  /** numbers with heavy tails, of known degrees of freedom */
  'student-t': LocationScaleParameter;
  /** counts that vary more than Poisson ones, of a known size */
  'negative-binomial': NegativeBinomialParameter;
  /** counts of categories in a known number of trials */
  multinomial: MultinomialParameter;
  /** features of known numbers of categories */
  categorical: CategoricalParameter;
}

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
  'von-mises-fisher': vonMisesFisher,
  'von-mises': vonMises,
  bernoulli,
} satisfies { readonly [Name in keyof FamilyParameters]: Family<FamilyParameters[Name]> };

/**
 * The families with known constants: "weibull(2)" is of shape 2, "laplace(0)" about 0, "student-t(3)" of 3 degrees of freedom,
 * "negative-binomial(2)" of size 2, "multinomial(10)" of 10 trials, "categorical(3,2)" of two features of 3 and 2 categories.
 */
export const familiesOfConstant = {
  weibull,
  laplace,
  'student-t': studentT,
  'negative-binomial': negativeBinomial,
  multinomial,
  categorical: ofList(categorical),
} satisfies {
  readonly [Name in keyof ConstantFamilyParameters]: (
    constant: number & number[],
  ) => Family<ConstantFamilyParameters[Name]>;
};

/**
 * The name of a family of the library, with its known constants, if it has any; 'categorical' alone is for what is given tables to
 * count categories in.
 */
export type FamilyName =
  | keyof FamilyParameters
  | `${Exclude<keyof ConstantFamilyParameters, 'categorical'>}(${number})`
  | 'categorical'
  | `categorical(${string})`;

/** θ of the family of a name. */
export type ParameterOf<Name extends FamilyName> = Name extends keyof FamilyParameters
  ? FamilyParameters[Name]
  : Name extends `${infer Known extends keyof ConstantFamilyParameters}(${string})`
    ? ConstantFamilyParameters[Known]
    : Name extends 'categorical'
      ? CategoricalParameter
      : never;

const registry = registryOf<Family>('family', {
  ...families,
  ...familiesOfConstant,
} as unknown as Record<string, Entry<Family>>);

/** What every family answers; the rest of the contract is optional. */
const REQUIRED_FUNCTIONS = [
  'parameter',
  'dimension',
  'size',
  'toVector',
  'fromVector',
  'toJSON',
  'logDensity',
  'sampler',
  'localProblem',
  'logInnerProduct',
  'divergence',
  'barycentre',
  'groundDistance',
] as const satisfies readonly (keyof Family)[];

/**
 * Registers your own family under its name: mixtures and estimates as JSON, `fit`, studies and commands find it by that name
 * from then on, and so do threads if a module that `loadModule` loads registers it.
 * @param family answers the contract
 * @param options whether a family of the same name is replaced
 * @throws InvalidInput if the name is taken or none, or the family does not answer the contract
 * @example
 * registerFamily({ ...familyOf('exponential'), name: 'waiting-times' });
 * fit([1, 2, 6], { order: 1, family: 'waiting-times' }).mixture.parameters; // [{ mean: 3 }]
 */
export function registerFamily<Parameter>(family: Family<Parameter>, options?: RegisterOptions): void {
  const missing = REQUIRED_FUNCTIONS.filter((name) => typeof (family as Partial<Family> | null)?.[name] !== 'function');
  if (missing.length > 0)
    throw new InvalidInput(`${described(family)} is not a family: it has no ${missing.join(', ')}`);
  registry.register(family.name, family as Family, options);
}

/** The names of all families; those with known constants end in "(number)" or "(numbers)". */
export const familyNames = (): string[] => registry.names();

/**
 * The family of a name, or the family itself.
 * @param family a name, such as 'gamma' or 'weibull(2)', or a family
 * @returns the family, which is the same object for the same name
 * @throws InvalidInput if there is no family of that name, or none with that constant
 * @example
 * familyOf('weibull(2)').name; // 'weibull(2)'
 * familyOf('gaussian') === truth.family; // true
 */
export function familyOf<Parameter>(family: string | Family<Parameter>): Family<Parameter> {
  if (typeof (family as Partial<Family> | null)?.parameter === 'function') return family as Family<Parameter>;
  if (registry.has(family as string)) return registry.get(family as string) as Family<Parameter>;
  const why =
    family === 'beta'
      ? ', as its mixtures are in general not identifiable (Remark 3.3)'
      : family === 'binomial'
        ? ', as its mixtures are in general not identifiable (Remark 3.3); with T trials, of T ≥ 2 K − 1, use multinomial(T)'
        : '';
  throw new InvalidInput(`there is no family ${described(family)}${why}: the library has ${familyNames().join(', ')}`);
}

/**
 * The family of a name for all of these tables: 'categorical' alone becomes that of the numbers of categories which they show.
 * @throws InvalidInput as `familyOf` does, if a value is no code of a category, or the tables are standardised, as directions and
 *   angles are not
 */
export function familyForTables<Parameter>(
  family: string | Family<Parameter>,
  tables: readonly Table[],
): Family<Parameter> {
  const counted = family === 'categorical' && tables.length > 0;
  const found = familyOf<Parameter>(
    counted ? `categorical(${categoriesOf(tables.map((table) => toSamples(table)))})` : family,
  );
  const { notStandardised } = found;
  const standardised = tables.some(
    (table) => typeof table === 'object' && table !== null && 'standardisation' in table,
  );
  if (notStandardised !== undefined && standardised)
    throw new InvalidInput(
      `${notStandardised} are not standardised: fit the ${found.name} family to the table as it was read`,
    );
  return found;
}

/** Whether the family is found by its name. */
export function isRegistered(family: Family): boolean {
  return finds(family, registry.has);
}

/** Whether other threads find the family by its name: it is built in, or a module that `loadModule` loaded registers it. */
export function isPortable(family: Family): boolean {
  return finds(family, registry.isPortable);
}

function finds(family: Family, has: (name: string) => boolean): boolean {
  try {
    return has(family.name) && registry.get(family.name) === family;
  } catch (error) {
    if (error instanceof InvalidInput) return false; // one's own, under a name with a constant that is refused
    throw error;
  }
}

/** @throws InvalidInput if the family cannot take rows with missing cells, naming those that can */
export function requireMissingCells({ name, missing }: Pick<Family, 'name' | 'missing'>): void {
  if (missing) return;
  const able = Object.values(families as Record<string, { name: string; missing?: true }>).filter((one) => one.missing);
  throw new InvalidInput(
    `${name} components cannot have missing cells: leave out the rows that have them, or choose from the families that ` +
      `can, ${able.map((one) => one.name).join(', ')}`,
  );
}
