import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test:
    mode === 'end-to-end' // what needs Debian's packages: `npm run end-to-end`; one file after another, as daemons must be answered in time
      ? { dir: 'src', include: ['**/*.e2e.ts'], fileParallelism: false, testTimeout: 900_000, hookTimeout: 60_000 }
      : { dir: 'src', testTimeout: 30_000, hookTimeout: 60_000, maxWorkers: Math.max(2, availableParallelism() - 1) }, // on busy cores, too
}));
