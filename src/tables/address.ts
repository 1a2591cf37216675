import { DamagedFile, InvalidInput } from '../errors';

// Tables at addresses. An address may carry credentials, as presigned ones do in their query: what is shown of it is without these.

/** Seconds without any data after which a server is given up. */
const IDLE_SECONDS = 60;

/** As many as browsers follow, about; more go in a circle. */
const MAX_REDIRECTS = 10;

/** Whether the name of a table is an address rather than a path. */
export const isAddress = (file: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(file);

/** The name of a table as messages and files show it: of an address, without its user, query and fragment. */
export function shownName(file: string): string {
  if (!isAddress(file)) return file;
  const [plain] = file.split(/[?#]/, 1);
  return plain.replace(/^([^/]*\/\/)[^/]*@/, '$1');
}

/** The path of the table: of an address, that part which looks like one, so that its end says the format, and its last part the machine. */
export function pathOf(file: string): string {
  if (!isAddress(file)) return file;
  const plain = shownName(file).replace(/^[^/]*\/\/[^/]*/, '');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain; // a lone % stands for itself
  }
}

/** What is sent along, and how long is waited. */
export interface RequestOptions {
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** @defaultValue 60 */
  readonly idleSeconds?: number;
}

/**
 * Asks for what is at an address, and follows redirections.
 * @param file an http or https address
 * @param use what becomes of the answer: its pieces must be read within it
 * @returns what `use` returns
 * @throws InvalidInput if there is nothing to be had, DamagedFile if it ends early; never with the address's query. The signal's reason when
 *   it aborts
 */
export async function request<Result>(
  file: string,
  { headers = {}, signal, idleSeconds = IDLE_SECONDS }: RequestOptions,
  use: (answer: Response, pieces: () => AsyncGenerator<Uint8Array>) => Promise<Result>,
): Promise<Result> {
  const idle = new AbortController();
  const silence = new DamagedFile(`nothing came from the server for ${idleSeconds} s: try again later`);
  const timer = setTimeout(() => idle.abort(silence), 1000 * idleSeconds);
  const both = AbortSignal.any([idle.signal, ...(signal ? [signal] : [])]);
  try {
    const answer = await followed(urlOf(file), { ...headers, 'accept-encoding': 'identity' }, both);
    requireSuccess(answer);
    return await use(answer, () => piecesOfBody(answer, () => timer.refresh()));
  } catch (error) {
    throw both.aborted ? both.reason : error;
  } finally {
    clearTimeout(timer);
    idle.abort(silence); // what was not read is not sent any more
  }
}

/** @throws InvalidInput if it is no address that can be asked */
function urlOf(file: string): URL {
  if (!URL.canParse(file)) throw new InvalidInput('is no address: one looks like https://server/folder/table.parquet');
  const url = new URL(file);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const remedy =
      url.protocol === 'file:' ? 'give the path of the file' : 'make an https address for it, a presigned one';
    throw new InvalidInput(`only http and https addresses are read, not ${url.protocol.slice(0, -1)}: ${remedy}`);
  }
  if (url.username !== '' || url.password !== '')
    throw new InvalidInput('holds a user or a password: make an address that is presigned, or download the table');
  return url;
}

async function followed(first: URL, headers: { [name: string]: string }, signal: AbortSignal): Promise<Response> {
  let url = first;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const answer = await fetch(url, { headers, signal, redirect: 'manual' }).catch((error) => {
      // without what was thrown, which may hold the address
      const why = (error as { cause?: { code?: string } }).cause?.code ?? 'no connection';
      throw new InvalidInput(`the server does not answer (${why}): check the address and the network`);
    });
    const to = answer.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(answer.status) || to === null) return answer;
    await answer.body?.cancel();
    const next = urlOf(URL.canParse(to, url) ? new URL(to, url).href : to);
    if (url.protocol === 'https:' && next.protocol === 'http:')
      throw new InvalidInput('is led from https to http, where the table could be changed on its way: download it');
    url = next;
  }
  throw new InvalidInput(`is led on more than ${MAX_REDIRECTS} times: give the address where it ends`);
}

/** @throws InvalidInput with the status and the remedy, DamagedFile if the table is no longer what it was */
function requireSuccess({ status }: Response): void {
  if (status === 200 || status === 206) return;
  if (status === 412 || status === 416) throw changed();
  const why =
    status === 404 || status === 410
      ? 'there is nothing at this address: check its path'
      : status === 401 || status === 403
        ? 'the server refuses: if the address is presigned, it may have expired, so make a new one'
        : status === 429 || status >= 500
          ? 'the server cannot answer now: try again later'
          : 'the server does not send the table: check the address';
  throw new InvalidInput(`${why} (HTTP status ${status})`);
}

/** The error that a table is replaced while it is read. */
export const changed = (): DamagedFile =>
  new DamagedFile('changed while it was read: read it again when nothing writes to it');

async function* piecesOfBody({ body }: Response, received: () => void): AsyncGenerator<Uint8Array> {
  const pieces = body?.getReader();
  try {
    for (;;) {
      const next = await pieces?.read().catch(() => {
        throw new DamagedFile('the connection ended before the table did: read it again');
      });
      if (!next || next.done) return;
      received();
      yield next.value;
    }
  } finally {
    await pieces?.cancel().catch(() => {});
  }
}
