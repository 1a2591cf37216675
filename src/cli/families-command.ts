import type { Command } from 'commander';
import { familyNames } from '../families/families-registry';
import { tell } from './output';

/** What the families of components are for, in the order in which somebody who has a table looks for one. */
const FOR: readonly (readonly [string, readonly string[]])[] = [
  [
    'any features',
    ['gaussian', 'tied-gaussian (one covariance for all components)', 'diagonal-gaussian', 'spherical-gaussian'],
  ],
  ['lifetimes, waiting times', ['gamma', 'exponential', 'weibull(2) (of known shape)', 'rayleigh']],
  ['sizes, variances, counts', ['log-normal', 'inverse-gamma', 'poisson', 'negative-binomial(2) (of known size)']],
  [
    'outliers, extremes',
    ['logistic', 'student-t(3) (of known degrees of freedom)', 'laplace(0) (about a known centre)', 'gumbel'],
  ],
  ['a value and its precision; proportions', ['gaussian-gamma', 'dirichlet']],
  ['directions, embeddings; angles', ['von-mises-fisher (rows of norm 1)', 'von-mises (radians)']],
  [
    'categories, answers',
    ['categorical (text or codes)', 'bernoulli (zeros and ones)', 'multinomial(10) (counts of known trials)'],
  ],
];

/** Makes a command `dfmr families`, and by it `dfmr help families`. */
export function familiesCommand(command: Command): void {
  command
    .description('List the families of components that --family takes, and what they are for.')
    .addHelpText('after', () => `\n${familiesList()}`)
    .action(() => tell(familiesList(), familyNames()));
}

/** The families with what they are for, those that modules registered last. */
export function familiesList(): string {
  const listed = FOR.flatMap(([, names]) => names.map(baseOf));
  const own = familyNames().filter((name) => !listed.includes(baseOf(name)));
  const groups = own.length > 0 ? [...FOR, ['of your modules', own] as const] : FOR;
  return groups.map(([what, names]) => `${what}\n${names.map((name) => `  ${name}`).join('\n')}`).join('\n');
}

/** The name without its constants and what is said of it. */
const baseOf = (name: string): string => name.replace(/[ (].*/, '');
