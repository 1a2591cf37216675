#!/usr/bin/env node
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { progress } from '../notebook/progress';
import type { StudyDesign } from '../simulate/design';
import { studyDesigns } from '../simulate/designs';
import { runStudy } from '../simulate/study';
import { summarise, summaryToCsv } from '../simulate/summary';

// The command line: npx dfmr …

const positiveInteger = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(text);
};

const program = new Command('dfmr').description('Finite mixture models from many machines when some of them lie.');

program
  .command('study')
  .description('Run a simulation study on all cores. It can be stopped at any time; the same command goes on with it.')
  .argument('<design>', `${Object.keys(studyDesigns).join(', ')}, or a design as a JSON file`)
  .requiredOption('-r, --repetitions <R>', 'of each setting; 300 in the paper', positiveInteger)
  .option('-o, --out <file>', 'where repetitions are kept as they come; the design’s name with .jsonl if not given')
  .option('-s, --summary <file>', 'where to write means and standard errors, as CSV')
  .option('-w, --workers <count>', 'threads; as many as there are cores if not given', positiveInteger)
  .action(
    async (
      name: string,
      options: { repetitions: number; out?: string; summary?: string; workers?: number },
    ): Promise<void> => {
      const design = (studyDesigns as Readonly<Record<string, StudyDesign | undefined>>)[name] ?? designIn(name);
      const file = options.out ?? `${name.replace(/\.json$/, '')}.jsonl`;
      const { repetitions, workers } = options;
      const study = await runStudy(design, { repetitions, workers, file, onProgress: progress(name) });
      console.log(`${file}: ${repetitions} repetitions of ${design.settings.length} settings`);
      if (options.summary === undefined) return;
      writeWhole(options.summary, summaryToCsv(summarise(study)));
      console.log(`${options.summary}: means and standard errors`);
    },
  );

function designIn(file: string): StudyDesign {
  if (!existsSync(file)) {
    throw new Error(`there is no design ${file}: use ${Object.keys(studyDesigns).join(', ')}, or a JSON file`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Writes a file at once, so that none is left half written. */
function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
}

program.parseAsync().catch((error: Error) => {
  console.error(`dfmr: ${error.message}`);
  process.exitCode = 1;
});
