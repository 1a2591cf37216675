/** Of papaparse, what is used here: the parser of a piece of text, which tells how far it came. */
declare module 'papaparse' {
  export class Parser {
    constructor(config: { delimiter: string; newline: string });
    /** The last row is left alone where `ignoreLastRow`, as it may go on in the next piece. */
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
