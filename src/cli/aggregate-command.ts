import type { Command } from 'commander';
import { aggregate } from '../aggregate/aggregate';
import { ruleNames } from '../aggregate/rules';
import { distanceNames } from '../distance/distance';
import { InvalidInput } from '../errors';
import type { FamilyName } from '../families/families-registry';
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
  readonly rule?: string;
  readonly distance?: string;
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
    .option(
      '--rule <name>',
      `how to aggregate: ${ruleNames().join(', ')}; by default dfmr, with a factor that the distances suggest`,
    )
    .option('--distance <name>', `between estimates: ${distanceNames().join(', ')}`)
    .option('--inflation-factor <rho>', 'of --rule dfmr; suggested by the distances if not given', numberFrom(1))
    .option('--smoothing <h>', 'of --rule dfmr; as much as the distances need if not given', numberFrom(0))
    .option('--sample-sizes <worth>', 'a number of times the median at which they are capped, ignored, or trusted', '3')
    .option('--json', 'tell what was found as JSON')
    .action(aggregateFiles);
}

async function aggregateFiles(files: readonly string[], flags: AggregateFlags): Promise<void> {
  const { out, report, order, dimension, family, inflationFactor, smoothing, json, distance } = flags;
  const rule = ruleFrom(flags);
  const sampleSizes = /^(ignored|trusted)$/.test(flags.sampleSizes)
    ? (flags.sampleSizes as 'ignored' | 'trusted')
    : Number(flags.sampleSizes);
  const signal = interruption();
  const { estimates, refused, notes } = await readEstimates(files, {
    order,
    dimension,
    family,
    sampleSizes,
    signal,
    onProgress: progress(),
  });
  const machines = estimates.map(({ name }) => printable(name));
  const found = await aggregate(estimates, {
    rule,
    distance,
    names: machines,
    inflationFactor,
    smoothing,
    signal,
    onProgress: progress(),
  });
  const features = estimates[found.dfmr?.result.coat.index ?? found.result.kept[0]].names;
  const told = { title: `${files.length} machines, aggregated`, machines, features, estimates, refused, notes };
  const all = reportJson(found, told);
  if (report !== undefined) writeWhole(report, reportPage(found, told));
  writeWhole(out, `${JSON.stringify(all, null, 2)}\n`);
  for (const { name, reason } of refused) console.error(`${printable(name)} is set aside: ${reason}`);
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

/** The rule that the flags ask for; undefined for the default. */
function ruleFrom({ rule, inflationFactor, smoothing }: AggregateFlags): string | undefined {
  if (inflationFactor === undefined && smoothing === undefined) return rule;
  if (rule !== undefined && rule !== 'dfmr')
    throw new InvalidInput(`--inflation-factor and --smoothing are of --rule dfmr, not of ${rule}: leave them out`);
  return 'dfmr';
}
