import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';

/** What changes its process for the files that come after it: modules, globals, the environment, the folder, registries. */
const LASTING =
  /\bvi\.(mock|stub\w+|resetModules)\(|spyOn\((process|WebAssembly|console)\b|\bregister(Family|Distance|Rule|Failure|TableFormat)\(|\bprocess\.(chdir\(|env\.\w+ = )|\bloadModule\(/;
const alone = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && LASTING.test(readFileSync(`src/${file}`, 'utf8')))
  .map((file) => file.replaceAll('\\', '/'));

export default defineConfig(({ mode }) => ({
  test:
    mode === 'end-to-end' // what needs Debian's packages: `npm run end-to-end`; one file after another, as daemons must be answered in time
      ? { dir: 'src', include: ['**/*.e2e.ts'], fileParallelism: false, testTimeout: 900_000, hookTimeout: 60_000 }
      : {
          ...{ dir: 'src', testTimeout: 240_000, hookTimeout: 240_000 }, // only what hangs takes so long, on busy cores too
          maxWorkers: Math.max(2, availableParallelism() - 1),
          // The files of a process load and compile what they test once; one after another, as a process is kept only for its own kind.
          projects: [
            { extends: true, test: { name: 'alone', include: alone, sequence: { groupOrder: 0 } } },
            {
              extends: true,
              test: {
                ...{ name: 'together', isolate: false, exclude: [...configDefaults.exclude, ...alone] },
                sequence: { groupOrder: 1 },
              },
            },
          ],
        },
}));
