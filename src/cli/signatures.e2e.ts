import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { estimateToJSON } from '../messages/estimate-file';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';

// Real keys and signatures of OpenSSH: Debian's openssh-client.

const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const at = (file: string) => path.join(cwd, file);
const sshKeygen = (...words: string[]) => execFileSync('ssh-keygen', words, { cwd, stdio: 'pipe' });
const aggregate = (...words: string[]) =>
  spawnSync(process.execPath, [COMMAND, 'aggregate', ...words], { cwd, encoding: 'utf8' });

const truth = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [9]], covariances: [[[1]], [[1]]] });
const names = Array.from({ length: 11 }, (_, i) => `ward-${i}`);

function send(folder: string, name: string, key = name, namespace = 'mixture-1'): void {
  sshKeygen('-q', '-Y', 'sign', '-f', key, '-n', namespace, `${folder}/${name}.json`);
}

it('believes OpenSSH who signed what', () => {
  mkdirSync(at('in'));
  const allowed = names.map((name, i) => {
    sshKeygen('-q', '-t', i === 1 ? 'ecdsa' : 'ed25519', '-N', '', '-f', name);
    const [type, key] = readFileSync(at(`${name}.pub`), 'utf8').split(' ');
    return i === 2 ? `"${name}" namespaces="mixture-1" ${type} ${key}` : `${name} ${type} ${key}`;
  });
  writeFileSync(at('allowed'), `# the wards\n${allowed.join('\n')}\n`);
  sshKeygen('-q', '-t', 'ed25519', '-N', '', '-f', 'stranger');
  names.forEach((name, i) => {
    const estimate = estimateToJSON(fit(sample(truth, 200, i).data, { order: 2, seed: 1 }), { machine: name });
    writeFileSync(at(`in/${name}.json`), JSON.stringify(estimate));
    if (i === 6) send('in', name, name, 'mixture-0');
    else if (i !== 7) send('in', name);
  });
  appendFileSync(at('in/ward-8.json'), ' ');
  copyFileSync(at('in/ward-0.json'), at('in/zz.json'));
  send('in', 'zz', 'ward-0');
  copyFileSync(at('in/ward-0.json'), at('in/a.json'));
  send('in', 'a', 'stranger');
  writeFileSync(at('in/ward-9.json.sig'), 'torn');
  const words = ['in', '--signers', 'allowed', '--signing-name', 'mixture-1'];
  const { status, stdout, stderr } = aggregate(...words, '-o', 'mixture.json');
  expect(stderr.trim().split('\n')).toEqual([
    'in/a.json is set aside: its signature is by a key of none of the signers',
    'in/ward-6.json is set aside: the signature of ward-6 is for another name than mixture-1: it was sent at another time',
    'in/ward-7.json is set aside: it is not signed: there is no ward-7.json.sig, which ssh-keygen -Y sign -f KEY -n mixture-1 makes',
    'in/ward-8.json is set aside: the signature of ward-8 is of other bytes: it was changed after it was signed',
    expect.stringMatching(/^in.ward-9.json is set aside: its signature cannot be read \(Couldn't parse signature/),
    'in/zz.json is set aside: ward-0 signed in/ward-0.json too, which counts',
    ...[6, 7, 8, 9].map((i) => `ward-${i} is set aside: no message with a valid signature came of this signer`),
  ]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^4 of 11 machines sent nothing\.$/m);
  expect(stdout).toMatch(/^7 of 7 machines are kept/m);
  for (const i of [0, 1]) rmSync(at(`in/ward-${i}.json`));
  rmSync(at('in/zz.json'));
  const refused = aggregate(...words, '-o', 'x.json');
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringMatching(/^dfmr: 5 of 11 signers sent a message/)]);
  expect(existsSync(at('x.json'))).toBe(false);
});
