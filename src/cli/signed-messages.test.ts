import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { estimateToJSON } from '../messages/estimate-file';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { commandIn } from './command.fixture';

const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const at = (file: string) => path.join(cwd, file);
mkdirSync(at('bin'));
copyFileSync(path.join(__dirname, '../messages/ssh-keygen.fixture.cjs'), at('bin/ssh-keygen'));
chmodSync(at('bin/ssh-keygen'), 0o755);
const dfmr = commandIn(cwd, { PATH: `${at('bin')}${path.delimiter}${process.env.PATH}` });
const json = (file: string) => JSON.parse(readFileSync(at(file), 'utf8'));

function sign(file: string, key: string, namespace = 'ward-1'): void {
  const hash = createHash('sha256')
    .update(readFileSync(at(file)))
    .digest('hex');
  writeFileSync(at(`${file}.sig`), JSON.stringify({ key, namespace, hash }));
}

const truth = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [9]], covariances: [[[1]], [[1]]] });
const fits = Array.from({ length: 6 }, (_, i) => fit(sample(truth, 200, i).data, { order: 2, seed: 1 }));
const text = (i: number) => JSON.stringify(estimateToJSON(fits[i], { machine: `machine ${i}` }));
const names = ['ann', 'bob', 'cid', 'dan', 'eva'];
writeFileSync(at('allowed'), names.map((name) => `${name}@h ssh-ed25519 KEY-${name}\n`).join(''));
mkdirSync(at('in'));
names.slice(0, 4).forEach((name, i) => {
  writeFileSync(at(`in/${name}.json`), text(i));
  sign(`in/${name}.json`, `KEY-${name}`);
});
const elsewhere = gaussianMixture({ weights: [0.5, 0.5], means: [[50], [59]], covariances: [[[1]], [[1]]] });
for (let i = 0; i < 9; i++) {
  const lie = fit(sample(elsewhere, 200, `lie ${i}`).data, { order: 2, seed: 1 });
  writeFileSync(at(`in/forged-${i}.json`), JSON.stringify(estimateToJSON(lie, { machine: `forged ${i}` })));
  sign(`in/forged-${i}.json`, 'KEY-mallory');
}
const signers = ['--signers', 'allowed', '--signing-name', 'ward-1'];

describe('dfmr aggregate --signers', () => {
  it('lets each signer have one vote, and counts those of whom nothing came', async () => {
    const { status, ...told } = await dfmr(
      'aggregate',
      'in',
      ...signers,
      '-o',
      'mixture.json',
      '--report',
      'report.html',
    );
    const { stderr, stdout } = { ...told, stdout: told.stdout.replace('report.html: the report\n', '') };
    expect(status).toBe(0);
    expect(stderr.trim().split('\n')).toEqual([
      ...Array.from(
        { length: 9 },
        (_, i) => `in/forged-${i}.json is set aside: its signature is by a key of none of the signers`,
      ),
      'eva@h is set aside: no message with a valid signature came of this signer',
    ]);
    expect(stdout).toMatch(/^1 of 5 machines sent nothing\.$/m);
    expect(stdout).toMatch(/^4 of 4 machines are kept/m);
    const expecting = await dfmr('aggregate', 'in', ...signers, '--expect', '5', '-o', 'expected.json');
    expect([expecting.stderr, expecting.stdout]).toEqual([stderr, stdout.replace('mixture.json', 'expected.json')]);
    const { machines } = json('mixture.json');
    expect(machines[0]).toMatchObject({ machine: 'in/ann.json (ann@h)', verdict: 'kept' });
    expect(machines.length).toBe(4 + 9 + 1);
    const report = readFileSync(at('report.html'), 'utf8');
    for (const name of ['ann (ann@h)', 'dan (dan@h)', 'forged-8', 'eva@h']) expect(report).toContain(`>${name}</td>`);
    expect(report).not.toMatch(/\bin.(ann|forged)/);
    const alone = await dfmr('aggregate', 'in', '-o', 'fooled.json');
    expect(alone.status).toBe(0); // without signatures, nine of thirteen lie together
    expect(json('fooled.json').mixture.parameters[0].mean[0]).toBeGreaterThan(40);
  });

  it('refuses where half or more of the signers sent nothing that is theirs', async () => {
    const few = ['in/ann.json', 'in/bob.json', 'in/forged-0.json'];
    const { status, stdout, stderr } = await dfmr('aggregate', ...few, ...signers, '-o', 'x.json');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^dfmr: 2 of 5 signers sent a message with a valid signature: without more than half there is nothing to trust. "in.forged-0.json": its signature is by/,
    );
    expect((await dfmr('aggregate', ...few, ...signers, '--expect', '3', '-o', 'three.json')).status).toBe(0);
    expect((await dfmr('aggregate', 'in', '--signers', 'allowed', '-o', 'x.json')).stderr).toMatch(
      /--signing-name belong together/,
    );
    const other = ['--signers', 'allowed', '--signing-name', 'ward-2'];
    expect((await dfmr('aggregate', 'in', ...other, '-o', 'x.json')).stderr).toMatch(
      /0 of 5 signers sent .*for another name than ward-2/,
    );
    expect(existsSync(at('x.json'))).toBe(false);
  });

  it('knows machines by their signers in rounds', async () => {
    names.slice(0, 4).forEach((name, i) => {
      const { data, rows } = sample(truth, 200, i).data;
      writeFileSync(at(`${name}.csv`), `x\n${[...data.subarray(0, rows)].join('\n')}\n`);
    });
    expect((await dfmr('round', '--start', 'mixture.json', '--rounds', '2', '-o', 'ask-1.json')).status).toBe(0);
    const tables = names.slice(0, 4).map((name) => `${name}.csv`);
    expect((await dfmr('fit', ...tables, '--start', 'ask-1.json', '-o', 'replies')).status).toBe(0);
    for (const name of names.slice(0, 4)) sign(`replies/${name}.json`, `KEY-${name}`);
    writeFileSync(at('replies/ann2.json'), readFileSync(at('replies/bob.json')));
    sign('replies/ann2.json', 'KEY-ann');
    const { status, stderr } = await dfmr(
      'aggregate',
      'replies',
      '--round',
      'ask-1.json',
      ...signers,
      '-o',
      'ask-2.json',
    );
    expect([status, stderr]).toEqual([
      0,
      'replies/ann2.json is set aside: ann@h signed replies/ann.json too, which counts\n' +
        'eva@h is set aside: no message with a valid signature came of this signer\n',
    ]);
    expect(json('ask-2.json').state.machines).toEqual(['ann@h', 'bob@h', 'cid@h', 'dan@h']);
    const few = await dfmr('aggregate', 'replies/ann.json', '--round', 'ask-1.json', ...signers, '-o', 'ask-3.json');
    expect([few.status, few.stderr]).toEqual([1, expect.stringMatching(/^dfmr: 1 of 5 signers sent/)]);
    const silent = await dfmr(
      'aggregate',
      'replies/bob.json',
      'replies/cid.json',
      '--round',
      'ask-1.json',
      '--expect',
      '4',
      '-o',
      'x.json',
    );
    expect([silent.status, silent.stderr]).toEqual([
      1,
      expect.stringMatching(/^dfmr: 2 of 4 machines sent a reply that can be used/),
    ]);
  });
});
