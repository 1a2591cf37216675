/** What is used of papaparse: the parser of a piece of text, which reports how far it came. */
declare module 'papaparse' {
  export class Parser {
    constructor(config: { delimiter: string; newline: string });
    /** With `ignoreLastRow` the last row is left out, as it may continue in the next piece. */
    parse(
      input: string,
      baseIndex: number,
      ignoreLastRow: boolean,
    ): {
      data: string[][];
      errors: { row: number; message: string }[];
      meta: { cursor: number };
    };
  }
}
