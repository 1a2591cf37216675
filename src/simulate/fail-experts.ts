import { InvalidInput } from '../errors';
import { type AnyExperts, assembleExperts, type ExpertsEstimate, expertsOf, flatExperts } from '../experts/model';
import { described, requirePositiveInteger } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { onCovariates } from '../mixture/conditional';
import { mixtureOf } from '../mixture/given';
import { type ExpertsSituation, expertsFailureOf, noSuchFailure } from './experts-failures';
import type { Failure } from './failure';
import { failureNames, hasFailure, registeredFailure } from './failure-registry';

/** What a failed machine sends for its mixture of experts: the name of a failure, a failure of mixtures, or a function of its model. */
export type ExpertsFailureKind<Model extends AnyExperts = AnyExperts> =
  | string
  | Failure
  | ((model: Model, random: RandomStream) => Model);

/** What all machines send if the machines `failed` do. */
export function sentExperts(
  estimates: readonly ExpertsEstimate[],
  failed: ArrayLike<number>,
  { kind, components, seed }: { kind: ExpertsFailureKind<never>; components?: number; seed: Seed },
): ExpertsEstimate[] {
  if (components !== undefined) requirePositiveInteger('components', components);
  const models = Array.from(estimates, (one, i) => expertsOf(one, `estimate ${i}`));
  const which = Array.from(failed);
  const random = (i: number) => randomStream(seed, `failure of machine ${which[i]}`);
  const several = typeof models[0].coefficients[0][0] !== 'number';
  const own = which.map((i) => flatExperts(models[i]));
  const wrong = wrongModels(kind, estimates, models, which, { own, components, random }, several);
  const sent = [...estimates];
  which.forEach((i, at) => {
    const { sampleSize } = estimates[i] as { sampleSize?: number };
    const model = expertsOf(wrong[at], `what the failure returns for machine ${i}`);
    sent[i] = sampleSize === undefined ? model : { model, sampleSize };
  });
  return sent;
}

function wrongModels(
  kind: ExpertsFailureKind<never>,
  estimates: readonly ExpertsEstimate[],
  models: readonly AnyExperts[],
  which: readonly number[],
  situation: ExpertsSituation,
  several: boolean,
): readonly AnyExperts[] {
  const { components, random } = situation;
  if (typeof kind === 'function') {
    if (components !== undefined)
      throw new InvalidInput('components is given, but this failure is a function: leave it out');
    return which.map((i, at) =>
      (kind as unknown as Extract<ExpertsFailureKind, (...given: never) => unknown>)(models[i], random(at)),
    );
  }
  const send = typeof kind === 'string' ? expertsFailureOf(kind) : undefined;
  if (send) return send(situation).map((flat) => assembleExperts(flat, several));
  const failure = typeof kind === 'string' && hasFailure(kind) ? registeredFailure(kind) : kind;
  if (typeof failure !== 'object' || failure === null) return noSuchFailure(kind, failureNames());
  if (which.length === 0) return [];
  // a failure of mixtures: on the rows 0 and 1 of each covariate alone, which determine gates and coefficients
  const d = models[0].covariates;
  const corners = Array.from({ length: d + 1 }, (_, s) => Array.from({ length: d }, (__, j) => (j === s - 1 ? 1 : 0)));
  const onCorners = onCovariates(models, corners);
  const mixtures = onCorners.estimates.map((one) => mixtureOf(one));
  const liars = new Set(which);
  const sizes = estimates.flatMap((one) =>
    'sampleSize' in one && one.sampleSize !== undefined ? [one.sampleSize] : [],
  );
  const lies = failure.send({
    own: which.map((i) => mixtures[i]),
    honest: mixtures.filter((_, i) => !liars.has(i)),
    sampleSize: sizes.length > 0 ? lowerMedian(sizes) : undefined,
    components,
    random,
  });
  if (lies?.length !== which.length)
    throw new InvalidInput(
      `the failure returned ${described(lies)}: a mixture for each of ${which.length} machines is needed`,
    );
  const odd = lies.findIndex((lie) => mixtureOf(lie).family !== mixtures[0].family);
  if (odd >= 0)
    throw new InvalidInput(
      `the failure returns for machine ${which[odd]} a mixture of another family than it was given`,
    );
  return lies.map((lie) => onCorners.modelOf(lie) as unknown as AnyExperts);
}
