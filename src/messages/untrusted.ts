import { DamagedFile, messageOf } from '../errors';
import { parseJson } from './parse-json';

/** How deep an estimate may be nested, and how many lists, objects and fields it may have: more would only fill the memory. */
const MAX_DEPTH = 16;
const MAX_PARTS = 2e5;

/**
 * The value of a JSON text of unknown origin. A byte order mark is skipped; of two equal keys the last counts, as in all of
 * ECMAScript.
 * @param text UTF-8 bytes, or a string
 * @throws DamagedFile if it is empty, not UTF-8, not JSON, or nested deeper or branched more than any estimate is
 */
export function parseUntrusted(text: string | Uint8Array): unknown {
  const decoded = (typeof text === 'string' ? text : decode(text)).replace(/^\uFEFF/, '');
  if (decoded.trim() === '') throw new DamagedFile('the text is empty: send the file again');
  requireFlat(decoded);
  try {
    return parseJson(decoded);
  } catch (cause) {
    throw new DamagedFile(
      `the text is not JSON (${messageOf(cause)}): send it again, whole and without NaN or Infinity`,
    );
  }
}

/** Text of unknown origin as a message may show it: short, and with nothing in it that a terminal would obey. */
export function printable(text: string, most = 300): string {
  const short = text.length > most ? `${text.slice(0, most)} …` : text;
  return short.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DamagedFile('the text is not UTF-8: write it in that encoding', { cause });
  }
}

/** @throws DamagedFile if brackets are nested too deeply, or there are too many brackets and fields */
function requireFlat(text: string): void {
  const [quote, backslash, colon] = ['"', '\\', ':'].map((one) => one.charCodeAt(0));
  const [open, openList, close, closeList] = ['{', '[', '}', ']'].map((one) => one.charCodeAt(0));
  let [depth, parts, inString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) inString = !inString;
    else if (inString) i += code === backslash ? 1 : 0;
    else if (code === open || code === openList) {
      depth++;
      parts++;
    } else if (code === close || code === closeList) depth--;
    else if (code === colon) parts++;
    if (depth > MAX_DEPTH) throw new DamagedFile(`the text is nested deeper than ${MAX_DEPTH} lists: no estimate is`);
    if (parts > MAX_PARTS)
      throw new DamagedFile(`the text has more than ${MAX_PARTS} lists and fields: no estimate is`);
  }
}
