import type { Cell, Notebook } from '../jupyter/runner/notebook-file';

const prose = (source: string): Cell => ({ cell_type: 'markdown', metadata: {}, source });
const code = (source: string): Cell => ({
  cell_type: 'code',
  metadata: {},
  source,
  execution_count: null,
  outputs: [],
});

/** The notebook that `dfmr notebook` writes where the tutorials are not: each cell is something to change. */
export function starterNotebook(kernelspec: object): Notebook {
  const cells = [
    prose(`# Ten machines fit a mixture. Three of them lie. What is left?

Each machine has 500 rows of two clusters. Machines 7, 8 and 9 have one cluster elsewhere, each in another place, and nobody knows it.`),
    code(`import { aggregate, fitAll, gaussianMixture, mixtureFigure, sample } from 'dfmr';
import { show } from 'dfmr/notebook';

const identity = [[1, 0], [0, 1]];
const population = (shift: number) => gaussianMixture({
  weights: [0.4, 0.6], means: [[0, 0], [4, 4 + shift]], covariances: [identity, identity] });
const tables = Array.from({ length: 10 }, (_, i) => sample(population(i < 7 ? 0 : i), 500, i).data);`),
    prose(
      'Every machine sends its estimate. They are aggregated, and what does not agree with most of the others is set aside.',
    ),
    code(`const fits = await fitAll(tables, { order: 2 });
const { result } = await aggregate(fits);
for (const { machine, component, reason } of result.setAside) console.log(\`machine \${machine}, component \${component}: \${reason}\`);`),
    code(
      `show(mixtureFigure(result.mixture, tables[0]), 'The mixture that is left, and the rows of an honest machine.');`,
    ),
    prose(`**Try:** let one machine more lie, or let all liars agree on their lie (\`shift\`). Then put a table of yours in place of
\`tables\`: \`readTable('mine.csv')\` and \`splitTable\` read and divide it.`),
  ];
  return {
    cells: cells.map((cell, i) => ({ ...cell, id: `cell-${i + 1}` })),
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5,
  };
}
