import { createReadStream, statSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InvalidInput } from '../errors';

/** Bytes that are read at once. */
const PIECE_LENGTH = 2 ** 18;

/** Bytes of a line: a longer one is hardly of a table, and would fill the memory. */
const MAX_LINE_LENGTH = 2 ** 24;

const LINE_FEED = 10;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** What a piece of a text file holds: what was taken of it, and the line in which that begins, from 1. */
export interface Piece<Taken> {
  readonly taken: Taken;
  readonly line: number;
  /** the share of the file that has been read, from 0 to 1 */
  readonly done: number;
}

/**
 * The records of a text file in UTF-8, piece by piece. A file whose name ends in .gz is decompressed.
 * @param take takes the whole records from the front of some whole lines, and says after how many bytes they end; of the last piece it
 *   takes all
 * @throws InvalidInput if the file has NUL bytes, or a line that is too long
 */
export async function* piecesOf<Taken>(
  file: string,
  take: (lines: Buffer, last: boolean, line: number) => { readonly taken: Taken; readonly end: number },
): AsyncGenerator<Piece<Taken>> {
  const size = Math.max(1, statSync(file).size);
  const raw = createReadStream(file, { highWaterMark: PIECE_LENGTH });
  let [rest, line, bytes, start] = [Buffer.alloc(0), 1, 0, true];
  const next = (more: Buffer, last: boolean): Piece<Taken> | undefined => {
    let text = rest.length === 0 ? more : Buffer.concat([rest, more]);
    if (start && text.length < BYTE_ORDER_MARK.length && !last) {
      rest = text;
      return undefined;
    }
    if (start && text.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
      text = text.subarray(BYTE_ORDER_MARK.length);
    start = false;
    const whole = last ? text.length : text.lastIndexOf(LINE_FEED) + 1;
    const { taken, end } = take(text.subarray(0, whole), last, line);
    const piece = { taken, line, done: Math.min(1, raw.bytesRead / size) };
    line += linesIn(text.subarray(0, end));
    rest = text.subarray(end);
    if (rest.length > MAX_LINE_LENGTH)
      throw new InvalidInput(`line ${line} is longer than ${MAX_LINE_LENGTH} bytes: is it a table?`);
    return piece;
  };
  for await (const chunk of unzipped(file, raw) as AsyncIterable<Buffer>) {
    const nul = chunk.indexOf(0);
    if (nul >= 0)
      throw new InvalidInput(`byte ${bytes + nul} of the text is NUL: save it as UTF-8 text, if it is a table`);
    bytes += chunk.length;
    const piece = next(chunk, false);
    if (piece) yield piece;
  }
  const piece = next(Buffer.alloc(0), true);
  if (piece) yield piece;
}

function unzipped(file: string, raw: Readable): Readable {
  if (!/\.gz$/i.test(file)) return raw;
  // errors come out of the stream; without a callback, pipeline would throw them once more
  return pipeline(raw, createGunzip({ chunkSize: PIECE_LENGTH }), () => {});
}

/** The line feeds among bytes. */
function linesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++;
  return count;
}

/** The line breaks before a place of the text. */
export function breaks(text: string, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
