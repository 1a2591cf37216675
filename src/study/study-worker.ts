import { type Repetition, repeat } from './repetition';
import type { StudyDesign } from './study-design';

// What a thread of a study's pool runs.

export interface RepetitionTask {
  readonly design: StudyDesign;
  readonly setting: number;
  readonly repetition: number;
}

export default function repeatSent({ design, setting, repetition }: RepetitionTask): Repetition {
  return repeat(design, setting, repetition);
}
