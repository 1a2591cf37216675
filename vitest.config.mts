import { defineConfig } from 'vitest/config';

export default defineConfig(({ mode }) => ({
  test:
    mode === 'end-to-end' // what needs Jupyter and Chromium: `npm run end-to-end`
      ? { dir: 'src', include: ['**/*.e2e.ts'], testTimeout: 900_000, hookTimeout: 60_000 }
      : { dir: 'src', testTimeout: 30_000 }, // on busy cores, too
}));
