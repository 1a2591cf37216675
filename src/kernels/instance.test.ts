import { afterEach, expect, it, vi } from 'vitest';
import { instanceOf } from './instance';
import { dots } from './wasm';

declare const WebAssembly: { validate(bytes: Uint8Array, ...more: unknown[]): boolean };

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What an engine that knows some of the builds is asked. Both are the plain one, which any engine compiles. */
function asked(knows: readonly boolean[], builds = [dots[1], dots[1]]) {
  const validate = vi.spyOn(WebAssembly, 'validate');
  for (const known of knows) validate.mockReturnValueOnce(known);
  const found = instanceOf(builds) !== undefined;
  return { found, questions: validate.mock.calls };
}

const bytes = Uint8Array.from(Buffer.from(dots[1], 'base64'));

it('takes the first build that the engine knows', () => {
  expect(asked([true])).toEqual({ found: true, questions: [[bytes]] });
});

it('asks about one build after another, by its bytes alone: JavaScriptCore takes options beside them', () => {
  expect(asked([false, true])).toEqual({ found: true, questions: [[bytes], [bytes]] });
});

it('has no instance where the engine knows none', () => {
  expect(asked([false, false])).toEqual({ found: false, questions: [[bytes], [bytes]] });
});

it('leaves the build with fused products and sums out under DFMR_FUSED=no', () => {
  vi.stubEnv('DFMR_FUSED', 'no');
  expect(asked([true], [dots[0], dots[1]])).toEqual({ found: true, questions: [[bytes]] });
});
