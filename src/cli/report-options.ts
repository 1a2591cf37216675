import { machineOf } from './command-support';

/** The version of the package. */
export const VERSION: string = require('../../package.json').version;

/**
 * What a report calls those who sent these files, in its tables and figures: the machines' names, as its reader need not know in which
 * folder the files lay; the files themselves if two machines would have one name.
 */
export function machineNames(files: readonly string[]): ReadonlyMap<string, string> {
  const names = files.map(machineOf);
  const areDistinct = new Set(names).size === names.length;
  return new Map(files.map((file, i) => [file, areDistinct ? names[i] : file]));
}

/** What a command's report says of itself and of what comes next, beside what it found. */
export function reportFrame(
  out: string,
  setAside: number,
  ofExperts: boolean,
): { readonly made: string; readonly next: readonly string[] } {
  return {
    made: `dfmr ${VERSION}, ${new Date().toISOString().slice(0, 10)}`,
    next: [
      ofExperts
        ? `dfmr classify TABLE --mixture ${out} --out predicted.csv predicts the response of each row of a table.`
        : `dfmr classify TABLE --mixture ${out} --out clusters.csv writes the component of each row of a table.`,
      ...(setAside > 0
        ? [
            'Ask those who were set aside what differs with them: other units, another coding, another population, a damaged file. If the others are wrong, the report cannot know.',
          ]
        : []),
    ],
  };
}
