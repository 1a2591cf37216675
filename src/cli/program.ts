import { Command, CommanderError } from 'commander';
import { InvalidInput, messageOf } from '../errors';
import { loadModule } from '../registry/modules';
import { Incomplete, Interrupted, inFlags } from './command-support';
import { addOutputOptions, complain, fail, failureJSON, printAs, resultsBesideOutput } from './output';
import { prepareOutputs } from './output-files';
import { VERSION } from './report-options';

// The command line: npx dfmr …

/** The commands: what each is for, and what makes it, which is loaded when it is asked for. */
const COMMANDS: readonly (readonly [string, string, () => Promise<(command: Command) => void>])[] = [
  ['split', 'Split a table into a shard for each machine.', async () => (await import('./split-command')).splitCommand],
  [
    'fit',
    'Fit a mixture to the table of each machine, and write its estimate.',
    async () => (await import('./fit-command')).fitCommand,
  ],
  [
    'aggregate',
    'Combine the estimates that machines sent into one mixture.',
    async () => (await import('./aggregate-command')).aggregateCommand,
  ],
  [
    'validate',
    'Say of each file whether it is an estimate, or what is wrong and where.',
    async () => (await import('./validate-command')).validateCommand,
  ],
  [
    'classify',
    'Write the most probable component of each row of a table.',
    async () => (await import('./classify-command')).classifyCommand,
  ],
  [
    'round',
    'Begin rounds, in which machines make a few EM steps from what the others found.',
    async () => (await import('./round-commands')).roundCommand,
  ],
  [
    'ask',
    'Begin a conversation by files with machines that share no memory.',
    async () => (await import('./converse-commands')).askCommand,
  ],
  [
    'answer',
    'Reply to an ask, from the rows of this machine.',
    async () => (await import('./converse-commands')).answerCommand,
  ],
  [
    'next',
    'Continue a conversation with the replies to an ask.',
    async () => (await import('./converse-commands')).nextCommand,
  ],
  ['study', 'Run a simulation study on all cores.', async () => (await import('./study-command')).studyCommand],
  [
    'nist',
    'The NIST example: from images of handwritten characters to Table 2.',
    async () => (await import('./nist-command')).nistCommand,
  ],
  [
    'notebook',
    'Make a folder with notebooks, and register their kernel with Jupyter.',
    async () => (await import('./notebook-command')).notebookCommand,
  ],
  [
    'run',
    'Execute notebooks without Jupyter and write their outputs into them.',
    async () => (await import('./run-command')).runCommand,
  ],
  [
    'families',
    'List the families of components that --family takes, and what they are for.',
    async () => (await import('./families-command')).familiesCommand,
  ],
];

/**
 * Runs a command, and sets the exit code of the process.
 * @param words what follows `dfmr` on the command line
 */
export async function runProgram(words: readonly string[]): Promise<void> {
  printAs({});
  const ofHelp = words[0] === 'help' && words.length > 1; // commander's own would not load the command
  try {
    await programOf(words).parseAsync(ofHelp ? [...words.slice(1), '--help'] : words, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return; // which it has said
    if (error instanceof Interrupted) complain(''); // after the ^C of a terminal
    fail(inFlags(messageOf(error)), error);
  }
}

/** Of an error that ends a command. */
function exitCodeOf(error: unknown): number {
  const isKnown = error instanceof CommanderError || error instanceof Interrupted || error instanceof Incomplete;
  return isKnown ? error.exitCode : 1;
}

/** The program with all commands, whose words say how errors are told. */
function programOf(words: readonly string[]): Command {
  const program = new Command('dfmr')
    .description('Learn finite mixture models from many machines when some of them lie.')
    .version(VERSION, '-V, --version')
    .exitOverride() // it may not end the process, which has more to say
    .option(
      '--module <file>',
      'load a JavaScript module that registers families, distances, rules, failures or table formats of yours; may be repeated',
      (file: string, others: readonly string[] = []) => [...others, file],
    )
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
For example:
  dfmr fit mine.csv --machines 20 --order 4 --out estimates
  dfmr aggregate estimates/*.json --out mixture.json --report report.html
  dfmr classify mine.csv --mixture mixture.json --out clusters.csv

Exit codes: 0 done; 1 refused, or something is wrong; 2 incomplete, and what is missing is named; 130 or 143 interrupted.
Results are on standard output; notes, progress and last of all an error are on standard error, without colours. In a pipe, progress
is a line every half minute. With --json an error is the last line: {"error": {"message": …, "kind": …}}.`,
    )
    .configureOutput({
      outputError: (text, write) =>
        words.includes('--json')
          ? console.error(JSON.stringify(failureJSON(text.replace(/^error: /, '').trim(), new InvalidInput(''))))
          : write(text),
    })
    .hook('preAction', (_, command) => {
      printAs(command.opts());
      if (prepareOutputs(command)) resultsBesideOutput();
      for (const file of program.opts<{ module?: readonly string[] }>().module ?? []) loadModule(file);
    });
  for (const [name, summary] of COMMANDS) program.command(name).summary(summary);
  program.hook('preSubcommand', async (_, command) => {
    const [, , load] = COMMANDS.find(([name]) => name === command.name()) ?? [];
    (await load?.())?.(command);
    addOutputOptions(command);
  });
  return program;
}
