import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { type Aggregate, aggregate } from '../aggregate/aggregate';
import { ruleNames } from '../aggregate/rules';
import { type Bootstrap, bootstrap } from '../analysis/bootstrap';
import { distanceNames } from '../distance/distance';
import { InvalidInput } from '../errors';
import { isExperts } from '../experts/model';
import type { FamilyName } from '../families/families-registry';
import { readEstimates } from '../messages/screen';
import { printable } from '../messages/untrusted';
import { FIGURE_PACKAGES } from '../page/html-page';
import { need } from '../registry/packages';
import { reportJson, reportPage } from '../report/report';
import { inFlags, interruption, numberFrom, penaltyFrom, positiveInteger, writeWhole } from './command-support';
import { messagesOf } from './message-list';
import { progress, remark, tell } from './output';
import { OutputOption } from './output-files';
import { machineNames, reportFrame } from './report-options';
import { nextRound } from './round-commands';
import { type ServerCovariates, serverCovariates } from './server-covariates';
import { believedMessages, type SignerFlags } from './signed-messages';

interface AggregateFlags extends SignerFlags {
  readonly from?: string;
  readonly out: string;
  readonly report?: string;
  readonly round?: string;
  readonly covariates?: string;
  readonly order?: number;
  readonly dimension?: number;
  readonly family?: FamilyName;
  readonly rule?: string;
  readonly distance?: string;
  readonly inflationFactor?: number;
  readonly smoothing?: number;
  readonly sampleSizes: string;
  readonly bootstrap?: number;
  readonly penalty?: number | 'published';
  readonly seed?: string;
  readonly workers: number;
}

/** Makes a command `dfmr aggregate`. */
export function aggregateCommand(command: Command): void {
  const rules = ruleNames().filter((name) => name !== 'oracle'); // which needs to know who failed
  command
    .description(
      'Combine the estimates that machines sent into one mixture. Nothing in the files is trusted; what is set aside is named on standard error.',
    )
    .argument(
      '[estimates...]',
      'files as dfmr fit writes them, one from each machine, .jsonl files with one in each line, or folders of such files',
    )
    .option(
      '--covariates <file>',
      'of mixtures of experts: a table with some hundred rows of covariates of your own, on which the estimates are compared; its columns go by the names in the estimates',
    )
    .option(
      '--from <list>',
      'a file that names estimates or folders, one in each line, as from the current folder; # begins a comment; - is standard input',
    )
    .option(
      '--expect <m>',
      'how many machines there are: those that sent nothing have failed, and half or more that failed are refused; as many as there are estimates, or signers, if not given, and fewer than the signers lowers what is more than half',
      positiveInteger,
    )
    .option(
      '--signers <file>',
      'an allowed_signers file of OpenSSH: only messages that one of its names has signed count, one of each name, and names without one have failed; they sign with ssh-keygen -Y sign -f KEY -n NAME FILE',
    )
    .option(
      '--signing-name <name>',
      'of --signers: the NAME that was signed for, a new one for each aggregate or round',
    )
    .addOption(
      new OutputOption(
        '-o, --out <file>',
        'where the mixture goes, with all that was decided, as JSON; - is standard output',
      ).makeOptionMandatory(),
    )
    .addOption(new OutputOption('-r, --report <file>', 'also write a web page that explains the result, with figures'))
    .option(
      '--round <ask>',
      'take the next step of rounds instead: the files are replies to this ask, and what is written is the next ask, or the result',
    )
    .option(
      '-k, --order <K>',
      'the number of components that all must have; that of the majority if not given',
      positiveInteger,
    )
    .option(
      '-d, --dimension <d>',
      'the number of features that all must have; that of the majority if not given',
      positiveInteger,
    )
    .option('-f, --family <name>', 'the family that all must have; that of the majority if not given')
    .option(
      '--rule <name>',
      `the aggregation rule: ${rules.join(', ')}; components if not given, and dfmr without a number takes the one that the distances suggest`,
    )
    .option('--distance <name>', `the distance that a rule compares estimates by: ${distanceNames().join(', ')}`)
    .option(
      '--inflation-factor <rho>',
      'how many radii from the centre an estimate may lie; implies --rule dfmr',
      numberFrom(1),
    )
    .option(
      '--smoothing <h>',
      'how much densities are smoothed before they are compared, 0 for not at all; implies --rule dfmr',
      numberFrom(0),
    )
    .option(
      '--sample-sizes <worth>',
      'how the sample sizes that machines claim are used: bounded, so that no minority has more than half of all; a number caps them at that many times their median; or ignored, or trusted',
      'bounded',
    )
    .option(
      '--bootstrap <R>',
      'also simulate the machines this many times, 399 or so, for intervals beside the asymptotic ones; they go to --out and --report',
      positiveInteger,
    )
    .option('--penalty <a>', 'of --bootstrap: the penalty with which the machines were fitted', penaltyFrom)
    .option(
      '--seed <seed>',
      'a number or a word: the same seed draws the same candidates for centres among many machines, which must not know it before they send (drawn afresh if not given, and told), and gives the same intervals of --bootstrap (1 if not given)',
    )
    .option(
      '-w, --workers <count>',
      'the number of threads of --bootstrap, and of the door for 5000 files or more',
      positiveInteger,
      availableParallelism(),
    )
    .action(aggregateFiles);
}

