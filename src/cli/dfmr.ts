#!/usr/bin/env node
import { Command } from 'commander';
import { addAggregate } from './commands/aggregate';
import { addClassify } from './commands/classify';
import { addFit } from './commands/fit';
import { addNist } from './commands/nist';
import { addNotebook } from './commands/notebook';
import { addStudy } from './commands/study';

// The command line: npx dfmr …

const program = new Command('dfmr').description('Finite mixture models from many machines when some of them lie.');
for (const add of [addFit, addAggregate, addClassify, addStudy, addNist, addNotebook]) add(program);
program.parseAsync().catch((error: Error) => {
  console.error(`dfmr: ${error.message}`);
  process.exitCode = 1;
});
