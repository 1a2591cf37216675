import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { arenaFigure } from '../figures/arena-figure';
import { progress } from '../jupyter/show/progress';
import { figureBundle } from '../page/figure-html';
import { htmlPage } from '../page/html-page';
import { runArena, summariseArena } from '../study/arena';
import { arenaDesign } from '../study/arena-designs';
import { csvOf } from '../tables/write-csv';

// npm run arena: aggregation rules against adversaries, as a table, a figure and a file. It can be stopped, and resumes.

interface Flags {
  readonly repetitions: string;
  readonly rules: string;
  readonly populations: string;
  readonly sizes: string;
  readonly fractions: string;
  readonly out: string;
  readonly summary?: string;
  readonly page?: string;
  readonly workers: string;
}

const design = arenaDesign();
const list = (text: string): string[] => text.split(';').map((one) => one.trim());

new Command('arena')
  .description('Let aggregation rules meet adversaries; what counts is W₁ to the truth over that of the oracle.')
  .option('-r, --repetitions <R>', 'of each population and size', '3')
  .option('--rules <names>', 'separated by semicolons', design.rules.join(';'))
  .option('--populations <names>', 'separated by semicolons', Object.keys(design.populations).join(';'))
  .option('--sizes <n>', 'rows of a machine, separated by semicolons', design.sampleSizes.join(';'))
  .option('--fractions <alpha>', 'shares of adversaries, separated by semicolons', design.fractions.join(';'))
  .option('-o, --out <file>', 'where repetitions are kept as they come', 'arena.jsonl')
  .option('-s, --summary <file>', 'a CSV of the table')
  .option('-p, --page <file>', 'a page with the figure')
  .option('-w, --workers <count>', 'threads', String(availableParallelism()))
  .action(run)
  .parseAsync();

async function run({ repetitions, out, summary, page, workers, ...chosen }: Flags): Promise<void> {
  const wanted = list(chosen.populations);
  const populations = Object.fromEntries(Object.entries(design.populations).filter(([name]) => wanted.includes(name)));
  const asked = {
    ...design,
    populations,
    rules: list(chosen.rules),
    sampleSizes: list(chosen.sizes).map(Number),
    fractions: list(chosen.fractions).map(Number),
  };
  const results = await runArena(asked, {
    repetitions: Number(repetitions),
    workers: Number(workers),
    file: out,
    onProgress: progress('arena'),
  });
  const rows = summariseArena(results);
  console.table(
    rows.map(({ population, sampleSize, rule, fraction, against, median, high, worst, worstAdversary, threw }) => ({
      population,
      n: sampleSize,
      rule,
      α: fraction,
      against,
      median: median.toPrecision(3),
      '95 %': high.toPrecision(3),
      worst: worst.toPrecision(3),
      by: worstAdversary,
      threw,
    })),
  );
  if (summary !== undefined) writeFileSync(summary, csvOf(rows));
  if (page !== undefined) {
    const html = String(figureBundle(arenaFigure(rows), 'W₁ to the truth over that of the oracle.')['text/html']);
    writeFileSync(page, htmlPage('The arena', [html], true));
  }
}
