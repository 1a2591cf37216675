import { createHash } from 'node:crypto';
import { InvalidInput, messageOf } from '../errors';
import { described } from '../math/checks';
import type { Samples } from '../math/table';
import { parseUntrusted, printable } from '../messages/untrusted';
import { performed, type WorkOptions } from '../work/work';
import type { Reply } from './protocol';
import { protocolOf } from './protocols';

// A conversation by files, for machines that share nothing but a folder or a mailbox: the server writes an ask, every machine a reply to it,
// and the server the next ask, until it has a result. Nothing in a reply is trusted.

/** A round's ask, and what the server needs to resume when the replies are there. */
export interface AskFile {
  readonly format: 'dfmr-ask';
  readonly version: 1;
  readonly protocol: string;
  /** counted from 1 */
  readonly round: number;
  readonly ask: unknown;
  readonly state: unknown;
}

/** A machine's answer to an ask. */
export interface ReplyFile {
  readonly format: 'dfmr-reply';
  readonly version: 1;
  /** the SHA-256 of what was asked, so that a reply to another round is recognised */
  readonly ask: string;
  /** the name that the machine gives itself */
  readonly machine: string;
  readonly answer: unknown;
}

/** What was collected of a machine in a round. */
export interface ReplyMessage {
  /** the name under which it was collected */
  readonly name: string;
  /** its text, or why there is none */
  readonly text: string | Uint8Array | Error;
}

/** What a server has after the replies of a round, and which of them it could not use. */
export interface FilesNext {
  readonly next: AskFile | { readonly result: unknown };
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The first ask of a conversation.
 * @param protocol its name
 * @throws InvalidInput if there is no such protocol, or the setup is not valid
 */
export function beginByFiles(protocol: string, setup: unknown): AskFile {
  const { ask, state } = protocolOf(protocol).begin(setup);
  return { format: 'dfmr-ask', version: 1, protocol, round: 1, ask, state };
}

/**
 * A machine's reply to an ask, from its rows.
 * @param machine the name that it gives itself
 * @throws InvalidInput if what is given is not an ask; the signal's reason when it aborts
 */
export async function answerByFile(
  given: unknown,
  samples: Samples,
  machine: string,
  work: WorkOptions = {},
): Promise<ReplyFile> {
  const { protocol, ask } = checkedAsk(given);
  const answer = await performed(protocolOf(protocol).answer(samples, ask), work);
  return { format: 'dfmr-reply', version: 1, ask: digestOf(ask), machine, answer: plain(answer) };
}

/**
 * The next round of a conversation, or its result, from the replies that machines sent. A machine whose reply is damaged, or
 * to another ask, counts as silent.
 * @throws InvalidInput if what is given is not an ask, and what the protocol throws
 */
export async function nextByFiles(
  given: unknown,
  replies: readonly ReplyMessage[],
  work: WorkOptions = {},
): Promise<FilesNext> {
  const { protocol, round, ask, state } = checkedAsk(given);
  const digest = digestOf(ask);
  const refused: { name: string; reason: string }[] = [];
  const read = replies.map(({ name, text }): Reply<unknown> => {
    try {
      if (text instanceof Error) throw text;
      const reply = parseUntrusted(text) as Partial<ReplyFile> | null;
      if (reply?.format !== 'dfmr-reply') throw new InvalidInput('it is not a reply to an ask');
      if (reply.ask !== digest) throw new InvalidInput('it replies to another ask');
      return { machine: name, answer: reply.answer };
    } catch (error) {
      refused.push({ name, reason: printable(messageOf(error)) });
      return { machine: name, silent: new InvalidInput(messageOf(error)) };
    }
  });
  const next = await protocolOf(protocol).next(state, read, work);
  if ('done' in next) return { next: { result: next.done }, refused };
  const following = { ask: plain(next.ask), state: plain(next.state) };
  return { next: { format: 'dfmr-ask', version: 1, protocol, round: round + 1, ...following }, refused };
}

/** @throws InvalidInput if what is given is not an ask */
export function checkedAsk(given: unknown): AskFile {
  const { format, version } = (given ?? {}) as Partial<AskFile>;
  if (format !== 'dfmr-ask' || version !== 1)
    throw new InvalidInput(`${described(given)} is not an ask of version 1: \`dfmr ask\` or \`dfmr round\` writes one`);
  return given as AskFile;
}

const digestOf = (ask: unknown): string => createHash('sha256').update(JSON.stringify(ask)).digest('hex');

/** As JSON holds it: typed arrays become lists. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? Array.from(one as Float64Array) : one)));
