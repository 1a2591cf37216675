import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { claimCap } from '../aggregate/capped-claims';
import { DamagedFile, InvalidInput, NoCentre } from '../errors';
import { type FamilyName, familyOf, type ParameterOf } from '../families/families-registry';
import { described, requirePositiveInteger } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import type { Table } from '../math/table';
import { isConditional, onCovariates } from '../mixture/conditional';
import { mixtureOf } from '../mixture/given';
import { finished, type Progress, performed, type Steps, type WorkOptions } from '../work/work';
import { estimateOf, isOfExperts, type LocalEstimate } from './estimate-file';
import { inOneOrder } from './name-order';
import { outlyingSteps } from './outlying';
import { requireSize } from './read-bytes';
import { receivedFiles } from './read-files';
import { type Checked, failedIn, ofTheShape, type Received, received, type Shape, shapeOf, step } from './received';
import { printable } from './untrusted';

/** What messages must be to pass `screenEstimates`. */
export interface ScreenOptions<Name extends FamilyName = FamilyName> {
  /**
   * K that all estimates must have
   * @defaultValue that of the majority
   */
  readonly order?: number;
  /**
   * d that all estimates must have
   * @defaultValue that of the majority
   */
  readonly dimension?: number;
  /**
   * the family that all estimates must have
   * @defaultValue that of the majority
   */
  readonly family?: Name;
  /**
   * how the sample sizes that machines claim are used: 'bounded' caps them so that no minority has more than half of all, c ≥ 1 at c
   * times their median; 'ignored' lets every machine count the same; 'trusted' takes them as they are, so that one liar can outweigh
   * all others. `dfmrComponents` gives each machine one vote whatever it claims, and uses claims as they are unless they are ignored.
   * @defaultValue 'bounded'
   */
  readonly sampleSizes?: number | 'bounded' | 'ignored' | 'trusted';
  /**
   * how many machines there are: those of which there is no message have failed, and count against the majority
   * @defaultValue the number of messages
   */
  readonly expected?: number;
  /**
   * of mixtures of experts: rows of covariates of your own, on which those are set aside that are beyond float64 beside most others
   * @defaultValue only numbers that are beyond float64 by themselves are
   */
  readonly covariates?: Table;
  /**
   * larger messages are refused unread
   * @defaultValue 64 MiB; if K and d are given, 1 MiB and 64 bytes for each number of an estimate
   */
  readonly maximumBytes?: number;
}

/** Options of `readEstimates`: those of `screenEstimates`, and how patiently files are read. */
export interface ReadEstimatesOptions<Name extends FamilyName = FamilyName>
  extends Omit<ScreenOptions<Name>, 'covariates'>,
    WorkOptions {
  /**
   * of mixtures of experts: rows of covariates of your own, on which those are set aside that are beyond float64 beside most others; or a function
   * that reads them by the names that more than half of the messages give them, in this order
   * @defaultValue only numbers that are beyond float64 by themselves are
   */
  readonly covariates?: Table | ((names: readonly string[] | undefined) => Promise<Table>);
  /**
   * a file from which no data come for longer than this is refused
   * @defaultValue 5
   */
  readonly idleSeconds?: number;
  /**
   * how many threads read and check files, if there are 5000 or more; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
  /**
   * the SHA-256, in hexadecimal digits, that the bytes of a file must have: as `verifySignatures` found them
   * @defaultValue any bytes are read
   */
  readonly digests?: ReadonlyMap<string, string>;
}

/** What a machine sent, under the name that whoever collected it gave it. */
export interface Message {
  /** the name under which it was collected, such as the file’s */
  readonly name: string;
  /** JSON, as a string or as UTF-8 bytes */
  readonly text: string | Uint8Array;
}

/** An estimate that passed, an `Estimate` as it is. */
export interface ScreenedEstimate<Parameter = unknown> extends Omit<LocalEstimate<Parameter>, 'sampleSize'> {
  /** the message's or file's name; `machine` is only what the machine says */
  readonly name: string;
  /** n as used; undefined if sample sizes are ignored */
  readonly sampleSize?: number;
  /** n as the machine says */
  readonly claimedSampleSize: number;
}

