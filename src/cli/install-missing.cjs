// Installs the packages of package-lock.json if they are not there yet. Plain JavaScript: it runs before anything is built.
const { execSync } = require('node:child_process');
const { statSync } = require('node:fs');

const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

if (modified('node_modules/.package-lock.json') < modified('package-lock.json')) {
  console.log('Installing packages, once …');
  const run = (command) =>
    execSync(`${command} --ignore-scripts --no-audit --no-fund --loglevel=error`, { stdio: 'inherit' });
  run('npm ci');
  run('npm rebuild typescript'); // tslab's compiler has a tsc too, and bare `npx tsc` should be the project's
}
