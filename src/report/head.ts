import type { Aggregate } from '../aggregate/aggregate';
import { type AnyExperts, isExperts } from '../experts/model';
import { escapeHtml } from '../page/html';
import type { MachineVerdict } from './verdicts';

/** What the head of a report needs to know beside the aggregate. */
interface HeadOptions {
  readonly title?: string;
  readonly features?: readonly string[];
  /** of mixtures of experts, whose features are covariates */
  readonly responses?: readonly string[];
  readonly made?: string;
}

/** The title, what was asked, and the verdict in a sentence or two. */
export function headOf(
  { result }: Pick<Aggregate<unknown>, 'result'>,
  all: readonly MachineVerdict[],
  { title = 'Report', features, responses, made }: HeadOptions,
): string {
  const rows = result.sampleSize;
  const behind = rows === undefined ? '' : ` ${rows.toLocaleString('en')} rows are behind what follows.`;
  const own = all.length === 1 ? 'its' : 'their';
  const asked = `${counted(all.length, 'machine')} each fitted ${kindOf(result.mixture)} to rows of ${own} own.${behind}`;
  const named = (what: string, names: readonly string[] | undefined) =>
    names && names.length <= MOST_FEATURES_NAMED ? ` ${what}: ${names.join(', ')}.` : '';
  const about = isExperts(result.mixture)
    ? named('Responses', responses) + named('Covariates', features)
    : named('Features', features);
  return [
    `<section class="prose"><h1>${escapeHtml(title)}</h1>`,
    ...(made === undefined ? [] : [`<p class="made">${escapeHtml(made)}</p>`]),
    `<p>${escapeHtml(asked + about)}</p>`,
    `<p class="verdict">${escapeHtml(verdictOf(all))}</p></section>`,
  ].join('\n');
}

const MOST_FEATURES_NAMED = 20;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What each machine fitted, in words. */
function kindOf(mixture: Aggregate<unknown>['result']['mixture'] | AnyExperts): string {
  if (isExperts(mixture)) {
    const { order, covariates, responses, law } = mixture;
    const experts = counted(order, `${capital(law)} expert`);
    return `a mixture of ${experts} (${counted(responses, 'response')}, ${counted(covariates, 'covariate')})`;
  }
  const { order, dimension, family } = mixture;
  const name = `${family.name.replace('gaussian', 'Gaussian')} mixture`;
  const article = /^[aeiou]/.test(name) ? 'an' : 'a';
  const noise = mixture.noise ? ' and noise' : '';
  return `${article} ${name} of ${counted(order, 'component')}${noise} in ${counted(dimension, 'feature')}`;
}

/** The names of people are written so. */
const capital = (name: string): string => name.replace('gaussian', 'Gaussian').replace('poisson', 'Poisson');

/** How many were used, and what that means. */
function verdictOf(all: readonly MachineVerdict[]): string {
  const count = (which: MachineVerdict['verdict']) => all.filter(({ verdict }) => verdict === which).length;
  const [aside, part] = [count('set aside'), count('kept in part')];
  const whole = all.length - aside - part;
  const parts = [
    ...(whole > 0 ? [`${whole === all.length ? `all ${whole}` : whole} are used whole`] : []),
    ...(part > 0 ? [`${part} in part`] : []),
    ...(aside > 0 ? [`${aside} ${aside === 1 ? 'is' : 'are'} set aside`] : []),
  ];
  const used =
    all.length === 1
      ? 'There is one machine, and nothing to compare it with.'
      : `Of ${all.length} machines ${parts.join(', ')}.`;
  const held =
    aside + part === 0
      ? ' Those who agree may still be wrong together: nothing in their estimates would show it.'
      : ' What was not used does not touch the result. That holds as long as fewer than half of the machines are wrong in the same part.';
  return used + (all.length > 1 ? held : '');
}
