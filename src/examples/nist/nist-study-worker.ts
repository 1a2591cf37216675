import type { Task } from '../../study/results-file';
import { type NistDesign, type NistRepetition, repeatNist } from './nist-study';

// What a thread of the study's pool runs.

export default function repeatSent({ design, repetition }: { readonly design: NistDesign } & Task): NistRepetition {
  return repeatNist(design, repetition);
}
