#!/usr/bin/env node
import { Command } from 'commander';
import { InvalidInput, messageOf } from '../errors';
import { loadModule } from '../registry/modules';
import { addAggregate } from './aggregate-command';
import { addClassify } from './classify-command';
import { Incomplete, Interrupted, inFlags } from './command-support';
import { addAnswer, addAsk, addNext } from './converse-commands';
import { addFamilies } from './families-command';
import { addFit } from './fit-command';
import { addNist } from './nist-command';
import { addNotebook } from './notebook-command';
import { addOutputOptions, complain, fail, failureJSON, printAs, resultsBesideOutput } from './output';
import { prepareOutputs } from './output-files';
import { VERSION } from './report-options';
import { addRound } from './round-commands';
import { addRun } from './run-command';
import { addSplit } from './split-command';
import { addStudy } from './study-command';
import { addValidate } from './validate-command';

// The command line: npx dfmr …

const program = new Command('dfmr')
  .description('Learn finite mixture models from many machines when some of them lie.')
  .version(VERSION, '-V, --version')
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
      process.argv.includes('--json')
        ? console.error(JSON.stringify(failureJSON(text.replace(/^error: /, '').trim(), new InvalidInput(''))))
        : write(text),
  })
  .hook('preAction', (_, command) => {
    printAs(command.opts());
    if (prepareOutputs(command)) resultsBesideOutput();
    for (const file of program.opts<{ module?: readonly string[] }>().module ?? []) loadModule(file);
  });
for (const add of [
  addSplit,
  addFit,
  addAggregate,
  addValidate,
  addClassify,
  addRound,
  addAsk,
  addAnswer,
  addNext,
  addStudy,
  addNist,
  addNotebook,
  addRun,
  addFamilies,
])
  add(program);
addOutputOptions(program);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return; // who reads has enough
  fail(`standard output cannot be written: ${messageOf(error)}`, error);
  process.exitCode = 1;
});
program.parseAsync().catch((error: unknown) => {
  const interrupted = error instanceof Interrupted;
  if (interrupted) complain(''); // after the ^C of a terminal
  fail(inFlags(messageOf(error)), error);
  process.exitCode = interrupted || error instanceof Incomplete ? error.exitCode : 1;
});