/** What passed, in order, and what did not. */
export interface Screened<Parameter = unknown> {
  /** those that passed */
  readonly estimates: readonly ScreenedEstimate<Parameter>[];
  /** the others, in order, each with the reason, in text that a terminal can show */
  readonly refused: readonly {
    /** the name of the message */
    readonly name: string;
    /** why it was refused */
    readonly reason: string;
  }[];
  /** n of each estimate as used; 1 if they are ignored */
  readonly sampleSizes: Float64Array;
  /** what to know before the estimates are used, in sentences */
  readonly notes: readonly string[];
}

/** What a machine sent, if it has the form of an estimate. */
/**
 * Takes what machines sent, and sets aside, as those of failed machines and with the reason, messages that are not valid
 * estimates, have another family (of experts: law and number of responses), order or dimension, hold a component that is beyond float64 beside those of most others, or
 * repeat another one word for word. Nothing that fewer than half of the machines send can stop the rest, or set aside what an
 * honest one sent.
 *
 * - **Family, order, dimension** that are not given are those that more than half of *all* messages say, all three together;
 *   while fewer than half of the machines fail, that is what the honest ones say.
 * - **Covariates** of experts that have the same names in different orders are brought into one order by name.
 * - **Names.** A message goes by the name under which it was collected. The `machine` in it proves nothing: if two say the same,
 *   both count, and a note says so; otherwise a liar could oust a machine by taking its name. Whoever collects the messages must
 *   see to it that each machine sends one. Of identical messages only the first counts, so that a copy changes nothing, whoever
 *   made it.
 * - **Sample sizes** are claims, and capped (see `sampleSizes`): no minority of those that passed has more than half of all by its
 *   claims.
 * - **Silence.** With `expected`, machines that sent nothing are like those whose messages are set aside: all have failed. Without
 *   it, m is the number of messages, and a job of which 18 of 20 parts died is one of two machines.
 * - **Tolerance.** m is the number of machines. If s are silent or set aside, and fewer than m/2 machines have failed in all, then fewer than
 *   (m − s)/2 of the rest have. So the ball of `dfmr` needs to hold half of the rest only, and among them it tolerates as many
 *   failures as ever. To ask for half of m, with those set aside at infinity, would widen the ball for no gain: they are known, and
 *   need not be outvoted. If s ≥ m/2, the assumption is broken whatever the rest is, and NoCentre is thrown.
 *
 * It takes up to a few times the memory of all messages; those that do not have the given K and d are not kept.
 * @param messages one of each machine
 * @param options what is wanted of the messages
 * @returns the estimates that passed, in order, and the others with the reasons
 * @throws NoCentre if half or more are silent or set aside, or no family, order and dimension has a majority; InvalidInput if two
 *   messages have one name, there are more than are expected, or an option is invalid
 * @example
 * const messages = fits.map((one, i) => ({ name: `north-${i}`, text: JSON.stringify(estimateToJSON(one, { machine: `machine ${i}` })) }));
 * const { estimates, refused } = screenEstimates([...messages, { name: 'south', text: '{"format": "no"}' }]);
 * estimates.length; // 5
 * refused[0].name; // 'south'
 * refused[0].reason; // 'the estimate has no "family": add it'
 */
export function screenEstimates<Name extends FamilyName>(
  messages: readonly Message[],
  options: ScreenOptions<Name> & {
    /** the family that is wanted, by its name */
    readonly family: Name;
  },
): Screened<ParameterOf<Name>>;
export function screenEstimates(messages: readonly Message[], options?: ScreenOptions): Screened;
export function screenEstimates(messages: readonly Message[], options: ScreenOptions = {}): Screened {
  const { maximum, asked } = checkedOptions(options);
  requireDistinct(messages.map(({ name }) => name));
  requireExpected(messages.length, options.expected);
  const sent = messages.map(({ name, text }) => {
    const bytes = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
    return step({ name }, () => {
      requireSize(bytes, maximum);
      return received(text, asked);
    });
  });
  return finished(screenSteps(inOneOrder(sent), options));
}

/**
 * `screenEstimates` of files, one from each machine, by their paths. Files that cannot be read are refused too, larger ones
 * than `maximumBytes` before they are read, and those from which no data come for some seconds. A file that ends in .jsonl or .ndjson
 * holds the message of a machine in each line that is not blank, by the name `FILE:LINE`; a line that is damaged or too long is refused by
 * itself.
 * @param files the paths, one of each machine, or of files of lines
 * @param options what is wanted of the messages, how patient the reader is, and the progress
 * @returns the estimates that passed, in order, and the others with the reasons
 * @throws InvalidInput or NoCentre as `screenEstimates` does; the signal's reason when it aborts
 * @example
 * const { estimates, refused } = await readEstimates(['machine-0.json', 'machine-1.json', 'machine-2.json', 'table.csv']);
 * estimates.length; // 3
 * refused[0].name; // 'table.csv'
 */
