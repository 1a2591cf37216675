import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { DamagedFile, InvalidInput } from '../errors';
import type { WorkOptions } from '../work/work';
import { signersIn } from './allowed-signers';
import { inOrderOfNames } from './message-files';
import { bytesOf } from './read-bytes';
import { printable } from './untrusted';

/** Whose messages are believed to be theirs. */
export interface SignatureOptions extends WorkOptions {
  /** an allowed_signers file of OpenSSH: a name and a public key in each line */
  readonly signers: string;
  /** what messages are signed for, `-n` of `ssh-keygen -Y sign`: one of another name is a replay */
  readonly signingName: string;
}

/** Messages with valid signatures, one of each signer, and the others. */
export interface SignedMessages {
  /** in order of the files' names, with the SHA-256 of the bytes that were signed */
  readonly signed: readonly {
    /** the file of the message */
    readonly file: string;
    /** who signed it */
    readonly signer: string;
    /** its SHA-256, in hexadecimal digits */
    readonly digest: string;
  }[];
  /** files that are nobody's message, with the reason */
  readonly refused: readonly {
    /** the file */
    readonly name: string;
    /** why it is nobody's message */
    readonly reason: string;
  }[];
  /** all signers, of whom those have sent nothing that no message is of */
  readonly signers: readonly string[];
  /** the signers of whom there is no message */
  readonly missing: readonly string[];
}

/** Larger signatures are none: those of OpenSSH have less than 8 kB. */
const MOST_SIGNATURE_BYTES = 2 ** 16;
/** More bytes than any message has that is honest. */
const MOST_BYTES = 2 ** 26;
const IDLE_SECONDS = 5;
/** `ssh-keygen` takes hundredths of a second. */
const MOST_MILLISECONDS = 60_000;

/**
 * Finds whose message each file is by its signature FILE.sig, which `ssh-keygen -Y sign -f KEY -n NAME FILE` makes, and sets aside, with
 * the reason, files without a valid one. Names of files and machines prove nothing: without signatures, one liar can send many
 * messages, and have the majority. Of several messages of one signer, the first by the file's name counts.
 * @param files paths of messages
 * @param options who may sign, and for what
 * @returns the messages, for `readEstimates` with `digests`, what is set aside, and who sent nothing
 * @throws InvalidInput if the signers cannot be read, or `ssh-keygen` is missing or older than OpenSSH 8.2; the signal's reason when it aborts
 * @example
 * import { execFileSync } from 'node:child_process';
 * import { readFileSync, writeFileSync } from 'node:fs';
 * execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', 'key-of-north']);
 * execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-f', 'key-of-north', '-n', 'dfmr', 'machine-0.json']);
 * writeFileSync('signers', `north ${readFileSync('key-of-north.pub', 'utf8')}`);
 * const { signed } = await verifySignatures(['machine-0.json'], { signers: 'signers', signingName: 'dfmr' });
 * signed[0].signer; // 'north'
 */
export async function verifySignatures(files: readonly string[], options: SignatureOptions): Promise<SignedMessages> {
  const { signers: list, signingName, signal, onProgress } = options;
  if (!/^[^\p{C}\s]+$/u.test(signingName))
    throw new InvalidInput(
      `the signing name is ${JSON.stringify(signingName)}: give one word, a new one for each round`,
    );
  const signers = signersIn(list);
  const named = inOrderOfNames(files);
  const found = new Array<Verified>(named.length);
  const waiting = named.entries();
  let done = 0;
  const lane = async () => {
    for (const [i, file] of waiting) {
      signal?.throwIfAborted();
      found[i] = await verified(file, { list, signingName, signal });
      onProgress?.({ stage: 'verifying signatures', done: ++done, total: named.length });
    }
  };
  await Promise.all(Array.from({ length: Math.min(named.length, availableParallelism()) }, lane));
  const first = new Map<string, string>();
  const refused: { name: string; reason: string }[] = [];
  const signed = named.flatMap((file, i) => {
    const one = found[i];
    const before = 'signer' in one ? first.get(one.signer) : undefined;
    if ('signer' in one && before === undefined) {
      first.set(one.signer, file);
      return [{ file, ...one }];
    }
    const reason =
      'reason' in one ? one.reason : `${printable(one.signer)} signed ${printable(before ?? '')} too, which counts`;
    refused.push({ name: file, reason });
    return [];
  });
  return { signed, refused, signers, missing: signers.filter((signer) => !first.has(signer)) };
}

