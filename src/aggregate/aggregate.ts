import { type Distance, distanceRowsSteps, distanceSteps, smoothedL2 } from '../distance/distance';
import type { DistanceMatrix, DistanceRows } from '../distance/distance-matrix';
import { DfmrError, InvalidInput, NoCentre } from '../errors';
import { requirePositiveInteger } from '../math/checks';
import { shortNumber } from '../math/short-number';
import type { Table } from '../math/table';
import { type ConditionalEstimate, type ConditionalModel, isConditional, onCovariates } from '../mixture/conditional';
import { freeParameters } from '../mixture/free-parameters';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { standardErrorsSteps } from '../theory/standard-errors';
import { performed, type Steps, type WorkOptions } from '../work/work';
import { CANDIDATES, type CandidateOptions, type Candidates, drawnCandidates } from './candidates';
import { type Coat, centreOf } from './coat';
import { type Components, componentsSteps } from './components';
import { type Dfmr, dfmrSteps } from './dfmr';
import { emptyComponents, mixturesOf } from './estimates';
import { type InflationCurve, inflationSteps } from './inflation';
import { type ModelAggregate, ofModel } from './of-model';
import { wordsOf } from './proportions';
import type { Aggregated, Rule } from './rule';
import { aggregateBy, ownSizes, ruleOf } from './rules';

/** Options of `aggregate`: choices that it would make otherwise. */
export interface AggregateOptions extends WorkOptions, CandidateOptions {
  /**
   * a rule, or its name; 'dfmr' without a number takes the inflation factor and the smoothing that the distances suggest
   * @defaultValue 'components', the strongest; 'dfmr' if an inflation factor, a smoothing or a distance is given
   */
  readonly rule?: string | Rule;
  /**
   * the distance that DFMR filters by, or its name
   * @defaultValue L² between densities that are smoothed as far as is needed
   */
  readonly distance?: string | Distance;
  /**
   * ρ of DFMR
   * @defaultValue suggested by the distances
   */
  readonly inflationFactor?: number;
  /**
   * h of `l2DistanceMatrix`, for DFMR
   * @defaultValue the least of 0, ½, 1, 2, 4 … 64 that resolves the machines; of more than 500, those among 40 that are drawn by `seed`
   */
  readonly smoothing?: number;
  /**
   * n_1 … n_m
   * @defaultValue the fits' own, or equal ones if they have none
   */
  readonly sampleSizes?: ArrayLike<number>;
  /**
   * how many machines there are: those that sent nothing have failed, and count against the majority
   * @defaultValue the number of estimates
   */
  readonly expected?: number;
  /**
   * what the machines are called in `decisions`
   * @defaultValue their numbers
   */
  readonly names?: readonly string[];
  /**
   * of models of responses given covariates, such as mixtures of experts: the rows on which they are compared and combined, some hundred
   * of whoever aggregates; on rows that machines chose, a liar could hide what it changed
   * @defaultValue none: such models need them, and mixtures have none
   */
  readonly covariates?: Table;
  /**
   * whether standard errors are computed: they take seconds
   * @defaultValue true
   */
  readonly uncertainty?: boolean;
}

/** How DFMR came to its inflation factor. */
export interface DfmrChoice<Parameter> {
  /** ρ of the result */
  readonly inflationFactor: number;
  /** the distances between all estimates; of more than 2000, those of the candidates for the centre to all */
  readonly distances: DistanceMatrix | DistanceRows;
  /** what else ρ could have made of the same distances */
  readonly curve: InflationCurve<Parameter>;
  /** the result, with all that DFMR adds to it */
  readonly result: Dfmr<Parameter>;
}

/** What the estimates of all machines say together, and what was decided on the way. */
export interface Aggregate<Parameter> {
  /** the rule's name */
  readonly rule: string;
  /** what the rule made of the estimates */
  readonly result: Aggregated<Parameter>;
  /** how DFMR came to its result; undefined if the rule is another */
  readonly dfmr?: DfmrChoice<Parameter>;
  /** which component of which machine was used for what; undefined if the rule is not 'components' */
  readonly components?: Components<Parameter>;
  /** of the result, in the order of `mixtureToVector`, and last of the weight of noise if there is some; undefined if they are not known, which `decisions` explains */
  readonly standardErrors?: Float64Array;
  /** what was chosen, why, and what one should know, in sentences */
  readonly decisions: readonly string[];
}

