import { machineOf } from './command-support';

/** The version of the package. */
export const VERSION: string = require('../../package.json').version;

/** What a command's report says of itself and of what comes next, beside what it found. */
export function reportFrame(
  machines: readonly string[],
  out: string,
  setAside: number,
  ofExperts: boolean,
): { readonly made: string; readonly machines: readonly string[]; readonly next: readonly string[] } {
  const short = machines.map(machineOf);
  return {
    made: `dfmr ${VERSION}, ${new Date().toISOString().slice(0, 10)}`,
    machines: new Set(short).size === short.length ? short : machines,
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
