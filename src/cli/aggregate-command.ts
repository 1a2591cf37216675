import type { Command } from 'commander';
import { aggregate } from '../aggregate/aggregate';
import type { FamilyName } from '../families/registry';
import { progress } from '../jupyter/show/progress';
import { readEstimates } from '../messages/screen';
import { printable } from '../messages/untrusted';
import { reportJson, reportPage } from '../report/report';
import { interruption, numberFrom, positiveInteger, writeWhole } from './command-support';

interface AggregateFlags {
  readonly out: string;
  readonly report?: string;
  readonly order?: number;
  readonly dimension?: number;
  readonly family?: FamilyName;
  readonly inflationFactor?: number;
  readonly smoothing?: number;
  readonly sampleSizes: string;
  readonly json?: boolean;
}

/** dfmr aggregate */
export function addAggregate(program: Command): void {
  program
    .command('aggregate')
    .description(
      'Aggregate the estimates that machines sent; nothing in them is trusted. What is set aside is named on standard error.',
    )
    .argument('<estimates...>', 'files that dfmr fit wrote, one from each machine')
    .requiredOption('-o, --out <file>', 'where the mixture goes, with what was found, as JSON')
    .option('-r, --report <file>', 'a page that tells and shows it all')
    .option('-k, --order <K>', 'that all must have; the majority’s if not given', positiveInteger)
    .option('-d, --dimension <d>', 'that all must have; the majority’s if not given', positiveInteger)
    .option('-f, --family <name>', 'that all must have; the majority’s if not given')
    .option('--inflation-factor <rho>', 'chosen by the distances, and told, if not given', numberFrom(1))
    .option('--smoothing <h>', 'chosen by the distances, and told, if not given', numberFrom(0))
    .option('--sample-sizes <worth>', 'a number of times the median at which they are capped, ignored, or trusted', '3')
    .option('--json', 'tell what was found as JSON')
    .action(aggregateFiles);
}

async function aggregateFiles(files: readonly string[], flags: AggregateFlags): Promise<void> {
  const { out, report, order, dimension, family, inflationFactor, smoothing, json } = flags;
  const sampleSizes = /^(ignored|trusted)$/.test(flags.sampleSizes)
    ? (flags.sampleSizes as 'ignored' | 'trusted')
    : Number(flags.sampleSizes);
  const signal = interruption();
  const { estimates, setAside, notes } = await readEstimates(files, { order, dimension, family, sampleSizes });
  const machines = estimates.map(({ name }) => printable(name));
  const found = aggregate(estimates, {
    names: machines,
    inflationFactor,
    smoothing,
    signal,
    onProgress: progress('aggregating'),
  });
  const features = estimates[found.result.coat.index].names;
  const told = { title: `${files.length} machines, aggregated`, machines, features, setAside, notes };
  const all = reportJson(found, told);
  if (report !== undefined) writeWhole(report, reportPage(found, told));
  writeWhole(out, `${JSON.stringify(all, null, 2)}\n`);
  for (const { name, reason } of setAside) console.error(`${printable(name)} is set aside: ${reason}`);
  for (const { machine, reason } of found.result.setAside)
    console.error(`${machines[machine]} is set aside: ${reason}`);
  if (json) return console.log(JSON.stringify(all));
  console.log(
    [
      ...notes,
      ...found.decisions,
      `${out}: the mixture`,
      ...(report === undefined ? [] : [`${report}: the report`]),
    ].join('\n'),
  );
}
