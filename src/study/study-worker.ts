import { type ErrorJSON, errorToJSON } from '../errors';
import { loadModule } from '../registry/modules';
import { type Repetition, repeat } from './repetition';
import type { StudyDesign } from './study-design';

// What a thread of a study's pool runs.

export interface RepetitionTask<Design> {
  /** the modules that register what the design names */
  readonly modules: readonly string[];
  readonly design: Design;
  readonly setting: number;
  readonly repetition: number;
}

/** An error loses its kind on the way between threads, so it is sent as what it is. */
export type RepetitionResult<Result> = { readonly result: Result } | { readonly error: ErrorJSON };

/** What a worker of a kind of study exports. */
export async function repeatTask<Design, Result>(
  { modules, design, setting, repetition }: RepetitionTask<Design>,
  once: (design: Design, setting: number, repetition: number) => Result | Promise<Result>,
): Promise<RepetitionResult<Result>> {
  try {
    for (const file of modules) loadModule(file);
    return { result: await once(design, setting, repetition) };
  } catch (error) {
    return { error: errorToJSON(error) };
  }
}

export default (task: RepetitionTask<StudyDesign>): Promise<RepetitionResult<Repetition>> => repeatTask(task, repeat);
