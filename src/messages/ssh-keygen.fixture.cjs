#!/usr/bin/env node
// Stands in for ssh-keygen where tests must not need it: a signature is JSON of a key, a name and the SHA-256 of the bytes.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');

const words = process.argv.slice(2);
const of = (flag) => words[words.indexOf(flag) + 1];
const fail = (said) => {
  console.error(said);
  process.exit(255);
};
const read = () => {
  try {
    return JSON.parse(readFileSync(of('-s'), 'utf8'));
  } catch {
    return fail("Couldn't parse signature: missing header");
  }
};
const signature = read();
const lines = readFileSync(of('-f'), 'utf8').split('\n');
const names = lines.filter((line) => line.split(/\s+/)[2] === signature.key).map((line) => line.split(/\s+/)[0]);
if (of('-Y') === 'find-principals') {
  if (names.length === 0) fail('No principal matched.');
  console.log(names.join('\n'));
} else {
  const hash = createHash('sha256').update(readFileSync(0)).digest('hex');
  if (!names.includes(of('-I'))) fail('Signature verification failed: key not allowed');
  if (signature.namespace !== of('-n')) fail("Couldn't verify signature: namespace does not match");
  if (signature.hash !== hash) fail('Signature verification failed: incorrect signature');
  console.log(`Good "${of('-n')}" signature for ${of('-I')}`);
}
