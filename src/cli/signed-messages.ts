import { InvalidInput, NoCentre } from '../errors';
import { verifySignatures } from '../messages/signatures';
import { printable } from '../messages/untrusted';
import { progress } from './output';

/** The flags that say whose messages are believed to be theirs. */
export interface SignerFlags {
  readonly expect?: number;
  readonly signers?: string;
  readonly signingName?: string;
}

/** Messages that may be read, and those that may not. */
export interface BelievedMessages {
  readonly files: readonly string[];
  /** how many machines there are, if that is known */
  readonly expected?: number;
  /** what the bytes of each file must be */
  readonly digests?: ReadonlyMap<string, string>;
  /** who signed each file */
  readonly signerOf: ReadonlyMap<string, string>;
  /** files without a valid signature, and signers of whom there is no message */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * The messages of those who may send one; all, if nobody says who may.
 * @throws NoCentre if no majority of the signers sent one
 */
export async function believedMessages(
  files: readonly string[],
  { expect, signers: list, signingName }: SignerFlags,
  signal: AbortSignal,
): Promise<BelievedMessages> {
  if ((list === undefined) !== (signingName === undefined))
    throw new InvalidInput('--signers and --signing-name belong together: who may sign, and for what');
  if (list === undefined || signingName === undefined)
    return { files, ...(expect !== undefined && { expected: expect }), signerOf: new Map(), refused: [] };
  const options = { signers: list, signingName, signal, onProgress: progress() };
  const { signed, refused: unsigned, signers, missing } = await verifySignatures(files, options);
  const silent = missing.map((name) => ({ name, reason: 'no message with a valid signature came of this signer' }));
  const expected = expect ?? signers.length;
  const refused = [...unsigned, ...(expected >= signers.length ? silent : [])];
  if (2 * signed.length <= expected) {
    const some = refused.slice(0, 3).map(({ name, reason }) => `"${printable(name, 120)}": ${reason}`);
    const more = refused.length > 3 ? [`and ${refused.length - 3} more`] : [];
    throw new NoCentre(
      `${signed.length} of ${expected} signers sent a message with a valid signature: without more than half there is nothing to trust. ${[...some, ...more].join('; ')}`,
    );
  }
  return {
    files: signed.map(({ file }) => file),
    expected,
    digests: new Map(signed.map(({ file, digest }) => [file, digest])),
    signerOf: new Map(signed.map(({ file, signer }) => [file, signer])),
    refused,
  };
}