/**
 * An estimate whose density is about 0 everywhere lies at one norm of the centre's density. If the radius is below this share of
 * it, such a liar is far outside of the ball, and distances compare where estimates lie rather than how peaked they are.
 */
const RESOLVED_RADIUS = 0.15;

/** h that are tried, one after another, until densities overlap enough. */
const SMOOTHINGS = [0, 0.5, 1, 2, 4, 8, 16, 32, 64];

/** More coordinates than this have no standard errors: their information takes minutes. */
const MOST_COORDINATES = 400;

/** The draws of the information times the square of the coordinates: some seconds. */
const INFORMATION_WORK = 2e9;

/**
 * Aggregates mixtures of experts, as it does mixtures: on rows of covariates, which `options` hold.
 * @param models m mixtures of experts, or results that hold one, of one law and order with the same covariates and responses
 * @param options the covariates, what is known of the machines, and choices that are made beforehand
 * @returns the aggregated model with what was kept and set aside, its standard errors, and all decisions
 * @throws as for mixtures
 */
export async function aggregate<Model extends ConditionalModel>(
  models: readonly ConditionalEstimate<Model>[],
  options: AggregateOptions & {
    /** S rows of covariates on which the models are compared; every row counts alike */
    readonly covariates: Table;
  },
): Promise<ModelAggregate<Model>>;
/**
 * Aggregates estimates for those who do not want to choose, by the strongest rule there is, `dfmrComponents`; each choice can be made
 * beforehand, and is reported in `decisions`.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options what is known of the machines, and choices that are made beforehand
 * @returns the aggregated mixture with what was kept and set aside, its standard errors, and all decisions
 * @throws InvalidInput if the estimates or an option cannot be used, NoCentre if there is nothing to trust; the signal's reason
 *   when it aborts
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 }); // one of the five lies
 * const { result, decisions } = await aggregate(estimates);
 * result.setAside.map(({ machine }) => machine); // [2]
 * wasserstein1(result, truth); // 0.00940
 * decisions[0].slice(0, 39); // 'Every component has a centre of its own'
 */
export async function aggregate<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options?: AggregateOptions,
): Promise<Aggregate<Parameter>>;
export async function aggregate(
  estimates: readonly Estimate[] | readonly ConditionalEstimate[],
  options: AggregateOptions = {},
): Promise<Aggregate<unknown> | ModelAggregate<ConditionalModel>> {
  if (isConditional(estimates?.[0])) return aggregateModels(estimates as readonly ConditionalEstimate[], options);
  if (options.covariates !== undefined)
    throw new InvalidInput(
      'covariates are given, but the estimates are of no responses given covariates: leave them out',
    );
  return aggregateMixtures(estimates as readonly Estimate[], options, (result) => {
    const draws = Math.min(100_000, Math.ceil(INFORMATION_WORK / freeParameters(result) ** 2));
    return standardErrorsSteps(result, { draws });
  });
}

/** Models of responses given covariates, as mixtures on the rows of covariates. */
async function aggregateModels<Model extends ConditionalModel>(
  models: readonly ConditionalEstimate<Model>[],
  options: AggregateOptions,
): Promise<ModelAggregate<Model>> {
  const { estimates, covariates, modelOf, errorsOf } = onCovariates(models, options.covariates);
  const found = await aggregateMixtures(estimates, options, (result) => errorsOf(modelOf(result.mixture), result));
  const { rule, standardErrors, decisions } = found;
  const result = { ...ofModel<Aggregated, Model>(found.result, modelOf), covariates };
  const { model, mixture } = result;
  return {
    ...{ rule, result, standardErrors, decisions },
    ...(found.dfmr && { dfmr: { ...found.dfmr, result: { ...found.dfmr.result, model, mixture } } }),
    ...(found.components && { components: { ...found.components, model, mixture } }),
  };
}

