import { type RepetitionResult, type RepetitionTask, repeatTask } from '../study/study-worker';
import { type BootstrapDesign, type BootstrapRepetition, repeatBootstrap } from './bootstrap-repetition';

// What a thread of a bootstrap's pool runs.

export default (task: RepetitionTask<BootstrapDesign>): Promise<RepetitionResult<BootstrapRepetition>> =>
  repeatTask(task, repeatBootstrap);
