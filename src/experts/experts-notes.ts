import { gram, invertLower, symmetricEigen } from '../math/linear-algebra';
import { shortNumber } from '../math/short-number';
import type { Design } from './experts-design';
import type { ExpertsRun, Objective } from './experts-em';
import { gatePenalty } from './gate-step';
import { type AnyExperts, freeParametersOfExperts } from './model';

/** The penalty makes most of a variance from this share on. */
const MOST = 0.5;

/** Without a penalty, variances below one of this share of that about the plane of all rows are on their way to 0. */
const SHRUNK = 1e7;

/** The penalty that is advised has this share in the variance. */
const ADVISED_SHARE = 0.1;

/** An expert whose gate leaves fewer rows in doubt than this is parted from the others by the covariates. */
const ROWS_IN_DOUBT = 1;

/**
 * What a user should know of a fit of experts, in sentences: columns that say nothing, experts with hardly a row, and penalties that make
 * much of it. A penalty is told where most of a variance is its own, or where it takes more than ½ log N from the log-likelihood, as then
 * BIC no longer compares likelihoods.
 */
export function expertsNotes(model: AnyExperts, run: ExpertsRun, design: Design, objective: Objective): string[] {
  return [
    ...aliasNotes(design),
    ...rowsNotes(model, run, design),
    ...varianceNotes(run, design, objective),
    ...gateNotes(run, design, objective),
  ];
}

function aliasNotes({ aliased }: Design): string[] {
  const sentence = (constant: boolean, one: string, many: string) => {
    const columns = aliased.filter((alias) => alias.constant === constant).map(({ column }) => String(column));
    if (columns.length === 0) return [];
    const [which, what] = columns.length === 1 ? [`Column ${columns[0]}`, one] : [`Columns ${listed(columns)}`, many];
    return [
      `${which} of the covariates ${what}: all their coefficients are 0.`.replace(
        'all their',
        columns.length === 1 ? 'all its' : 'all their',
      ),
    ];
  };
  return [
    ...sentence(true, 'is constant', 'are constant'),
    ...sentence(
      false,
      'is a linear combination of columns before it',
      'are linear combinations of columns before them',
    ),
  ];
}

function rowsNotes(model: AnyExperts, { masses }: ExpertsRun, { count, width }: Design): string[] {
  const free = freeParametersOfExperts({ model });
  const few = [...masses.keys()].filter((k) => masses[k] < width);
  const each = few.map((k) => `expert ${k} has ${shortNumber(masses[k], 2)}`);
  return [
    ...(count <= free
      ? [
          `There are ${free} free parameters, but ${shortNumber(count, 6)} rows: the fit says more of them than of what they come from.`,
        ]
      : []),
    ...(few.length > 0
      ? [
          `Of all rows ${listed(each)}, for ${width} coefficients: too few to say where a plane is. Fit fewer experts, or from more starts.`,
        ]
      : []),
  ];
}

/** The precision of each expert, the largest over all directions of its responses. */
function precisionsOf({ point, masses }: ExpertsRun, { responses: q }: Design): Float64Array {
  return masses.map((_, k) => {
    const precision = gram(invertLower(point.factors.subarray(k * q * q, (k + 1) * q * q), q), q);
    return q === 1 ? precision[0] : symmetricEigen(precision, q).values[q - 1];
  });
}

/** Experts without a penalty that shrink, so that the likelihood has no bound. */
function shrunkNotes(run: ExpertsRun, design: Design): string[] {
  const precisions = precisionsOf(run, design);
  const shrunk = [...precisions.keys()].filter((k) => precisions[k] > SHRUNK).map((k) => `expert ${k}`);
  if (shrunk.length === 0) return [];
  return [
    `Hardly any variance is left to ${listed(shrunk)}: without a penalty the likelihood has no bound where an expert meets some rows exactly, and EM ended on the way there. Give a penalty above 0, such as the default one.`,
  ];
}

function varianceNotes(run: ExpertsRun, design: Design, { penalty }: Objective): string[] {
  if (!design.law.hasVariance) return [];
  if (penalty === 0) return shrunkNotes(run, design);
  const { masses } = run;
  const shares = precisionsOf(run, design).map((largest, k) => (penalty * largest) / (masses[k] + penalty));
  const drawn = [...shares.entries()]
    .map(([k, share]) => ({
      k,
      share,
      loss: (masses[k] / 2) * (-Math.log1p(-Math.min(share, 1 - Number.EPSILON)) - share),
    }))
    .filter(({ k, share, loss }) => masses[k] >= design.width && (share > MOST || loss > Math.log(design.count) / 2));
  if (drawn.length === 0) return [];
  const [worst] = drawn.toSorted((a, b) => b.share - a.share);
  const smaller = penalty * (ADVISED_SHARE / (1 - ADVISED_SHARE)) * ((1 - worst.share) / worst.share);
  const each = drawn.map(({ k, share }) => `${Math.min(99, Math.round(100 * share))} % of the variance of expert ${k}`);
  const loss = drawn.reduce((sum, one) => sum + one.loss, 0);
  return [
    `The penalty makes ${listed(each)}. That takes about ${shortNumber(loss, 3)} from the log-likelihood. Responses spread much wider about the ` +
      `plane of all rows than about such an expert's; if it is that narrow, give a smaller penalty than ${shortNumber(penalty, 2)}, such as ${shortNumber(smaller, 2)}.`,
  ];
}

function gateNotes(
  { point, masses, doubts }: ExpertsRun,
  { count, width }: Design,
  { order, softmax, ridge }: Objective,
): string[] {
  if (!softmax) return [];
  const loss = gatePenalty(point.gates, order, ridge);
  const parted = [...doubts.keys()].filter(
    (k) => doubts[k] < ROWS_IN_DOUBT && Math.min(masses[k], count - masses[k]) >= width,
  );
  if (!(loss > Math.log(count) / 2 || parted.length > 0)) return [];
  const who =
    parted.length > 0
      ? `${parted.length === 1 ? `expert ${parted[0]}` : `experts ${listed(parted.map(String))}`} from the others`
      : 'the experts';
  const whose =
    ridge > 0
      ? `Their gates are as steep as the ridge ${shortNumber(ridge, 2)} lets them be, which takes about ${shortNumber(loss, 2)} from the log-likelihood.`
      : 'No finite gates are the best: give a ridge above 0, such as the default one.';
  return [`The covariates part ${who} almost without a row in doubt. ${whose}`];
}

/** "a, b and c" */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