export async function readEstimates<Name extends FamilyName>(
  files: readonly string[],
  options: ReadEstimatesOptions<Name> & {
    /** the family that is wanted, by its name */
    readonly family: Name;
  },
): Promise<Screened<ParameterOf<Name>>>;
export async function readEstimates(files: readonly string[], options?: ReadEstimatesOptions): Promise<Screened>;
export async function readEstimates(
  files: readonly string[],
  {
    signal,
    onProgress,
    idleSeconds = 5,
    digests,
    workers = availableParallelism(),
    covariates: given,
    ...options
  }: ReadEstimatesOptions = {},
): Promise<Screened> {
  const { maximum, asked } = checkedOptions(options);
  requireDistinct(files);
  requirePositiveInteger('workers', workers);
  const reading = { asked, maximum, idleSeconds, digests, workers, signal, onProgress };
  const all = inOneOrder(await receivedFiles(files, reading));
  requireDistinct(all.map(({ name }) => name));
  requireExpected(all.length, options.expected);
  const covariates = typeof given === 'function' ? await covariatesBy(all, given) : given;
  return performed(screenSteps(all, { ...options, covariates }), { signal, onProgress });
}

/** The covariates, by the names that more than half of the messages give them; undefined if these are no experts. */
async function covariatesBy(
  all: readonly Received[],
  read: (names: readonly string[] | undefined) => Promise<Table>,
): Promise<Table | undefined> {
  const told = all.flatMap(({ json }) => (json && isOfExperts(json) ? [JSON.stringify(json.names ?? null)] : []));
  if (2 * told.length <= all.length) return undefined;
  const middle = told.sort()[told.length >> 1]; // what more than half say is there
  const said = 2 * told.filter((names) => names === middle).length > all.length;
  return read((said && JSON.parse(middle)) || undefined);
}

function* screenSteps(all: readonly Received[], options: ScreenOptions): Steps<Screened> {
  const { expected: machines = all.length } = options;
  refuseHalf(all, machines);
  const shape = majority(all, machines);
  const progress = (done: number): Progress => ({ stage: 'screening', done, total: all.length });
  const isCopy = copiesOf();
  const single: Received[] = [];
  for (const [i, one] of all.entries()) {
    if (i % SLICE === 0) yield progress(i);
    // what is costly comes last, when only messages of the size of the honest ones are left
    const ofShape = step(one, ({ json }) => ({ json: ofTheShape(json as Checked, shape) }));
    const once = step(ofShape, isCopy);
    single.push(step(once, ({ json }) => ({ json: undefined, estimate: estimateOf(json as Checked) })));
  }
  const slices = withoutOutlying(single, machines, options.covariates);
  let slice = slices.next();
  for (; !slice.done; slice = slices.next()) yield progress(all.length - 1);
  yield progress(all.length);
  const valid = slice.value;
  const passed = valid.flatMap(({ name, estimate }) => (estimate ? [{ name, ...estimate }] : []));
  const { sizes, note } = sampleSizesOf(passed, options.sampleSizes ?? 'bounded');
  const refused = valid.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }]));
  return {
    estimates: passed.map(({ sampleSize: claimedSampleSize, ...estimate }, i) => ({
      ...estimate,
      ...(options.sampleSizes === 'ignored' ? {} : { sampleSize: sizes[i] }),
      claimedSampleSize,
    })),
    refused,
    sampleSizes: sizes,
    notes: [
      ...(machines > all.length ? [`${machines - all.length} of ${machines} machines sent nothing.`] : []),
      ...(refused.length > 0 ? [`${refused.length} of ${all.length} estimates were set aside.`] : []),
      ...note,
      ...weightedNote(passed),
      ...namesakes(passed),
    ],
  };
}

