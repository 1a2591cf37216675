import { DamagedFile } from '../errors';

/**
 * `JSON.parse`, with an error that is the same in every engine and holds nothing of the text: it may be a secret.
 * @throws DamagedFile that says where the text stops being JSON
 */
export function parseJson(text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text);
  } catch {
    const at = jsonFault(text);
    if (at === text.length) throw new DamagedFile('it ends too early');
    const lines = text.slice(0, at).split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    throw new DamagedFile(`it is wrong from line ${lines.length}, column ${column} on`);
  }
}

/**
 * Where a text that is not JSON stops being it, found by ourselves: each engine says it in its own words, or not at all.
 * @param text what `JSON.parse` refused, nested no deeper than calls may be
 * @returns the index of the sign or word that cannot be there; the length of the text if it only ends too early
 */
export function jsonFault(text: string): number {
  let at = 0; // all before it is JSON

  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const sign = (one: string): boolean => {
    take(/[ \t\n\r]*/y);
    if (text[at] !== one) return false;
    at++;
    return true;
  };
  const list = (item: () => boolean, close: string): boolean => {
    if (sign(close)) return true;
    do if (!item()) return false;
    while (sign(','));
    return sign(close);
  };
  const string = (): boolean => {
    if (!sign('"')) return false;
    while (take(/(?:[^"\\\p{Cc}]|[\x7f-\x9f]){1,1000}|\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/uy)); // in pieces: memory is limited
    if (text[at] !== '"') return false;
    at++;
    return true;
  };
  const value = (): boolean =>
    sign('{')
      ? list(() => string() && sign(':') && value(), '}')
      : sign('[')
        ? list(value, ']')
        : text[at] === '"'
          ? string()
          : take(/(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![-+.\w])/y);

  if (value()) take(/[ \t\n\r]*/y);
  return CUT_OFF.test(text.slice(at, at + LONGEST)) ? text.length : at;
}

/** What the end of a text may be, so that it could go on as JSON: nothing, or the beginning of a word or an escape. */
const CUT_OFF =
  /^(?:-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|\\(?:u[\da-fA-F]{0,3})?)$/;

/** Characters of the longest number that anybody writes. */
const LONGEST = 400;
