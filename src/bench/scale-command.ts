import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { aggregate } from '../aggregate/aggregate';
import { estimateToJSON } from '../messages/estimate-file';
import { screenEstimates } from '../messages/screen';
import { reportJson, reportPage } from '../report/report';
import { csvOf } from '../tables/write-csv';
import { type SyntheticMachine, syntheticMachines } from './synthetic-machines';

// npm run scale: what `dfmr aggregate FOLDER` takes from files to report, against the number of machines: K = 5, d = 10, n = 1000, a fifth
// of which lie.

interface Flags {
  readonly sizes: string;
  readonly rules: string;
  readonly out?: string;
  readonly stages?: boolean;
}

/** A line of the table. */
interface Row {
  readonly machines: number;
  /** CPU seconds of all threads, with the start of the process */
  readonly seconds: number;
  /** at the peak, in memory */
  readonly megabytes: number;
  readonly rule: string;
  readonly kept: number;
  /** of liars in all their components, that one is used */
  readonly liarsKept: number;
}

/** Liars who lie in one component, or in weights alone, are right in the others. */
const isWrongInAll = ({ lie }: SyntheticMachine): boolean =>
  lie !== undefined && !['one component', 'weights'].includes(lie);

const list = (text: string): string[] => text.split(',').map((one) => one.trim());

const textOf = ({ mixture, sampleSize }: SyntheticMachine, i: number): string =>
  JSON.stringify(estimateToJSON({ mixture, sampleSize, ...FITTED }, { machine: nameOf(i) }));

const nameOf = (i: number): string => `machine-${i}`;

/** What fits say of themselves, of which no result depends. */
const FITTED = { logLikelihood: 0, penalisedLogLikelihood: 0, iterations: 1, converged: true };

new Command('scale')
  .description('Measure dfmr aggregate, from files to report, against the number of machines.')
  .option('--sizes <m>', 'separated by commas', '10,30,100,300,1000,3000,10000')
  .option('--rules <names>', 'separated by commas', 'components,dfmr')
  .option('-o, --out <file>', 'a CSV of the table')
  .option('--stages', 'say what each stage takes, in this process, in place of the table')
  .action(run)
  .parseAsync();

async function run({ sizes, rules, out, stages }: Flags): Promise<void> {
  const rows: Row[] = [];
  for (const m of list(sizes).map(Number)) {
    if (stages) {
      for (const rule of list(rules)) await tellStages(m, rule);
      continue;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'scale-'));
    const estimates = path.join(folder, 'estimates');
    mkdirSync(estimates);
    const wrong = new Set<number>();
    let i = 0;
    for (const machine of syntheticMachines(m)) {
      if (isWrongInAll(machine)) wrong.add(i);
      writeFileSync(path.join(estimates, `${nameOf(i)}.json`), textOf(machine, i));
      i++;
    }
    for (const rule of list(rules)) {
      rows.push(measured(folder, rule, m, wrong));
      console.table(rows.slice(-1));
      if (out !== undefined) writeFileSync(out, csvOf(rows));
    }
    rmSync(folder, { recursive: true });
  }
  if (stages) return;
  console.log(`load ${loadavg()[0].toFixed(1)}`);
}

/** One run of the command, in a process of its own. */
function measured(folder: string, rule: string, machines: number, wrong: ReadonlySet<number>): Row {
  const file = (name: string) => path.join(folder, name);
  const command = path.resolve(__dirname, '../cli/dfmr.js');
  const flags = ['--rule', rule, '--seed', 'scale', '--out', file('out.json'), '--report', file('report.html')];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--require', path.resolve(__dirname, 'usage.js'), command, 'aggregate', file('estimates'), ...flags],
    { env: { ...process.env, DFMR_USAGE: file('usage.json') }, maxBuffer: 2 ** 30, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr.slice(-2000));
  const { cpuSeconds, peakMegabytes } = JSON.parse(readFileSync(file('usage.json'), 'utf8'));
  const { machines: verdicts } = JSON.parse(readFileSync(file('out.json'), 'utf8'));
  const kept = (verdicts as { machine: string; verdict: string }[]).filter(({ verdict }) => verdict.startsWith('kept'));
  const numbers = kept.map(({ machine }) => Number(/machine-(\d+)/.exec(machine)?.[1]));
  const rounded = (value: number) => Number(value.toPrecision(3));
  return {
    machines,
    seconds: rounded(cpuSeconds),
    megabytes: rounded(peakMegabytes),
    rule,
    kept: kept.length,
    liarsKept: numbers.filter((i) => wrong.has(i)).length,
  };
}

/** CPU seconds of the stages from texts to the report, in this process. */
async function tellStages(m: number, rule: string): Promise<void> {
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  const messages = Array.from(syntheticMachines(m), (machine, i) => ({ name: nameOf(i), text: textOf(machine, i) }));
  const seconds = new Map<string, number>();
  let [stage, since] = ['the door', cpu()];
  const begin = (next: string) => {
    if (next === stage) return;
    seconds.set(stage, (seconds.get(stage) ?? 0) + cpu() - since);
    [stage, since] = [next, cpu()];
  };
  const { estimates } = screenEstimates(messages);
  const names = estimates.map(({ name }) => name);
  begin('rule');
  const found = await aggregate(estimates, { rule, seed: 'scale', names, onProgress: (p) => begin(p.stage) });
  begin('report');
  const about = { machines: names, estimates };
  const bytes = JSON.stringify(reportJson(found, about)).length + reportPage(found, about).length;
  begin('');
  console.log(`${rule}, m = ${m}: ${bytes} bytes of report, CPU seconds:`);
  console.table(Object.fromEntries([...seconds].map(([name, value]) => [name, value.toFixed(2)])));
}
