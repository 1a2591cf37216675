import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signersIn } from './allowed-signers';
import { readEstimates } from './screen';
import { verifySignatures } from './signatures';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-signatures-'));
const at = (file: string) => path.join(folder, file);
const { PATH } = process.env;
beforeAll(() => {
  mkdirSync(at('bin'));
  copyFileSync(path.join(__dirname, 'ssh-keygen.fixture.cjs'), at('bin/ssh-keygen'));
  chmodSync(at('bin/ssh-keygen'), 0o755);
  process.env.PATH = `${at('bin')}${path.delimiter}${PATH}`;
});
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

/** Writes a message and its signature. */
function send(name: string, signature: object | string | undefined, text = name): string {
  writeFileSync(at(name), text);
  if (typeof signature === 'string') writeFileSync(at(`${name}.sig`), signature);
  else if (signature) {
    const hash = createHash('sha256').update(text).digest('hex');
    writeFileSync(at(`${name}.sig`), JSON.stringify({ namespace: 'ward-1', hash, ...signature }));
  }
  return at(name);
}

function allowed(...lines: string[]): string {
  writeFileSync(at('allowed'), `${lines.join('\n')}\n`);
  return at('allowed');
}

const line = (name: string) => `${name}@h ssh-ed25519 KEY-${name}`;
const verify = (files: readonly string[], lines: readonly string[] = ['ann', 'bob', 'cid', 'dan'].map(line)) =>
  verifySignatures(files, { signers: allowed(...lines), signingName: 'ward-1' });

describe('verifySignatures', () => {
  it('finds the message of each signer, and sets aside all others with their reasons', async () => {
    const files = [
      send('a.json', { key: 'KEY-ann' }),
      send('b2.json', { key: 'KEY-bob' }),
      send('b10.json', { key: 'KEY-bob' }),
      send('eve.json', { key: 'KEY-eve' }),
      send('other.json', { key: 'KEY-cid', namespace: 'ward-0' }),
      send('changed.json', { key: 'KEY-cid', hash: '0' }),
      send('unsigned.json', undefined),
      send('torn.json', 'not a signature'),
      send('many.jsonl', { key: 'KEY-dan' }),
      send('large.json', 'x'.repeat(70_000)),
    ];
    const { signed, refused, signers, missing } = await verify([...files].reverse());
    expect(signed.map(({ file, signer }) => [path.basename(file), signer])).toEqual([
      ['a.json', 'ann@h'],
      ['b2.json', 'bob@h'],
    ]);
    expect(signed[0].digest).toBe(createHash('sha256').update('a.json').digest('hex'));
    expect(signers).toEqual(['ann@h', 'bob@h', 'cid@h', 'dan@h']);
    expect(missing).toEqual(['cid@h', 'dan@h']);
    const reasons = Object.fromEntries(refused.map(({ name, reason }) => [path.basename(name), reason]));
    expect(reasons).toEqual({
      'b10.json': `bob@h signed ${at('b2.json')} too, which counts`,
      'eve.json': 'its signature is by a key of none of the signers',
      'other.json': 'the signature of cid@h is for another name than ward-1: it was sent at another time',
      'changed.json': 'the signature of cid@h is of other bytes: it was changed after it was signed',
      'unsigned.json':
        'it is not signed: there is no unsigned.json.sig, which ssh-keygen -Y sign -f KEY -n ward-1 makes',
      'torn.json': "its signature cannot be read (Couldn't parse signature: missing header): sign it again",
      'many.jsonl': 'it holds messages of many: each signs a file of its own',
      'large.json': 'its .sig file is no signature',
    });
  });

  it('takes no name of a file for a command or a flag', async () => {
    const names = [`-n x; touch ${at('hacked')} #.json`, '$(touch hacked).json', '--help.json', 'a\nb.json'];
    const files = names.map((name) => send(name.replaceAll('/', '_'), { key: 'KEY-ann' }));
    const { signed, refused } = await verify(files);
    expect([signed.length, refused.length]).toEqual([1, 3]);
    expect(existsSync(at('hacked'))).toBe(false);
  });

  it('lets the door see to it that what was verified is what is read', async () => {
    const file = send('late.json', { key: 'KEY-ann' });
    const { signed } = await verify([file]);
    writeFileSync(file, 'other');
    const digests = new Map(signed.map((one) => [one.file, one.digest]));
    await expect(readEstimates([file], { digests })).rejects.toThrow(
      /late.json": it was changed after its signature was verified: aggregate again/,
    );
  });

  it('says what is missing where there is no ssh-keygen, or an old one', async () => {
    const file = send('a.json', { key: 'KEY-ann' });
    const before = process.env.PATH;
    try {
      process.env.PATH = at('nowhere');
      await expect(verify([file])).rejects.toThrow(
        /^ssh-keygen, which verifies signatures, is not found: install OpenSSH/,
      );
      mkdirSync(at('old'));
      writeFileSync(at('old/ssh-keygen'), '#!/bin/sh\necho "ssh-keygen: illegal option -- Y" >&2\nexit 1\n');
      chmodSync(at('old/ssh-keygen'), 0o755);
      process.env.PATH = at('old');
      await expect(verify([file])).rejects.toThrow(/OpenSSH 8.2 or later is needed/);
    } finally {
      process.env.PATH = before;
    }
  });

  it('ends when it is aborted, and refuses a signing name that is none', async () => {
    const files = Array.from({ length: 50 }, (_, i) => send(`${i}.json`, { key: 'KEY-ann' }));
    const signal = AbortSignal.timeout(1);
    const options = { signers: allowed(line('ann')), signingName: 'ward-1', signal };
    await expect(verifySignatures(files, options)).rejects.toThrow(/timeout/i);
    await expect(verifySignatures(files, { ...options, signingName: 'a b' })).rejects.toThrow(/signing name is "a b"/);
  });
});

describe('signersIn', () => {
  it('reads names and keys as OpenSSH does', () => {
    const file = allowed(
      '# hospitals',
      '',
      'ann@h ssh-ed25519 AAAA1 her laptop',
      '"Bob Bee" namespaces="ward-1,ward 2",valid-before="20300101" ecdsa-sha2-nistp256 AAAA2',
      'ann@h sk-ssh-ed25519@openssh.com AAAA3',
    );
    expect(signersIn(file)).toEqual(['ann@h', 'Bob Bee']);
  });

  it.each([
    ['*@h ssh-ed25519 A', /line 1 of .*allowed is for \*@h: each signer has one vote/],
    ['ann@h,bob@h ssh-ed25519 A', /is for ann@h,bob@h: each signer has one vote/],
    ['ann@h cert-authority ssh-ed25519 A', /is a certificate authority/],
    ['ann@h ssh-ed25519 A\nbob@h ssh-ed25519 A', /line 2 of .*gives bob@h the key of ann@h, who would have two votes/],
    ['ssh-ed25519 AAAA ann@h', /line 1 of .*is not a name and a public key/],
    ['ann@h', /is not a name and a public key/],
    ['# none', /names no signers/],
  ])('refuses %j', (text, message) => {
    expect(() => signersIn(allowed(text))).toThrow(message);
  });

  it('says that the file cannot be read', () => {
    expect(() => signersIn(at('gone'))).toThrow(/the signers .*gone cannot be read/);
  });
});
