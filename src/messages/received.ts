import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import {
  checkedEstimate,
  type EstimateJSON,
  type ExpertsEstimateJSON,
  isOfExperts,
  type LocalEstimate,
} from './estimate-file';
import { responsesIn } from './experts-estimate';
import { bytesOf, eachLine, type Reading, requireDigest, requireSize } from './read-bytes';
import { parseUntrusted, printable } from './untrusted';

// What becomes of one message at the door, before it is compared with others.

/** The checked JSON of an estimate. */
export type Checked = EstimateJSON | ExpertsEstimateJSON;

/** The form of an estimate, which those that are aggregated share; of experts `family` is their law and how many responses they have. */
export type Shape = Pick<EstimateJSON, 'family' | 'order' | 'dimension' | 'categories'>;

/** The form that an estimate has. */
export function shapeOf(json: Checked): Shape {
  const { order, dimension } = json;
  if (!isOfExperts(json)) return { family: json.family, order, dimension, categories: json.categories };
  const q = responsesIn(json.experts);
  const family = `${json.experts.law} experts${q > 1 ? ` of ${q} responses` : ''}`;
  return { family, order, dimension, categories: undefined };
}

/** A message on its way through the door: its estimate, or why it has none. */
export interface Received {
  readonly name: string;
  readonly json?: Checked;
  readonly estimate?: LocalEstimate;
  readonly reason?: string;
}

/** The checked JSON of a message. */
export function received(text: string | Uint8Array, asked: Partial<Shape>): Partial<Received> {
  return { json: ofTheShape(checkedEstimate(parseUntrusted(text)), asked) };
}

/** Takes a message one step further; a message that fails there, in whatever way, is refused. */
export function step(one: Received, next: (one: Received) => Partial<Received>): Received {
  if (one.reason !== undefined) return one;
  try {
    return { ...one, ...next(one) };
  } catch (error) {
    return failedIn(one.name)(error as Error);
  }
}

/** A message that is refused, with the reason. */
export const failedIn =
  (name: string) =>
  (error: Error): Received => ({ name, reason: printable(error.message) });

/** @throws InvalidInput if the estimate has another family, order or dimension than the given ones */
export function ofTheShape(json: Checked, shape: Partial<Shape>): Checked {
  const own = shapeOf(json);
  for (const key of ['family', 'order', 'dimension'] as const)
    if (shape[key] !== undefined && own[key] !== shape[key])
      throw new InvalidInput(`its ${key} is ${own[key]}, but that of the estimates is ${shape[key]}`);
  if ('categories' in shape && JSON.stringify(own.categories) !== JSON.stringify(shape.categories))
    throw new InvalidInput(
      `its categories are ${described(own.categories)}, not those of the estimates: code them alike`,
    );
  return json;
}

/** The names of files that hold a message in each line. */
const LINES = /\.(jsonl|ndjson)$/i;

/** The messages in the lines of a file; what cannot be read of it is one more, which is refused. */
async function receivedLines(file: string, reading: Reading, asked: Partial<Shape>): Promise<Received[]> {
  const all: Received[] = [];
  const ended = eachLine(file, reading, ({ number, size, bytes }) => {
    all.push(
      step({ name: `${file}:${number}` }, () => {
        requireSize(size, reading.maximum);
        return received(bytes as Uint8Array, asked);
      }),
    );
  });
  await ended.catch((error) => all.push(failedIn(file)(error)));
  return all.length > 0 ? all : [step({ name: file }, () => received('', asked))];
}

/**
 * The message of a file, or those of its lines.
 * @param digest of the bytes whose signature was verified: what was signed is one message
 */
export async function receivedFile(
  name: string,
  reading: Reading,
  { asked, digest }: { readonly asked: Partial<Shape>; readonly digest?: string },
): Promise<Received[]> {
  if (LINES.test(name) && digest === undefined) return receivedLines(name, reading, asked);
  const next = (text: Uint8Array) =>
    step({ name }, () => {
      requireDigest(text, digest);
      return received(text, asked);
    });
  return [await bytesOf(name, reading).then(next, failedIn(name))];
}
