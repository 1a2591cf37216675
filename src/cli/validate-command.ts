import type { Command } from 'commander';
import { messageOf } from '../errors';
import { estimateFromJSON, type LocalEstimate } from '../messages/estimate-file';
import { messageFiles } from '../messages/message-files';
import { bytesOf } from '../messages/read-bytes';
import { parseUntrusted, printable } from '../messages/untrusted';
import { interruption } from './command-support';
import { complain, tell } from './output';

/** Makes a command `dfmr validate`. */
export function validateCommand(command: Command): void {
  command
    .description(
      'Say of each file whether it is an estimate as dfmr aggregate takes it, or what is wrong and where: for programs in other languages that write the format. The exit code is 1 if a file is not valid.',
    )
    .argument('<estimates...>', 'files, .jsonl files with an estimate in each line, or folders of such files')
    .action(validate);
}

/** What is said of an estimate. */
interface Verdict {
  readonly file: string;
  readonly valid: boolean;
  /** what it holds, or what is wrong */
  readonly what: string;
}

async function validate(given: readonly string[]): Promise<void> {
  const signal = interruption();
  const verdicts: Verdict[] = [];
  for (const file of messageFiles(given).files) verdicts.push(...(await verdictsOn(file, signal)));
  const wrong = verdicts.filter(({ valid }) => !valid);
  if (wrong.length > 0) process.exitCode = 1;
  for (const { file, what } of wrong) complain(`${file} is not valid: ${what}`);
  tell(
    verdicts.filter(({ valid }) => valid).map(({ file, what }) => `${file}: ${what}`),
    verdicts,
  );
}

/** More bytes than any estimate has. */
const MOST_BYTES = 2 ** 26;
const IDLE_SECONDS = 5;

/** What is said of the estimate in a file, or of that in each line. */
async function verdictsOn(file: string, signal: AbortSignal): Promise<Verdict[]> {
  const name = printable(file);
  try {
    const bytes = await bytesOf(file, { maximum: MOST_BYTES, idleSeconds: IDLE_SECONDS, signal });
    if (!/\.(jsonl|ndjson)$/i.test(file)) return [verdictOn(name, bytes)];
    const lines = Buffer.from(bytes).toString('utf8').split('\n');
    return lines.flatMap((line, i) => (line.trim() === '' ? [] : [verdictOn(`${name}:${i + 1}`, Buffer.from(line))]));
  } catch (error) {
    signal.throwIfAborted();
    return [{ file: name, valid: false, what: printable(messageOf(error)) }];
  }
}

function verdictOn(file: string, bytes: Uint8Array): Verdict {
  try {
    return { file, valid: true, what: contentsOf(estimateFromJSON(parseUntrusted(bytes))) };
  } catch (error) {
    return { file, valid: false, what: printable(messageOf(error)) };
  }
}

/** What an estimate holds, in words. */
function contentsOf({ machine, mixture, model, sampleSize }: LocalEstimate): string {
  const what = model
    ? `${model.order} ${model.law} experts of ${model.covariates} covariates`
    : `${mixture.order} ${mixture.family.name} components of ${mixture.dimension} features`;
  return `an estimate of ${what}, from ${sampleSize} rows of the machine ${printable(machine, 120)}`;
}