function checkedOptions({ order, dimension, family, sampleSizes = 'bounded', maximumBytes }: ScreenOptions): {
  maximum: number;
  asked: Partial<Shape>;
} {
  if (order !== undefined) requirePositiveInteger('order', order);
  if (dimension !== undefined) requirePositiveInteger('dimension', dimension);
  if (maximumBytes !== undefined) requirePositiveInteger('maximumBytes', maximumBytes);
  const share = typeof sampleSizes === 'number' && sampleSizes >= 1 && sampleSizes < Infinity;
  if (!share && !['bounded', 'ignored', 'trusted'].includes(sampleSizes as string)) {
    const message = `sampleSizes is ${described(sampleSizes)}`;
    throw new InvalidInput(
      `${message}: it must be 'bounded', 'ignored', 'trusted', or a number of at least 1, which caps them at that many times their median`,
    );
  }
  const fitting = order && dimension ? 64 * order * (dimension + 1) ** 2 + 2 ** 20 : 2 ** 26;
  return { maximum: maximumBytes ?? fitting, asked: { order, dimension, family: family && familyOf(family).name } };
}

/** @throws InvalidInput if two messages have one name, which is the mistake of whoever collected them */
function requireDistinct(names: readonly string[]): void {
  if (!(names.length > 0)) throw new InvalidInput('there are no estimates to screen: give at least one');
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new InvalidInput(`${quoted(name)} is given twice: give each machine's estimate once`);
    seen.add(name);
  }
}

/** @throws InvalidInput if there are more messages than machines */
function requireExpected(messages: number, expected: number | undefined): void {
  if (expected === undefined) return;
  requirePositiveInteger('expected', expected);
  if (messages > expected)
    throw new InvalidInput(
      `there are ${messages} estimates, but ${expected} machines are expected: leave out what no machine sent, or expect more`,
    );
}

/** @throws NoCentre if half or more of the machines sent nothing, or a message that is refused */
function refuseHalf(all: readonly Received[], machines: number): void {
  const out = all.filter(({ reason }) => reason !== undefined);
  const silent = machines - all.length;
  if (2 * (out.length + silent) < machines) return;
  const first = out.slice(0, 3).map(({ name, reason }) => `${quoted(name)}: ${reason}`);
  const more = out.length > 3 ? [`and ${out.length - 3} more`] : [];
  const counts = [
    ...(silent > 0 ? [`${silent} of ${machines} machines sent nothing`] : []),
    ...(silent === 0 || out.length > 0 ? [`${out.length} of ${all.length} estimates were set aside`] : []),
  ];
  const half = `when half or more are${silent > 0 ? ' silent or set aside' : ''}, the rest cannot be trusted.`;
  throw new NoCentre(`${counts.join(', and ')}; ${[half, [...first, ...more].join('; ')].filter(Boolean).join(' ')}`);
}

/** The family, order and dimension that more than half of the machines say. */
function majority(all: readonly Received[], machines: number): Shape {
  const counts = new Map<string, { known: string; count: number; shape: Shape }>();
  for (const { json } of all) {
    if (!json) continue;
    const shape = shapeOf(json);
    const { family, order, dimension, categories } = shape;
    const coded = categories ? `, categories ${printable(described(categories))}` : '';
    const known = `${family}, order ${order}, dimension ${dimension}${coded}`;
    const key = `${known} ${JSON.stringify(categories)}`;
    counts.set(key, { known, count: (counts.get(key)?.count ?? 0) + 1, shape });
  }
  const descending = [...counts].sort(([, a], [, b]) => b.count - a.count);
  const [[, most]] = descending;
  if (2 * most.count > machines) return most.shape;
  const some = descending.slice(0, 3).map(([, { known, count }]) => `${count} × ${known}`);
  const coded = most.shape.categories ? ', and code categories alike, by fitting all tables in one command' : '';
  throw new NoCentre(
    `of ${machines === all.length ? `${machines} estimates` : `${machines} machines, of which ${machines - all.length} sent nothing`}, no more than half have the same family, order and dimension (${some.join('; ')}): ` +
      `give them as options${coded}`,
  );
}

/** Messages that are screened in one step. */
const SLICE = 64;

/** Refuses copies of messages that it saw before. */
function copiesOf(): (one: Received) => Partial<Received> {
  const first = new Map<string, string>();
  return ({ name, json }) => {
    const print = createHash('sha256').update(JSON.stringify(json)).digest('hex');
    const before = first.get(print);
    if (before !== undefined) throw new InvalidInput(`it is a copy of ${quoted(before)}`);
    first.set(print, name);
    return {};
  };
}

