import type { Aggregate } from '../aggregate/aggregate';
import { isExperts } from '../experts/model';
import { escapeHtml } from '../page/html';
import { folded } from './sections';

const OF_MIXTURES = [
  [
    'mixture',
    'A model of rows that come from several groups: each component is one group, and its weight is its share of the rows.',
  ],
] as const;

const OF_EXPERTS = [
  ['expert', 'A regression of the response on the covariates, with noise of its own, for some of the rows.'],
  ['gate', 'The probability that a row with these covariates is of an expert.'],
] as const;

/** The words of a report for somebody who has not read the paper, folded away. */
export function wordsOf({ result, dfmr, components, standardErrors }: Aggregate<unknown>): string {
  const words: readonly (readonly [string, string])[] = [
    ['machine', 'Who holds some of the rows, fits them alone, and sends only the estimate.'],
    ...(isExperts(result.mixture) ? OF_EXPERTS : OF_MIXTURES),
    ...(components
      ? ([
          [
            'threshold',
            'How far honest estimates of as many rows lie apart at most, by chance alone. What lies farther is not used.',
          ],
          [
            'in part',
            'Some components of the machine are used, and others, which lie too far from those of most machines, are not.',
          ],
        ] as const)
      : []),
    ...(dfmr
      ? ([
          [
            'centre of attention (COAT)',
            'The estimate that has half of the others nearest around it. Lies lie elsewhere, unless half of the machines tell the same.',
          ],
          ['radius', 'How far that half reaches, r.'],
          ['inflation factor ρ', 'What lies within ρ radii of the centre is kept: ρ r is the threshold.'],
          ['W₁', 'How far weight would have to be moved, on the whole, to make one mixture of another.'],
        ] as const)
      : []),
    ...(standardErrors
      ? ([
          [
            '95 % interval',
            'Of a hundred such intervals about 95 hold the true value, if the model is right and those who are kept are honest.',
          ],
        ] as const)
      : []),
  ];
  const entries = words.map(([word, meaning]) => `<dt>${escapeHtml(word)}</dt><dd>${escapeHtml(meaning)}</dd>`);
  return folded('What the words mean', [`<section class="prose"><dl>${entries.join('')}</dl></section>`]);
}
