import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // the library is CommonJS, where cephes is ready at once; its ES module is only some time after it was imported
  resolve: { alias: { cephes: createRequire(import.meta.url).resolve('cephes') } },
  test: { dir: 'src', testTimeout: 30_000 }, // on busy cores, too
});
