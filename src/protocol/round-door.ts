import { InvalidInput, messageOf } from '../errors';
import { familyOf, isRegistered } from '../families/families-registry';
import type { Family } from '../families/family';
import { described } from '../math/checks';
import { screenEstimates } from '../messages/screen';
import { printable } from '../messages/untrusted';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import type { Reply } from './protocol';

/** What a machine answers in a round, as plain JSON. */
export interface RoundAnswer {
  readonly mixture: MixtureJSON;
  readonly sampleSize: number;
  readonly logLikelihood: number;
}

/** An answer that passed the checks. */
export interface Read {
  readonly mixture: Mixture;
  readonly sampleSize: number;
  readonly logLikelihood: number;
}

/** The answers of a round by machine, undefined of those that are silent or refused, and why they are. */
export interface RoundReplies {
  readonly read: readonly (Read | undefined)[];
  readonly silent: readonly { readonly machine: number; readonly reason: string }[];
  /** of replies that are of no machine of the conversation, in sentences */
  readonly notes: readonly string[];
}

/**
 * What machines sent in a round, through the door that all messages pass: of the form of an estimate, of the start's family, order and
 * dimension, not beyond float64 beside most others; with a number of rows and a log-likelihood that are numbers.
 * @param machines the names of all machines; a reply of another name is not counted
 */
export function readReplies(
  replies: readonly Reply<RoundAnswer>[],
  machines: readonly string[],
  start: Mixture,
): RoundReplies {
  const reasons = machines.map((): string | undefined => 'it did not reply');
  const answers = machines.map((): RoundAnswer | undefined => undefined);
  const notes: string[] = [];
  const seen = new Set<number>();
  for (const reply of replies) {
    const i = machines.indexOf(reply.machine);
    if (i < 0 || seen.has(i)) {
      const what =
        i < 0
          ? 'it was not there in round 1, whose names of machines hold in all rounds'
          : 'it replied before in this round';
      notes.push(`${printable(reply.machine)} is not counted: ${what}.`);
      continue;
    }
    seen.add(i);
    try {
      if ('silent' in reply) throw reply.silent;
      answers[i] = numbered(reply.answer);
      reasons[i] = undefined;
    } catch (error) {
      reasons[i] = printable(messageOf(error));
    }
  }
  const mixtures = isRegistered(start.family)
    ? throughTheDoor(answers, start, reasons)
    : checked(answers, start, reasons);
  const read = answers.map((answer, i) => {
    const mixture = mixtures[i];
    return answer && mixture && { ...answer, mixture };
  });
  const silent = reasons.flatMap((reason, machine) => (reason === undefined ? [] : [{ machine, reason }]));
  return { read, silent, notes };
}

/** More rows than float64 counts are not believed. */
const MOST_ROWS = Number.MAX_SAFE_INTEGER;

/** @throws InvalidInput if a number of the answer is none */
function numbered(answer: RoundAnswer | null): RoundAnswer {
  const { mixture, sampleSize, logLikelihood } = answer ?? ({} as Partial<RoundAnswer>);
  if (!(typeof sampleSize === 'number' && sampleSize > 0 && sampleSize <= MOST_ROWS))
    throw new InvalidInput(`it says that it has ${described(sampleSize)} rows`);
  if (!Number.isFinite(logLikelihood))
    throw new InvalidInput(`its logLikelihood is ${described(logLikelihood)}: it must be a finite number`);
  return { mixture: mixture as MixtureJSON, sampleSize, logLikelihood: logLikelihood as number };
}

type Reasons = (string | undefined)[];

function throughTheDoor(answers: readonly (RoundAnswer | undefined)[], start: Mixture, reasons: Reasons) {
  const { family, order, dimension } = start;
  const messages = answers.flatMap((answer, i) => {
    if (!answer) return [];
    const head = { format: 'dfmr-estimate', version: 1, machine: `machine ${i}`, order, dimension };
    const { sampleSize, mixture } = answer;
    const { weights, parameters, noise } = (mixture ?? {}) as Partial<MixtureJSON>;
    const body = { family: mixture?.family, weights, parameters, noise, sampleSize: Math.ceil(sampleSize) };
    return [{ name: String(i), text: JSON.stringify({ ...head, ...body }) }];
  });
  const mixtures = new Array<Mixture | undefined>(answers.length);
  if (messages.length === 0) return mixtures;
  try {
    const shape = { family: family.name, order, dimension, sampleSizes: 'trusted' } as const;
    const { estimates, refused } = screenEstimates(messages, shape as object);
    for (const { name, mixture } of estimates) mixtures[Number(name)] = mixture;
    for (const { name, reason } of refused) reasons[Number(name)] = reason;
  } catch (error) {
    for (const { name } of messages) reasons[Number(name)] = messageOf(error); // of half and more
  }
  return mixtures;
}

/** The mixtures of a family that has no name, which were never JSON. */
function checked(answers: readonly (RoundAnswer | undefined)[], start: Mixture, reasons: Reasons) {
  return answers.map((answer, i) => {
    try {
      const mixture = answer && mixtureFromJSON(answer.mixture, start.family as Family);
      if (mixture && !(mixture.order === start.order && mixture.dimension === start.dimension))
        throw new InvalidInput(`it sent ${mixture.order} components in ${mixture.dimension} dimensions`);
      return mixture;
    } catch (error) {
      reasons[i] = printable(messageOf(error));
      return undefined;
    }
  });
}

/** The family of a name, or the user's own, which cannot leave the process. */
export const familyIn = (named: string | Family<never>): Family => familyOf(named as Family);
