import { createReadStream, statSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { InvalidInput } from '../errors';

/** Bytes that are read at once. */
const PIECE_LENGTH = 2 ** 18;

/** Characters of a line: a longer one is hardly of a table, and would fill the memory. */
const MAX_LINE_LENGTH = 2 ** 24;

/** What a piece of a text file holds: its whole records, and the line in which they begin, from 1. */
export interface Piece<Record> {
  readonly records: readonly Record[];
  readonly line: number;
  /** the share of the file that has been read, from 0 to 1 */
  readonly done: number;
}

/**
 * The records of a text file in UTF-8, piece by piece. A file whose name ends in .gz is decompressed.
 * @param parse takes the whole records from the front of a text, and says where they end; of the last piece it takes all
 * @throws InvalidInput if the file has NUL bytes, or a line that is too long
 */
export async function* piecesOf<Record>(
  file: string,
  parse: (text: string, last: boolean, line: number) => { records: Record[]; end: number },
): AsyncGenerator<Piece<Record>> {
  const size = Math.max(1, statSync(file).size);
  const raw = createReadStream(file, { highWaterMark: PIECE_LENGTH });
  const decoder = new StringDecoder('utf8');
  let [rest, line, bytes, start] = ['', 1, 0, true];
  const taken = (more: string, last: boolean): Piece<Record> => {
    const text = start && more.startsWith('\ufeff') ? more.slice(1) : rest + more;
    start &&= text === '';
    const { records, end } = parse(text, last, line);
    rest = text.slice(end);
    if (rest.length > MAX_LINE_LENGTH) {
      throw new InvalidInput(
        `line ${line + breaks(text, end)} is longer than ${MAX_LINE_LENGTH} characters: is it a table?`,
      );
    }
    const piece = { records, line, done: Math.min(1, raw.bytesRead / size) };
    line += breaks(text, end);
    return piece;
  };
  for await (const chunk of unzipped(file, raw)) {
    const nul = (chunk as Buffer).indexOf(0);
    if (nul >= 0)
      throw new InvalidInput(`byte ${bytes + nul} of the text is NUL: save it as UTF-8 text, if it is a table`);
    bytes += chunk.length;
    yield taken(decoder.write(chunk), false);
  }
  yield taken(decoder.end(), true);
}

function unzipped(file: string, raw: Readable): Readable {
  if (!/\.gz$/i.test(file)) return raw;
  // errors come out of the stream; without a callback, pipeline would throw them once more
  return pipeline(raw, createGunzip({ chunkSize: PIECE_LENGTH }), () => {});
}

/** The line breaks before a place of the text. */
export function breaks(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
