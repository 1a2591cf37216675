import { type RepetitionResult, type RepetitionTask, repeatTask } from '../study/study-worker';
import { type CoverageDesign, type CoverageRepetition, repeatCoverage } from './coverage';

// What a thread of the coverage study's pool runs.

export default (task: RepetitionTask<CoverageDesign>): Promise<RepetitionResult<CoverageRepetition>> =>
  repeatTask(task, repeatCoverage);
