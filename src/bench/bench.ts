import { cpus, totalmem } from 'node:os';
import { removeInputs } from './bench-inputs';
import { compared, ROUNDS } from './comparison';
import { emComparisons, gammaComparison } from './em-comparisons';
import { expertsComparison } from './experts-comparison';
import { mixtureComparisons } from './mixture-comparisons';
import { axisRows, passes, repetition, threads, weightedRows } from './whole-runs';

// Times of the library beside those of its peers: npm run bench [word of a row …]

async function main(wanted: readonly string[]): Promise<void> {
  const [{ model }] = cpus();
  console.log(
    `${model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.versions.node}; times in ms, least (median) of ${ROUNDS} interleaved runs.\n`,
  );
  console.log('| work | dfmr | peer | its time | ratio | goal |\n|---|---|---|---|---|---|');
  const all = [...emComparisons, ...mixtureComparisons, gammaComparison, expertsComparison];
  const chosen = all.filter(({ work }) => wanted.length === 0 || wanted.some((word) => work.includes(word)));
  for (const { work, make } of chosen) console.log(await compared({ work, ...make() }));
  if (wanted.length === 0) {
    console.log(passes());
    console.log(await threads());
    for (const line of [...axisRows(), ...weightedRows()]) console.log(line);
    console.log(await repetition());
  }
  removeInputs();
}

main(process.argv.slice(2));
