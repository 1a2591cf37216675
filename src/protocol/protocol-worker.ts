import { type ErrorJSON, errorToJSON } from '../errors';
import type { Samples } from '../math/table';
import { loadModule } from '../registry/modules';
import { finished } from '../work/work';
import { protocolOf } from './protocols';

// What a thread of a protocol's pool runs: one machine's answer.

export interface AnswerTask {
  /** the modules that register what the ask names */
  readonly modules: readonly string[];
  readonly protocol: string;
  readonly samples: Samples;
  readonly ask: unknown;
}

/** An error loses its kind on the way between threads, so it is sent as what it is. */
export type AnswerResult = { readonly answer: unknown } | { readonly error: ErrorJSON };

export default function answerTask({ modules, protocol, samples, ask }: AnswerTask): AnswerResult {
  try {
    for (const file of modules) loadModule(file);
    return { answer: finished(protocolOf(protocol).answer(samples, ask)) };
  } catch (error) {
    return { error: errorToJSON(error) };
  }
}