async function aggregateMixtures<Parameter, Errors>(
  estimates: readonly Estimate<Parameter>[],
  options: AggregateOptions,
  errorSteps: (result: Aggregated<Parameter>) => Steps<Errors>,
): Promise<Omit<Aggregate<Parameter>, 'standardErrors'> & { readonly standardErrors?: Errors }> {
  const { distance, sampleSizes, candidates, seed, names, uncertainty = true, signal, onProgress } = options;
  const work = { signal, onProgress };
  const nameOf = (machine: number) => names?.[machine] ?? `machine ${machine}`;
  const decisions = missingMachines(estimates, options.expected);
  const rule = chosenRule(options);
  const dfmr = rule === 'dfmr' ? await chooseDfmr(estimates, options, decisions) : undefined;
  const components =
    rule === 'components' ? await performed(componentsSteps(estimates, { sampleSizes, seed }), work) : undefined;
  const by = { rule, distance, sampleSizes, candidates, seed, ...work };
  const result = dfmr?.result ?? components ?? (await aggregateBy(estimates, by));
  const m = estimates.length;
  if (components) decisions.push(...componentsDecisions(components, nameOf));
  else {
    const centre = dfmr ? `; the centre of attention is ${nameOf(dfmr.result.coat.index)}` : '';
    decisions.push(`${result.kept.length} of ${m} machines are kept${centre}.`);
  }
  if (m === 2) decisions.push('Two machines cannot outvote each other: if one of them lies, nothing here shows which.');
  if (result.setAside.length === 0)
    decisions.push(
      'No machine is set aside. That does not show that none failed: one that is near the honest ones is not detected.',
    );
  const { noise } = result.mixture;
  if (noise)
    decisions.push(
      `Noise is ${shortNumber(100 * noise.weight, 2)} % of the rows, by the median of the machines; the weights of components are of the others.`,
    );
  decisions.push(...unfinishedFits(estimates, nameOf));
  const empty = emptyComponents(estimates);
  if (empty) decisions.push(`${empty}.`);
  if (uncertainty) decisions.push(...fitsWithGaps(estimates, nameOf));
  if (!result.converged)
    decisions.push('The reduction did not converge: raise maxIterations, or look for estimates far from all others.');
  const known = sampleSizes !== undefined || ownSizes(estimates) !== undefined;
  const errors = { errorSteps, unknown: withoutRows(ruleOf(rule), known) };
  return {
    rule: dfmr ? `dfmr(${dfmr.inflationFactor})` : ruleOf(rule).name,
    result,
    dfmr,
    components,
    standardErrors: uncertainty ? await errorsOf(result, errors, decisions, work) : undefined,
    decisions: [...decisions, ...result.notes],
  };
}

/** The rule that is asked for, 'dfmr' and 'components' by these names however they are written. */
function chosenRule({ rule, inflationFactor, smoothing, distance }: AggregateOptions): string | Rule {
  const ofDfmr = inflationFactor !== undefined || smoothing !== undefined || distance !== undefined;
  if (rule === undefined) return ofDfmr ? 'dfmr' : 'components';
  const name = typeof rule === 'string' ? rule.toLowerCase() : rule.name;
  return ['dfmr', 'components'].includes(name) ? name : rule;
}

/**
 * A sentence about machines that sent nothing.
 * @throws InvalidInput if there are more estimates than machines; NoCentre if no majority of the machines sent one
 */
function missingMachines(estimates: readonly Estimate[], expected: number | undefined): string[] {
  if (expected === undefined) return [];
  requirePositiveInteger('expected', expected);
  const m = estimates?.length ?? 0;
  if (m > expected) throw new InvalidInput(`${m} estimates, but ${expected} machines are expected: leave some out`);
  if (2 * m <= expected)
    throw new NoCentre(
      `${expected - m} of ${expected} machines sent nothing: without more than half there is nothing to trust`,
    );
  return m < expected ? [`${expected - m} of ${expected} machines sent nothing.`] : [];
}

/** What the component rule found, in sentences. */
function componentsDecisions<Parameter>(
  { mixture, kept, keptComponents, copies, misfit, setAside }: Components<Parameter>,
  nameOf: (machine: number) => string,
): string[] {
  const { order: K } = mixture;
  const m = keptComponents.length / K;
  const whole = [...kept].filter((i) => keptComponents.subarray(i * K, (i + 1) * K).every((one) => one === 1)).length;
  const inPart = kept.length - whole;
  const some = setAside.slice(0, 5).map(({ machine, reason }) => `${nameOf(machine)}: ${reason}`);
  const more = setAside.length > 5 ? [`and ${setAside.length - 5} more`] : [];
  const copied = [...new Set(copies.map(({ machine, of }) => `${nameOf(machine)} of ${nameOf(of)}`))];
  return [
    `Every ${wordsOf(mixture.family).component} has a centre of its own, by the Jeffreys divergence; thresholds are those of honest estimates of as many rows.`,
    `${kept.length} of ${m} machines are kept, ${inPart === 0 ? 'all of them whole' : `${inPart} of them in part`}.`,
    ...(some.length > 0 ? [`Set aside: ${[...some, ...more].join('; ')}.`] : []),
    ...(copied.length > 0
      ? [
          `Estimates that nearly agree in some ${wordsOf(mixture.family).component}, as copies do, are counted once: ${copied.slice(0, 5).join(', ')}${copied.length > 5 ? ` and ${copied.length - 5} more` : ''}.`,
        ]
      : []),
    ...(misfit > LARGE_MISFIT
      ? [
          `Honest estimates vary ${shortNumber(misfit, 2)} times as much as theory says: local fits end at different maxima, the model is not true, or about half of the machines tell something else.`,
        ]
      : []),
  ];
}