async function aggregateFiles(given: readonly string[], flags: AggregateFlags): Promise<void> {
  const { out, report, order, dimension, family, inflationFactor, smoothing, distance, round } = flags;
  const files = messagesOf(given, flags.from, [flags.out, flags.report]);
  if (round !== undefined) return nextRound(files, round, flags);
  if (report !== undefined) need('--report', FIGURE_PACKAGES, ', or leave it out'); // said before the work, not after it
  const rule = ruleFrom(flags);
  const sampleSizes = /^(bounded|ignored|trusted)$/.test(flags.sampleSizes)
    ? (flags.sampleSizes as 'bounded' | 'ignored' | 'trusted')
    : Number(flags.sampleSizes);
  const signal = interruption();
  const believed = await believedMessages(files, flags, signal);
  const { signerOf } = believed;
  const experts: { rows?: ServerCovariates } = {};
  const covariates = async (names: readonly string[] | undefined) => {
    if (flags.bootstrap) throw new InvalidInput('--bootstrap is of mixtures without a response: leave it out');
    experts.rows = await serverCovariates(flags.covariates, names, signal);
    return experts.rows.table;
  };
  const signed = (file: string, name = file) =>
    printable(signerOf.has(file) ? `${name} (${signerOf.get(file)})` : name);
  const { estimates, ...screened } = await readEstimates(believed.files, {
    order,
    dimension,
    family,
    sampleSizes,
    expected: believed.expected,
    digests: believed.digests,
    covariates,
    workers: flags.workers,
    signal,
    onProgress: progress(),
  });
  const { rows } = experts;
  if (flags.covariates !== undefined && !rows)
    throw new InvalidInput('--covariates is of mixtures of experts, but the estimates have no responses: leave it out');
  const notes = [...screened.notes, ...(rows?.notes ?? [])];
  const refused = [...believed.refused, ...screened.refused];
  const machines = estimates.map(({ name }) => signed(name));
  const aggregated = await aggregate(estimates, {
    rule,
    distance,
    names: machines,
    inflationFactor,
    smoothing,
    seed: flags.seed,
    ...(rows && { covariates: rows.table }),
    signal,
    onProgress: progress(),
  });
  const found = { ...aggregated, decisions: aggregated.decisions.map(inFlags) };
  const { names, responses, categories } = estimates[found.dfmr?.result.coat.index ?? found.result.kept[0]];
  const simulated = flags.bootstrap && (await bootstrapped(found, estimates, flags, signal));
  const about = {
    title: `${believed.expected ?? estimates.length + refused.length} machines, aggregated`,
    ...{ features: rows?.names ?? names, responses, categories, estimates, notes },
    ...(simulated && { bootstrap: simulated }),
  };
  const all = reportJson(found, {
    ...about,
    machines,
    refused: refused.map(({ name, reason }) => ({ name: signed(name), reason })),
  });
  if (report !== undefined) {
    const sent = new Set(files);
    const unsigned = believed.refused.filter(({ name }) => sent.has(name)); // the others are signers who sent nothing
    const short = machineNames([...estimates, ...screened.refused, ...unsigned].map(({ name }) => name));
    const nameOf = (name: string) => signed(name, short.get(name));
    const page = {
      ...about,
      machines: estimates.map(({ name }) => nameOf(name)),
      refused: refused.map(({ name, reason }) => ({ name: nameOf(name), reason })),
      ...reportFrame(out, refused.length + found.result.setAside.length, isExperts(found.result.mixture)),
    };
    writeWhole(report, reportPage(found, page));
  }
  writeWhole(out, `${JSON.stringify(all, null, 2)}\n`);
  for (const { name, reason } of refused) remark(`${signed(name)} is set aside: ${reason}`);
  for (const { machine, reason } of found.result.setAside) remark(`${machines[machine]} is set aside: ${reason}`);
  tell(
    [
      ...notes,
      ...found.decisions,
      `${out}: the mixture${rows ? ' of experts' : ''}`,
      ...(report === undefined ? [] : [`${report}: the report`]),
    ],
    all,
  );
}

/** The bootstrap of what was found, with the rows that the machines say they have. */
async function bootstrapped(
  found: Aggregate<unknown>,
  estimates: readonly { readonly sampleSize?: number }[],
  { bootstrap: repetitions, penalty, seed = '1', workers }: AggregateFlags,
  signal: AbortSignal,
): Promise<Bootstrap> {
  const rows = estimates.flatMap(({ sampleSize }) => sampleSize ?? []);
  if (rows.length < estimates.length)
    throw new InvalidInput('--bootstrap needs to know how many rows machines have: choose --sample-sizes bounded');
  const options = { repetitions, penalty, seed, workers, sampleSizes: rows, signal, onProgress: progress('bootstrap') };
  const simulated = await bootstrap(found, options);
  for (const note of simulated.notes) remark(`dfmr: ${note}`);
  return simulated;
}

/** The rule that the flags ask for; undefined for the default. */
function ruleFrom({ rule, inflationFactor, smoothing }: AggregateFlags): string | undefined {
  if (inflationFactor === undefined && smoothing === undefined) return rule;
  if (rule !== undefined && rule !== 'dfmr')
    throw new InvalidInput(`--inflation-factor and --smoothing belong to --rule dfmr, not to ${rule}: leave them out`);
  return 'dfmr';
}
