import type { Command } from 'commander';
import { InvalidInput, messageOf, NoCentre } from '../errors';
import { median } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import { bytesOf, requireDigest } from '../messages/read-bytes';
import { printable } from '../messages/untrusted';
import { type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { roundsSetup } from '../protocol/rounds';
import type { RoundAsk, RoundRecord, RoundsOutcome, RoundsState } from '../protocol/rounds-state';
import {
  type AskFile,
  answerByFile,
  beginByFiles,
  checkedAsk,
  nextByFiles,
  type ReplyMessage,
} from '../protocol/run-files';
import { shownName } from '../tables/address';
import { readTable } from '../tables/read-table';
import { interruption, machineOf, numberFrom, positiveInteger, targetsOf, writeWhole } from './command-support';
import { jsonIn } from './converse-commands';
import { progress, remark, tell } from './output';
import { OutputOption } from './output-files';
import { believedMessages, type SignerFlags } from './signed-messages';
import { rowOptions, type TableFlags } from './table-options';

// Rounds by files, for a cluster's schedule or people who share a folder: `dfmr round` writes the first ask, `dfmr fit --start` answers
// it on each machine, and `dfmr aggregate --round` writes the next ask, or the result. Everything that the server knows is in the asks.

interface RoundFlags {
  readonly start: string;
  readonly out: string;
  readonly rounds: number;
  readonly iterations?: readonly number[];
  readonly vote: boolean;
  readonly accelerate?: boolean;
  readonly penalty?: number;
  readonly tolerance: number;
}

/** Makes a command `dfmr round`. */
export function roundCommand(command: Command): void {
  command
    .description(
      'Begin rounds: write what machines are asked, the mixture from which they make a few EM steps on their own rows. They answer with dfmr fit --start, and dfmr aggregate --round goes on.',
    )
    .requiredOption('--start <file>', 'the mixture of round 1: a file that dfmr aggregate or dfmr fit wrote')
    .addOption(
      new OutputOption('-o, --out <file>', 'where the ask goes; copy it to every machine').makeOptionMandatory(),
    )
    .option('--rounds <count>', 'the most rounds that are held', positiveInteger, 12)
    .option(
      '--iterations <list>',
      'the EM steps of the rounds, such as 10,10,3,1; the last holds for those that follow; 10 in two rounds, 3 in four, then 1 if not given',
      iterationsFrom,
    )
    .option('--no-vote', 'take every aggregate, whatever the machines say of it: liars can then lead it away')
    .option('--accelerate', 'let every other proposal extrapolate')
    .option('--penalty <a>', 'the strength of the penalty on all rows; 1/√N for N rows if not given', numberFrom(0))
    .option('--tolerance <gain>', 'end if the median machine gains no more nats a row', numberFrom(0), 1e-6)
    .action(beginRounds);
}

/** 10,3,1 is 10 in round 1, 3 in round 2, then 1. */
function iterationsFrom(text: string): number[] {
  const list = text.split(',').map(Number);
  if (!list.every((E) => Number.isInteger(E) && E > 0))
    throw new InvalidInput(`--iterations is "${text}": give positive integers such as 10,10,3,1`);
  return list;
}

function beginRounds({ start: file, out, iterations, ...plan }: RoundFlags): void {
  const { mixture, sampleSize, features } = startIn(file);
  const own = iterations && ((round: number) => iterations[Math.min(round, iterations.length) - 1]);
  const setup = {
    ...roundsSetup({ mixture, ...(sampleSize !== undefined && { sampleSize }) }, { ...plan, iterations: own }),
    ...(features && { features }),
  };
  const ask = beginByFiles('rounds', setup);
  writeWhole(out, `${JSON.stringify(ask)}\n`);
  tell(askLine(ask, out), ask);
}

const askLine = ({ round }: AskFile, out: string): string =>
  `${out}: the ask of round ${round}; each machine replies with: dfmr fit TABLE --start ${out} --out REPLY${round > 1 ? ' --force' : ''}, a file of the same name in every round`;

/** The mixture in a file, the rows behind it, and the names of its features. */
function startIn(file: string) {
  const json = jsonIn(file) as { mixture?: MixtureJSON; sampleSize?: number; features?: string[]; names?: string[] };
  try {
    const { family, weights, parameters } = json?.mixture ?? (json as unknown as MixtureJSON);
    const mixture = mixtureFromJSON({ family, weights, parameters });
    const features = json.features ?? json.names;
    return { mixture, sampleSize: json.mixture ? json.sampleSize : undefined, features };
  } catch (cause) {
    throw new InvalidInput(`${file} does not hold a mixture: ${messageOf(cause)}`, { cause });
  }
}

/** What `dfmr fit --start` does: the replies of some machines to the ask of a round. */
export async function answerRound(
  files: readonly string[],
  start: string,
  {
    out,
    resume,
    force,
    order,
    machines,
    ...flags
  }: TableFlags & {
    readonly out: string;
    readonly resume?: boolean;
    readonly force?: boolean;
    readonly order?: number;
    readonly machines?: number;
  },
): Promise<void> {
  for (const [flag, value] of Object.entries({ order, machines }))
    if (value !== undefined) throw new InvalidInput(`--start says what to fit: leave out --${flag}`);
  const asked = jsonIn(start);
  const { round, ask, protocol } = checkedAsk(asked);
  if (protocol !== 'rounds') throw new InvalidInput(`${start} is no ask of a round: dfmr round writes one`);
  const signal = interruption('the same command with --resume answers for the machines that are left');
  const { targetOf, left } = targetsOf(files, out, { resume, force });
  const { features } = ask as RoundAsk;
  const columns = flags.columns ?? (features as readonly string[] | undefined)?.join(',');
  for (const file of left) {
    const table = await readTable(file, { ...rowOptions({ ...flags, columns }), signal });
    const reply = await answerByFile(asked, table, machineOf(file), { signal, onProgress: progress() }).catch(
      (error) => {
        signal.throwIfAborted();
        throw new InvalidInput(`${shownName(file)}: ${messageOf(error)}`, { cause: error });
      },
    );
    writeWhole(targetOf(file), `${JSON.stringify(reply)}\n`);
  }
  const answered = left.map(targetOf);
  tell(`${out}: the reply to round ${round}`, { round, answered });
}

/** More bytes than any reply has that is honest. */
const MOST_BYTES = 2 ** 26;
const IDLE_SECONDS = 5;

/** What `dfmr aggregate --round` does: the next ask from the replies to one, or the result. */
export async function nextRound(
  files: readonly string[],
  asked: string,
  { out, report, ...flags }: SignerFlags & { readonly out: string; readonly report?: string },
): Promise<void> {
  if (report !== undefined)
    throw new InvalidInput('--report is of an aggregate of estimates: leave it out with --round');
  const signal = interruption();
  const {
    files: believed,
    expected,
    digests,
    signerOf,
    refused: unsigned,
  } = await believedMessages(files, flags, signal);
  const fileOf = filesByMachine(believed, (file) => signerOf.get(file) ?? machineOf(file));
  const messages: ReplyMessage[] = [];
  for (const [name, file] of fileOf) {
    const bytes = bytesOf(file, { maximum: MOST_BYTES, idleSeconds: IDLE_SECONDS, signal }).then((text) => {
      requireDigest(text, digests?.get(file));
      return text;
    });
    messages.push({ name, text: await bytes.catch((error: Error) => error) });
    signal.throwIfAborted();
  }
  const before = jsonIn(asked);
  const { round, protocol } = checkedAsk(before);
  if (protocol !== 'rounds') throw new InvalidInput(`${asked} is no ask of a round: dfmr round writes one`);
  const { next, refused } = await nextByFiles(before, messages, { signal, onProgress: progress() });
  if (expected !== undefined && 2 * (messages.length - refused.length) <= expected)
    throw new NoCentre(
      `${messages.length - refused.length} of ${expected} machines sent a reply that can be used: without more than half there is nothing to trust`,
    );
  const what = 'result' in next ? (next.result as RoundsOutcome) : next;
  writeWhole(out, `${JSON.stringify(what, null, 'result' in next ? 2 : undefined)}\n`);
  const { history, machines } = 'result' in next ? (next.result as RoundsOutcome) : (next.state as RoundsState);
  const shown = (name: string) => printable(fileOf.get(name) ?? name);
  for (const { name, reason } of unsigned) remark(`${printable(name)} is set aside: ${reason}`);
  for (const { name, reason } of refused) remark(`${shown(name)} is set aside: ${reason}`);
  const record = history[round - 1] as RoundRecord | undefined;
  const told = new Set([...unsigned, ...refused].map(({ name }) => name));
  for (const { machine, reason } of record?.setAside ?? [])
    if (!told.has(machines[machine])) remark(`${shown(machines[machine])} is set aside: ${reason}`);
  for (const note of record?.notes ?? []) remark(note);
  const vote = voteOn(history[round - 2]);
  const lines =
    'result' in next ? [...(next.result as RoundsOutcome).decisions, `${out}: the result`] : [askLine(next, out)];
  tell([...vote, ...lines], what);
}

/** The file of each machine, in order of their names; a machine is known in all rounds by who signs, or else by the name of its file. */
function filesByMachine(files: readonly string[], nameOf: (file: string) => string): Map<string, string> {
  const byName = new Map<string, string>();
  const { compare } = new Intl.Collator('en', { numeric: true });
  for (const file of [...files].sort((a, b) => compare(nameOf(a), nameOf(b)))) {
    const name = nameOf(file);
    const other = byName.get(name);
    if (other !== undefined)
      throw new InvalidInput(`${other} and ${file} are both of the machine ${name}: give one reply of each machine`);
    byName.set(name, file);
  }
  return byName;
}

/** How the machines voted on what a round proposed. */
function voteOn(record: RoundRecord | undefined): string[] {
  if (!record || record.proposal === 'best so far') return [];
  const gains = record.gains.filter((gain) => gain !== null);
  const votes = gains.filter((gain) => gain > 0).length;
  const what = record.accepted ? 'is the best so far' : 'is refused';
  return [
    `Round ${record.round}: its ${record.proposal} ${what}; ${votes} of ${record.gains.length} machines gain, the one in the middle ${shortNumber(gains.length > 0 ? median(gains) : 0)} nats.`,
  ];
}