/** How much more the estimates may vary than theory says without mention: small samples are not yet normal. */
const LARGE_MISFIT = 3;

/** DFMR with reductions from every kept estimate, smoothed densities if plain ones hardly overlap, and ρ in the first clear gap. */
async function chooseDfmr<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  {
    inflationFactor: given,
    smoothing,
    distance,
    sampleSizes,
    signal,
    onProgress,
    candidates: count,
    seed,
  }: AggregateOptions,
  decisions: string[],
): Promise<DfmrChoice<Parameter>> {
  const work = { signal, onProgress };
  const mixtures = mixturesOf(estimates);
  const candidates = drawnCandidates(mixtures.length, { candidates: count, seed });
  const { distances, centre } = distance
    ? await centreBy(mixtures, distance, candidates, work)
    : await resolvedCentre(mixtures, { smoothing, candidates, seed, ...work }, decisions);
  const options = { centre, sampleSizes };
  const curve = await performed(inflationSteps(estimates, options), work);
  const { suggestion } = curve;
  const inflationFactor = given ?? suggestion.inflationFactor;
  const asGiven = given === undefined ? '' : `${given}, as given; the distances suggest `;
  decisions.push(`ρ = ${asGiven}${suggestion.inflationFactor}: ${suggestion.reason}.`);
  const result = await performed(dfmrSteps(estimates, { ...options, inflationFactor, from: 'every' }), work);
  return { inflationFactor, distances, curve, result };
}

/** Names the fits that did not converge, and what to do; empty if all did, or do not say. */
function unfinishedFits(estimates: readonly Estimate[], nameOf: (machine: number) => string): string[] {
  const unfinished = estimates.flatMap((estimate, i) => {
    const { converged, fitted } = estimate as { converged?: boolean; fitted?: { converged?: boolean } };
    return (converged ?? fitted?.converged) === false ? [nameOf(i)] : [];
  });
  if (unfinished.length === 0) return [];
  const some = unfinished.slice(0, 5).join(', ');
  const more = unfinished.length > 5 ? ` and ${unfinished.length - 5} more` : '';
  return [
    `${unfinished.length} of ${estimates.length} fits did not converge (${some}${more}): fit them again with more iterations.`,
  ];
}

/** Names the machines whose files say that cells of their rows are missing, which no result depends on. */
function fitsWithGaps(estimates: readonly Estimate[], nameOf: (machine: number) => string): string[] {
  const gappy = estimates.flatMap((estimate, i) => {
    const { fitted } = estimate as { fitted?: { missingCells?: number } };
    return (fitted?.missingCells ?? 0) > 0 ? [nameOf(i)] : [];
  });
  if (gappy.length === 0) return [];
  const some = gappy.slice(0, 5).join(', ');
  const more = gappy.length > 5 ? ` and ${gappy.length - 5} more` : '';
  return [
    `${gappy.length} of ${estimates.length} machines say that cells of their rows are missing (${some}${more}): standard errors take rows as whole, and are then too small.`,
  ];
}

/** The distances that were computed, of all pairs or of candidates to all, and the centre by them. */
interface Compared<Parameter> {
  readonly distances: DistanceMatrix | DistanceRows;
  readonly centre: Coat<Parameter>;
}

/** The centre among the candidates, or among all. */
async function centreBy<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  distance: string | Distance,
  candidates: Candidates | undefined,
  work: WorkOptions,
): Promise<Compared<Parameter>> {
  const steps = candidates
    ? distanceRowsSteps(distance, mixtures, candidates.machines)
    : distanceSteps(distance, mixtures);
  const distances = await performed<DistanceMatrix | DistanceRows>(steps, work);
  return { distances, centre: { ...centreOf(mixtures, distances), ...(candidates && { candidates }) } };
}

