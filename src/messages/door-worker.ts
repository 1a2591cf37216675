import { loadModule } from '../registry/modules';
import { type Received, receivedFile, type Shape } from './received';

// What a thread of the door's pool runs: it reads some files, and checks what is in them.

export interface DoorTask {
  /** the modules that register families */
  readonly modules: readonly string[];
  readonly files: readonly { readonly name: string; readonly digest?: string }[];
  readonly asked: Partial<Shape>;
  readonly maximum: number;
  readonly idleSeconds: number;
}

/** The messages of each file. */
export type DoorResult = readonly (readonly Received[])[];

export default async function doorTask({ modules, files, asked, ...reading }: DoorTask): Promise<DoorResult> {
  for (const file of modules) loadModule(file);
  const all: Received[][] = [];
  for (const { name, digest } of files) all.push(await receivedFile(name, reading, { asked, digest }));
  return all;
}
