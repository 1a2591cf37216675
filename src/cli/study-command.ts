import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidInput } from '../errors';
import { progress } from '../jupyter/show/progress';
import { runStudy } from '../study/run-study';
import type { StudyDesign } from '../study/study-design';
import { studyDesigns } from '../study/study-designs';
import { summarise } from '../study/study-summary';
import { csvOf } from '../tables/write-csv';
import { interruption, positiveInteger, writeWhole } from './command-support';

/** Adds `dfmr study`. */
export function addStudy(program: Command): void {
  program
    .command('study')
    .description('Run a simulation study on all cores. It can be stopped at any time; the same command resumes it.')
    .argument('<design>', `${Object.keys(studyDesigns).join(', ')}, or a design as a JSON file`)
    .requiredOption(
      '-r, --repetitions <R>',
      'how often each setting is repeated; 300 times in the paper',
      positiveInteger,
    )
    .option(
      '-o, --out <file>',
      'where repetitions are kept as they are done; the name of the design with .jsonl if not given',
    )
    .option('-s, --summary <file>', 'also write means and standard errors, as CSV')
    .option('-w, --workers <count>', 'the number of threads; one for each core if not given', positiveInteger)
    .action(
      async (
        name: string,
        options: { repetitions: number; out?: string; summary?: string; workers?: number },
      ): Promise<void> => {
        const design = (studyDesigns as Readonly<Record<string, StudyDesign | undefined>>)[name] ?? designIn(name);
        const file = options.out ?? `${name.replace(/\.json$/, '')}.jsonl`;
        const { repetitions, workers } = options;
        const signal = interruption('the same command resumes it');
        const study = await runStudy(design, { repetitions, workers, file, signal, onProgress: progress(name) });
        console.log(`${file}: ${repetitions} repetitions of ${design.settings.length} settings`);
        if (options.summary === undefined) return;
        writeWhole(options.summary, csvOf(summarise(study)));
        console.log(`${options.summary}: means and standard errors`);
      },
    );
}

function designIn(file: string): StudyDesign {
  if (!existsSync(file)) {
    throw new InvalidInput(`there is no design ${file}: use ${Object.keys(studyDesigns).join(', ')}, or a JSON file`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidInput(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