type Verified = { readonly signer: string; readonly digest: string } | { readonly reason: string };

/** Who signed a file, or why that is not known. */
async function verified(
  file: string,
  { list, signingName, signal }: { readonly list: string; readonly signingName: string; readonly signal?: AbortSignal },
): Promise<Verified> {
  const signature = path.resolve(`${file}.sig`);
  const about = statSync(signature, { throwIfNoEntry: false });
  if (!about)
    return {
      reason: `it is not signed: there is no ${printable(path.basename(signature))}, which ssh-keygen -Y sign -f KEY -n ${signingName} makes`,
    };
  if (!about.isFile() || about.size > MOST_SIGNATURE_BYTES) return { reason: 'its .sig file is no signature' };
  if (/\.(jsonl|ndjson)$/i.test(file)) return { reason: 'it holds messages of many: each signs a file of its own' };
  try {
    const bytes = await bytesOf(file, { maximum: MOST_BYTES, idleSeconds: IDLE_SECONDS, signal });
    const about = ['-s', signature, '-f', path.resolve(list)];
    const finding = await sshKeygen(['-Y', 'find-principals', ...about], undefined, signal);
    const [signer] = finding.out.split(/\r?\n/);
    if (finding.failed || !signer) return { reason: notFound(finding.said) };
    const verifying = await sshKeygen(['-Y', 'verify', '-I', signer, '-n', signingName, ...about], bytes, signal);
    if (verifying.failed) return { reason: notValid(verifying.said, signer, signingName) };
    return { signer, digest: createHash('sha256').update(bytes).digest('hex') };
  } catch (error) {
    if (error instanceof DamagedFile) return { reason: printable(error.message) };
    throw error;
  }
}

function notFound(said: string): string {
  if (/parse signature|armor|read signature|incomplete/i.test(said))
    return `its signature cannot be read (${said}): sign it again`;
  const when = /expired|not yet valid/i.test(said) ? ` at this time (${said})` : '';
  return `its signature is by a key of none of the signers${when}`;
}

function notValid(said: string, signer: string, signingName: string): string {
  const by = `the signature of ${printable(signer)}`;
  if (/namespace/i.test(said)) return `${by} is for another name than ${signingName}: it was sent at another time`;
  if (/incorrect signature/i.test(said)) return `${by} is of other bytes: it was changed after it was signed`;
  return `${by} is not valid (${said})`;
}

/** Runs `ssh-keygen`, not through a shell: no name of a file is ever a command. */
function sshKeygen(
  words: readonly string[],
  input: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly failed: boolean; readonly out: string; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: MOST_MILLISECONDS, encoding: 'utf8', windowsHide: true } as const;
    const child = execFile('ssh-keygen', words, options, (error, out, text) => {
      if (signal?.aborted) return reject(signal.reason);
      if (error?.code === 'ENOENT')
        return reject(
          new InvalidInput(
            'ssh-keygen, which verifies signatures, is not found: install OpenSSH (openssh-client on Debian and Ubuntu), or see that PATH has it',
          ),
        );
      if (/unknown option|illegal option|unsupported operation|^usage:/im.test(text))
        return reject(new InvalidInput('this ssh-keygen cannot verify signatures: OpenSSH 8.2 or later is needed'));
      const [said = 'ssh-keygen says nothing'] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
      resolve({ failed: error !== null, out, said: printable(said) });
    });
    child.stdin?.on('error', () => {}); // of a program that ends before it has read all
    child.stdin?.end(input);
  });
}
