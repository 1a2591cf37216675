import type { Aggregate } from '../aggregate/aggregate';
import { escapeHtml } from '../page/html';
import type { MachineVerdict } from './verdicts';

/** What the head of a report needs to know beside the aggregate. */
interface HeadOptions {
  readonly title?: string;
  readonly features?: readonly string[];
  readonly made?: string;
}

/** The title, what was asked, and the verdict in a sentence or two. */
export function headOf(
  { result }: Pick<Aggregate<unknown>, 'result'>,
  all: readonly MachineVerdict[],
  { title = 'Report', features, made }: HeadOptions,
): string {
  const rows = result.sampleSize;
  const asked = `${counted(all.length, 'machine')} fitted ${kindOf(result.mixture)} each to ${rows === undefined ? 'its own rows' : `rows of its own; ${rows.toLocaleString('en')} rows are behind what follows`}.`;
  const about = features && features.length <= MOST_FEATURES_NAMED ? ` Features: ${features.join(', ')}.` : '';
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
function kindOf(mixture: Aggregate<unknown>['result']['mixture']): string {
  const { order, dimension, family } = mixture;
  const name = family ? `${family.name.replace('gaussian', 'Gaussian')} mixture` : 'mixture of experts';
  const article = /^[aeiou]/.test(name) ? 'an' : 'a';
  const noise = mixture.noise ? ' and noise' : '';
  return family
    ? `${article} ${name} of ${counted(order, 'component')}${noise} in ${counted(dimension, 'feature')}`
    : `${article} ${name}, of ${order}`;
}

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
