import type { ExpertsRepetition, ExpertsStudyDesign } from './experts-setting';
import { repeatExperts } from './experts-study';
import { type RepetitionResult, type RepetitionTask, repeatTask } from './study-worker';

// What a thread of the pool of a study of experts runs.

export default (task: RepetitionTask<ExpertsStudyDesign>): Promise<RepetitionResult<ExpertsRepetition>> =>
  repeatTask(task, repeatExperts);