/** Refuses estimates that no reduction could combine with the others in float64. */
function* withoutOutlying(
  all: readonly Received[],
  machines: number,
  covariates: Table | undefined,
): Generator<void, Received[], void> {
  refuseHalf(all, machines);
  const estimates = all.flatMap(({ estimate }) => estimate ?? []);
  const reasons = (yield* reasonsAgainst(estimates, covariates)).values();
  const left = all.map((one) => {
    const reason = one.estimate && reasons.next().value;
    return reason === undefined ? one : failedIn(one.name)(new DamagedFile(reason));
  });
  refuseHalf(left, machines);
  return left;
}

/** Why estimates are outlying; of experts nothing is known before covariates are. */
function* reasonsAgainst(
  estimates: readonly LocalEstimate[],
  covariates: Table | undefined,
): Generator<void, readonly (string | undefined)[], void> {
  if (!isConditional(estimates[0]))
    return yield* outlyingSteps(
      estimates.map(({ mixture }) => mixture),
      'component',
    );
  if (covariates === undefined) return estimates.map(() => undefined);
  return yield* outlyingSteps(
    onCovariates(estimates, covariates).estimates.map((one) => mixtureOf(one)),
    'expert',
  );
}

/** The sample sizes that are used for the estimates that passed, and a note if some were changed. */
function sampleSizesOf(
  passed: readonly { readonly name: string; readonly sampleSize: number }[],
  worth: NonNullable<ScreenOptions['sampleSizes']>,
): { sizes: Float64Array; note: string[] } {
  const claimed = Float64Array.from(passed, ({ sampleSize }) => sampleSize);
  if (worth === 'ignored')
    return { sizes: claimed.fill(1), note: ['The sample sizes were ignored: every machine counts the same.'] };
  const most = typeof worth === 'number' ? worth * lowerMedian(claimed) : claimCap(claimed);
  const above = passed.filter(({ sampleSize }) => sampleSize > most);
  const sizes = worth === 'trusted' ? claimed : claimed.map((size) => Math.min(size, most));
  if (above.length === 0) return { sizes, note: [] };
  const some = above.slice(0, 3).map(({ name, sampleSize }) => `${quoted(name)} (${sampleSize})`);
  const which = [...some, ...(above.length > 3 ? [`and ${above.length - 3} more`] : [])].join(', ');
  const cap = shortNumber(most, 6);
  const why =
    typeof worth === 'number' ? `${worth} times the median` : 'at which no minority has more than half of all';
  const note =
    worth === 'trusted'
      ? `The sample sizes were trusted, though these are above ${cap}, ${why}: ${which}.`
      : `The sample sizes of ${above.length} of ${passed.length} machines were capped at ${cap}, ${why}: ${which}.`;
  return { sizes, note: [note] };
}

/** A note on machines whose rows are weighted. */
function weightedNote(passed: readonly LocalEstimate[]): string[] {
  const weighted = passed.filter(({ effectiveSampleSize }) => effectiveSampleSize !== undefined);
  if (weighted.length === 0) return [];
  const [rows, effective] = (['sampleSize', 'effectiveSampleSize'] as const).map((size) =>
    shortNumber(
      weighted.reduce((sum, one) => sum + (one[size] as number), 0),
      6,
    ),
  );
  return [
    `The rows of ${weighted.length} of ${passed.length} machines are weighted: they count as ${rows} rows, and where weights are not ` +
      `counts, they say as much of a mean as ${effective} rows of one weight.`,
  ];
}

/** A note for each name that several machines give themselves. */
function namesakes(passed: readonly { readonly name: string; readonly machine: string }[]): string[] {
  const byMachine = new Map<string, string[]>();
  for (const { name, machine } of passed) {
    const names = byMachine.get(machine);
    if (names) names.push(name);
    else byMachine.set(machine, [name]);
  }
  return [...byMachine]
    .filter(([, names]) => names.length > 1)
    .map(
      ([machine, names]) =>
        `${names.length} estimates say that they are of the machine ${quoted(machine)}; each counts as one of its own: ` +
        `${names.slice(0, 3).map(quoted).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}.`,
    );
}

const quoted = (name: string): string => `"${printable(name, 120)}"`;
