#!/usr/bin/env node
import { Command } from 'commander';
import { addAggregate } from './aggregate-command';
import { addClassify } from './classify-command';
import { addFit } from './fit-command';
import { addNist } from './nist-command';
import { addNotebook } from './notebook-command';
import { addRun } from './run-command';
import { addStudy } from './study-command';

// The command line: npx dfmr …

const program = new Command('dfmr').description('Finite mixture models from many machines when some of them lie.');
for (const add of [addFit, addAggregate, addClassify, addStudy, addNist, addNotebook, addRun]) add(program);
program.parseAsync().catch((error: Error) => {
  console.error(`dfmr: ${error.message}`);
  process.exitCode = 1;
});
