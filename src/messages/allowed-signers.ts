import { readFileSync } from 'node:fs';
import { InvalidInput, messageOf } from '../errors';
import { printable } from './untrusted';

const KEY_TYPE = /^(ssh|ecdsa|sk-ssh|sk-ecdsa|rsa)-[\w.@-]+$/;

/**
 * The signers of an allowed_signers file of OpenSSH, each of whom has one vote, and so a key of its own.
 * @param file its path
 * @returns their names (OpenSSH calls them principals), each once, in the file's order
 * @throws InvalidInput if the file cannot be read, a line is no name and key, a name is a pattern or a list, or two signers share a key
 */
export function signersIn(file: string): readonly string[] {
  const owners = new Map<string, string>();
  textOf(file)
    .split(/\r?\n/)
    .forEach((line, i) => {
      if (line.trim() === '' || line.trim().startsWith('#')) return;
      const where = `line ${i + 1} of ${file}`;
      const { signer, options, key } = parsed(line, where);
      if (/[,*?!]/.test(signer))
        throw new InvalidInput(
          `${where} is for ${printable(signer)}: each signer has one vote, so write one name, no list and no pattern`,
        );
      if (/(^|,)cert-authority(,|$)/i.test(options))
        throw new InvalidInput(`${where} is a certificate authority: write the key of each signer`);
      const other = owners.get(key);
      if (other !== undefined && other !== signer)
        throw new InvalidInput(
          `${where} gives ${printable(signer)} the key of ${printable(other)}, who would have two votes: each needs a key of its own`,
        );
      owners.set(key, signer);
    });
  if (owners.size === 0) throw new InvalidInput(`${file} names no signers: write a name and a public key in each line`);
  return [...new Set(owners.values())];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InvalidInput(`the signers ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** A line: names, perhaps in double quotes, perhaps options, a kind of key, the key, perhaps a comment. */
function parsed(line: string, where: string): { signer: string; options: string; key: string } {
  const words: readonly string[] = line.trim().match(/(?:[^\s"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  const at = words.findIndex((word) => KEY_TYPE.test(word));
  if (!(at === 1 || at === 2) || words.length <= at + 1)
    throw new InvalidInput(
      `${where} is not a name and a public key: write, for example, alice@hospital.org ssh-ed25519 AAAA…`,
    );
  return { signer: words[0].replace(/^"(.*)"$/, '$1'), options: at === 2 ? words[1] : '', key: words[at + 1] };
}
