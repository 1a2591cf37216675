import type { Task } from '../../simulate/results-file';
import { type NistDesign, type NistRepetition, repeatNist } from './study';

// What a thread of the study's pool runs.

export default function repeatSent({ design, repetition }: { readonly design: NistDesign } & Task): NistRepetition {
  return repeatNist(design, repetition);
}
