import { type ArenaDesign, type ArenaRepetition, repeatArena } from './arena';
import { type RepetitionResult, type RepetitionTask, repeatTask } from './study-worker';

// What a thread of the arena's pool runs.

export default (task: RepetitionTask<ArenaDesign>): Promise<RepetitionResult<ArenaRepetition>> =>
  repeatTask(task, repeatArena);
