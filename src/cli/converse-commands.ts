import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidInput, messageOf, refusalOf } from '../errors';
import type { FamilyName } from '../families/families-registry';
import { parseJson } from '../messages/parse-json';
import { askOf } from '../protocol/one-shot';
import { type AskFile, answerByFile, beginByFiles, nextByFiles } from '../protocol/run-files';
import { readTable } from '../tables/read-table';
import { interruption, machineOf, PENALTY, positiveInteger, writeWhole } from './command-support';
import { progress, remark, tell } from './output';
import { OutputOption } from './output-files';
import { addTableOptions, rowOptions, TABLE, type TableFlags } from './table-options';

// A conversation by files, for machines that share no memory: `dfmr ask`, `dfmr answer` on each machine, `dfmr next`.

/** Makes a command `dfmr ask`. */
export function askCommand(ask: Command): void {
  ask.description('Begin a conversation by files with machines that share no memory: write the first ask.');
  ask
    .command('choose-order')
    .description('Let the machines choose the number of components in two rounds; no row leaves a machine.')
    .addOption(
      new OutputOption('-o, --out <file>', 'where the ask goes; copy it to every machine').makeOptionMandatory(),
    )
    .option('--orders <list>', 'the numbers of components to try, such as 1-9 or 2,3,5', ordersFrom, ordersFrom('1-9'))
    .option('--criterion <name>', 'bic, or icl for clusters that lie apart', 'bic')
    .option('-f, --family <name>', 'the family of the components', 'gaussian')
    .option(
      '--starts <count>',
      'how many starts each fit has, of different kinds; the best is kept',
      positiveInteger,
      10,
    )
    .option(...PENALTY)
    .option('--seed <seed>', 'a number or a word for the random starts', '1')
    .action(({ out, orders, criterion, ...fit }: AskFlags) => {
      const setup = { orders, criterion, fit: askOf(fit) };
      const asked = beginByFiles('choose-order', setup);
      writeWhole(out, `${JSON.stringify(asked)}\n`);
      tell(`${out}: the ask of round 1; each machine replies with: dfmr answer TABLE --ask ${out} --out REPLY`, asked);
    });
}

interface AskFlags {
  readonly out: string;
  readonly orders: readonly number[];
  readonly criterion: string;
  readonly family: FamilyName;
  readonly starts: number;
  readonly penalty?: number | 'published';
  readonly seed: string;
}

/** 1-4 is 1, 2, 3, 4. */
function ordersFrom(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, from, to] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (from === undefined) throw new InvalidInput(`--orders is "${text}": give a list such as 1-9 or 2,3,5`);
    return Array.from({ length: Math.max(0, Number(to ?? from) - Number(from) + 1) }, (_, i) => Number(from) + i);
  });
}

/** Makes a command `dfmr answer`. */
export function answerCommand(command: Command): void {
  command
    .description('Reply to an ask, from the rows of this machine.')
    .argument('<table>', TABLE)
    .requiredOption('--ask <file>', 'the file that dfmr ask or dfmr next wrote')
    .addOption(
      new OutputOption('-o, --out <file>', 'where the reply goes; send it back to the server').makeOptionMandatory(),
    )
    .option('--name <name>', 'the name of this machine; that of the table if not given');
  addTableOptions(command).action(
    async (file: string, { ask, out, name, ...flags }: TableFlags & { ask: string; out: string; name?: string }) => {
      const signal = interruption();
      const table = await readTable(file, { ...rowOptions(flags), signal });
      const reply = await answerByFile(jsonIn(ask), table, name ?? machineOf(file), {
        signal,
        onProgress: progress(),
      });
      writeWhole(out, `${JSON.stringify(reply)}\n`);
      tell(`${out}: the reply to round ${(jsonIn(ask) as AskFile).round}`, reply);
    },
  );
}

/** Makes a command `dfmr next`. */
export function nextCommand(command: Command): void {
  command
    .description('Continue a conversation with the replies to an ask: write the next ask, or the result.')
    .argument('<replies...>', 'files that dfmr answer wrote, one from each machine')
    .requiredOption('--ask <file>', 'the ask that they reply to')
    .addOption(
      new OutputOption('-o, --out <file>', 'where the next ask goes, or the result as JSON').makeOptionMandatory(),
    )
    .action(async (files: readonly string[], { ask, out }: { ask: string; out: string }) => {
      const signal = interruption();
      const replies = files.map((name) => ({ name, text: readFileSync(name) }));
      const { next, refused } = await nextByFiles(jsonIn(ask), replies, { signal, onProgress: progress() });
      const what = 'result' in next ? next.result : next;
      writeWhole(out, `${JSON.stringify(what, null, 'result' in next ? 2 : undefined)}\n`);
      for (const { name, reason } of refused) remark(`${name} is set aside: ${reason}`);
      const reasons = (what as { reasons?: readonly string[] }).reasons ?? [];
      tell(['result' in next ? `${out}: the result` : `${out}: the ask of round ${next.round}`, ...reasons], what);
    });
}

/** @throws InvalidInput if the file is not JSON, naming it */
export function jsonIn(file: string): unknown {
  try {
    return parseJson(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidInput(`${file} cannot be read as JSON: ${refusalOf(cause) ?? messageOf(cause)}`, { cause });
  }
}
