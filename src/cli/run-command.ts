import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { messageOf } from '../errors';
import { runNotebook } from '../jupyter/runner/run-notebook';
import { interruption } from './command-support';
import { complain, progress, tell } from './output';
import { prepareOutput } from './output-files';

interface RunFlags {
  readonly check?: boolean;
  readonly html?: boolean;
  readonly force?: boolean;
  readonly timeout: number;
}

/** Makes a command `dfmr run`. */
export function runCommand(command: Command): void {
  command
    .description('Execute notebooks without Jupyter and write their outputs into them.')
    .argument('<notebooks...>', 'notebook files, executed one after another, or with --check two at a time')
    .option(
      '--check',
      'change no notebook; fail if outputs differ from those in the file, and write the new ones to .actual.ipynb',
    )
    .option('--html', 'also write each notebook as a .html page that needs no network')
    .option('--force', 'of --html: overwrite pages that are there')
    .option('--timeout <seconds>', 'how long a cell may take', seconds, 600)
    .action(runNotebooks);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('It must be a positive number of seconds.');
  return value;
}

async function runNotebooks(files: readonly string[], { check, html, force, timeout }: RunFlags): Promise<void> {
  const signal = interruption('the notebook that was running is as it was');
  const notebooks = files.filter((name) => !name.endsWith('.actual.ipynb'));
  if (html) for (const file of notebooks) prepareOutput(file.replace(/\.ipynb$/, '.html'), { force });
  const results: { file: string; good: boolean; report: string }[] = [];
  const left = notebooks.entries();
  const lane = async (): Promise<void> => {
    for (const [place, file] of left) {
      const bar = progress(file);
      try {
        const options = { check, html, timeoutSeconds: timeout, onProgress: bar, signal };
        const { good, report } = await runNotebook(file, options).finally(() =>
          bar({ stage: file, done: 1, total: 1 }),
        );
        if (good) tell(report);
        else complain(report, console.log);
        results[place] = { file, good, report };
        if (!good) process.exitCode = 1;
      } catch (error) {
        signal.throwIfAborted();
        complain(`FAILED  ${messageOf(error)}`);
        results[place] = { file, good: false, report: messageOf(error) };
        process.exitCode = 1;
      }
    }
  };
  // notebooks use all cores at times; two at once keep them busy where outputs are only compared
  await Promise.all(Array.from({ length: check ? Math.min(2, availableParallelism()) : 1 }, lane));
  tell([], results);
}
