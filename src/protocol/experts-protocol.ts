import { InvalidInput, withMessage } from '../errors';
import { type ExpertsFit, type FitExpertsOptions, fitExpertsSteps } from '../experts/fit-experts';
import { type AnyExperts, type ExpertsJSON, expertsFromJSON } from '../experts/model';
import { type Samples, samplesOf } from '../math/table';
import type { Protocol } from './protocol';

/** Options of `fitExperts` as plain JSON, for tables whose last columns are the responses. */
export interface ExpertsAsk extends Omit<FitExpertsOptions, 'start' | 'rowWeights'> {
  /** q, how many of the last columns are responses; all others are covariates */
  readonly responses: number;
  readonly start?: ExpertsJSON;
}

/** A fit of a mixture of experts as a machine sends it. */
export type ExpertsFitJSON = Omit<ExpertsFit<AnyExperts>, 'model' | 'mixture'> & { readonly model: ExpertsJSON };

/** One round: each machine fits a mixture of experts to its rows, and sends it. */
export const expertsProtocol: Protocol<ExpertsAsk, ExpertsAsk, ExpertsFitJSON, ExpertsAsk, ExpertsFit<AnyExperts>[]> = {
  name: 'experts',

  begin: (setup) => ({ ask: setup, state: setup }),

  *answer(samples, { responses, start, ...options }) {
    const { x, y } = parted(samples, responses);
    const from = start && { start: expertsFromJSON<AnyExperts>(start) };
    const { model, mixture: _, ...rest } = yield* fitExpertsSteps<AnyExperts>(x, y, { ...options, ...from });
    return { ...rest, model: model.toJSON() };
  },

  async next(_, replies) {
    return {
      done: replies.map((reply) => {
        if ('answer' in reply) return fitOf(reply.answer);
        throw withMessage(reply.silent, `${reply.machine}: ${reply.silent.message}`);
      }),
    };
  },
};

function fitOf({ model: json, ...rest }: ExpertsFitJSON): ExpertsFit<AnyExperts> {
  const model = expertsFromJSON<AnyExperts>(json);
  const [trace, maxima] = [rest.trace, rest.maxima].map((list) => Float64Array.from(list));
  return { ...rest, trace, maxima, model, mixture: model };
}

/** The covariates and the responses of a table whose last q columns are the responses. */
export function parted(
  { data, rows, columns, weights }: Samples,
  q: number,
): { readonly x: Samples; readonly y: Samples } {
  const d = columns - q;
  if (!(Number.isInteger(q) && q >= 1 && d >= 1))
    throw new InvalidInput(
      `the table has ${columns} columns, of which ${q} are responses: at least one of each kind is needed`,
    );
  const [x, y] = [new Float64Array(rows * d), new Float64Array(rows * q)];
  for (let j = 0; j < rows; j++) {
    x.set(data.subarray(j * columns, j * columns + d), j * d);
    y.set(data.subarray(j * columns + d, (j + 1) * columns), j * q);
  }
  return { x: samplesOf(x, rows, d, weights), y: samplesOf(y, rows, q) };
}

/** A table of covariates whose last columns are the responses. */
export function joined(x: Samples, y: Samples): Samples {
  if (x.rows !== y.rows)
    throw new InvalidInput(`there are ${x.rows} rows of covariates and ${y.rows} of responses: each row needs both`);
  const columns = x.columns + y.columns;
  const data = new Float64Array(x.rows * columns);
  for (let j = 0; j < x.rows; j++) {
    data.set(x.data.subarray(j * x.columns, (j + 1) * x.columns), j * columns);
    data.set(y.data.subarray(j * y.columns, (j + 1) * y.columns), j * columns + x.columns);
  }
  return samplesOf(data, x.rows, columns, x.weights);
}