/** Of more machines than this, smoothings are tried by some of them only: all pairs of 1000 take a second each time. */
const MOST_TRIED = 500;

/** The centre by L² distances, of densities that are smoothed until they resolve the machines. */
async function resolvedCentre<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  {
    smoothing: given,
    candidates,
    seed,
    ...work
  }: Pick<AggregateOptions, 'smoothing' | 'seed'> & WorkOptions & { readonly candidates: Candidates | undefined },
  decisions: string[],
): Promise<Compared<Parameter>> {
  const m = mixtures.length;
  const tries = given === undefined && mixtures[0].family.smoothing !== undefined;
  const some =
    tries && !candidates && m > MOST_TRIED ? drawnCandidates(m, { candidates: CANDIDATES, seed }) : undefined;
  const smoothed = async (smoothing: number, among: Candidates | undefined) => {
    const compared = await centreBy(mixtures, smoothedL2(smoothing), among, work);
    return { ...compared, smoothing, radiusInNorms: radiusInNorms(compared) };
  };
  const resolves = (radius: number) => radius <= RESOLVED_RADIUS;
  const among = some ?? candidates;
  const plain = await smoothed(given ?? 0, among);
  let best = plain;
  if (tries) {
    for (const h of SMOOTHINGS.slice(1)) {
      if (resolves(best.radiusInNorms)) break;
      const next = await smoothed(h, among);
      if (next.radiusInNorms < best.radiusInNorms) best = next;
    }
  }
  const drawn = some
    ? ` By ${CANDIDATES} machines that were drawn at random once all had answered (seed ${some.seed}).`
    : '';
  const norms = (radius: number) => `${shortNumber(radius, 2)} norms of a density`;
  if (given === 0) decisions.push('Densities are not smoothed, as given.');
  else if (given !== undefined) decisions.push(`Densities are smoothed by h = ${given}, as given.`);
  else if (best.smoothing === 0) decisions.push('Distances are between the densities as they are.');
  else {
    decisions.push(
      `Distances are between densities smoothed by h = ${best.smoothing}: without, the smallest ball around half of the machines has a radius of ${norms(plain.radiusInNorms)}, so that honest densities hardly overlap; with it, ${norms(best.radiusInNorms)}.${drawn}`,
    );
  }
  if (!resolves(best.radiusInNorms)) {
    decisions.push(
      `Beware: the radius is ${norms(best.radiusInNorms)}, so that distances compare how peaked estimates are as much as where they lie; a flat one may be kept. More rows on each machine, or fewer features, would help.`,
    );
  }
  return some ? smoothed(best.smoothing, undefined) : best;
}

/** COAT's radius, in norms of the density at its centre; 0 if there is no norm. */
function radiusInNorms({ distances: { norms }, centre: { index, radius } }: Compared<unknown>): number {
  return norms && norms[index] > 0 ? radius / norms[index] : 0;
}

/** Why it is not known of how many rows a result is, and what to do then. */
const withoutRows = ({ name }: Rule, sizesAreKnown: boolean): string =>
  sizesAreKnown
    ? `the rule ${name} does not say of how many rows its result is; choose another, such as components`
    : 'it is not known how many rows the machines have; give sampleSizes';

async function errorsOf<Parameter, Errors>(
  result: Aggregated<Parameter>,
  {
    errorSteps,
    unknown,
  }: { readonly errorSteps: (result: Aggregated<Parameter>) => Steps<Errors>; readonly unknown: string },
  decisions: string[],
  work: WorkOptions,
): Promise<Errors | undefined> {
  const p = freeParameters(result);
  if (p > MOST_COORDINATES) {
    decisions.push(`Standard errors are not computed: there are ${p} coordinates, more than ${MOST_COORDINATES}.`);
    return undefined;
  }
  if (result.sampleSize === undefined) {
    decisions.push(`Standard errors are not known: ${unknown}.`);
    return undefined;
  }
  try {
    const errors = await performed(errorSteps(result), work);
    if (errors instanceof Float64Array && errors.subarray(0, result.mixture.order - 1).some((error) => error > 0.5))
      decisions.push('A weight has a standard error above ½: two components are nearly the same, so try fewer.');
    return errors;
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    decisions.push(`Standard errors are not known: ${error.message}.`);
    return undefined;
  }
}
