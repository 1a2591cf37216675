import { type RepetitionResult, type RepetitionTask, repeatTask } from '../../study/study-worker';
import { type NistDesign, type NistRepetition, repeatNist } from './nist-study';

// What a thread of the study's pool runs.

export default (task: RepetitionTask<NistDesign>): Promise<RepetitionResult<NistRepetition>> =>
  repeatTask(task, (design, _, repetition) => repeatNist(design, repetition));
