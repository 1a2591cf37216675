#!/usr/bin/env node
import { messageOf } from '../errors';
import { fail } from './output';
import { runProgram } from './program';

// The command line: npx dfmr …

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return; // who reads has enough
  fail(`standard output cannot be written: ${messageOf(error)}`, error);
  process.exitCode = 1;
});
runProgram(process.argv.slice(2));
