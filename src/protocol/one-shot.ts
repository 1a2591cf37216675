import { withMessage } from '../errors';
import { type Fit, type FitOptions, fitSteps } from '../estimate/fit';
import { familyForTables, familyOf, isRegistered } from '../families/families-registry';
import type { Family } from '../families/family';
import { missingIn } from '../math/missing-cells';
import type { Samples, Table } from '../math/table';
import { mixtureOf } from '../mixture/given';
import { type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { type FitJSON, fitFromJSON, fitToJSON } from './fit-json';
import type { Protocol } from './protocol';

/** Options of a fit as plain JSON, without weights of rows, which are the tables'; a family that is not registered stays as it is, and cannot leave the process. */
export interface FitAsk extends Omit<FitOptions<never>, 'family' | 'start' | 'rowWeights'> {
  readonly family: string | Family<never>;
  readonly start?: MixtureJSON;
}

/** The options, in a form that can be sent; of the family for all tables, if these are here. */
export function askOf<Parameter>(
  { family: given, start: from, ...plain }: Omit<FitOptions<Parameter>, 'rowWeights'>,
  tables: readonly Table[] = [],
): FitAsk {
  const start = from && mixtureOf(from, 'the start');
  const family = familyForTables(given ?? start?.family ?? 'gaussian', tables) as Family;
  return {
    ...plain,
    family: isRegistered(family) ? family.name : (family as Family<never>),
    start: start?.toJSON(),
  };
}

/** The options of an ask, for these rows: where a machine let rows with gaps in, its fits are by EM for missing cells. */
export function optionsOf({ family: named, start, ...plain }: FitAsk, samples: Samples): FitOptions<unknown> {
  const family = familyOf(named as Family<unknown>);
  return { ...plain, ...missingIn(samples), family, start: start && mixtureFromJSON(start, family) };
}

/** One round: each machine fits its rows, and sends the estimate. */
export const oneShot: Protocol<FitAsk, FitAsk, FitJSON, FitAsk, Fit<unknown>[]> = {
  name: 'one-shot',

  begin: (setup) => ({ ask: setup, state: setup }),

  *answer(samples, ask) {
    return fitToJSON(yield* fitSteps(samples, optionsOf(ask, samples)));
  },

  async next({ family }, replies) {
    const own = typeof family === 'object' ? (family as Family<unknown>) : undefined;
    return {
      done: replies.map((reply) => {
        if ('answer' in reply) return fitFromJSON(reply.answer, own);
        throw withMessage(reply.silent, `${reply.machine}: ${reply.silent.message}`);
      }),
    };
  },
};
