import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JUPYTER_DISPLAY } from './write-display';

/** Deno as its kernel has it in 2.9: what is sent goes to `sent`. */
function denoKernel(sent: unknown[]) {
  const internal = Symbol('internal');
  const jupyter = {
    broadcastResult: async (count: number, value: object) => {
      const own = (value as { [JUPYTER_DISPLAY]?: () => object } | undefined)?.[JUPYTER_DISPLAY];
      sent.push(['result', count, own ? own() : value]);
    },
  };
  const deno = {
    internal,
    [internal]: { jupyter },
    jupyter: { broadcast: (...message: unknown[]) => void sent.push(message) },
  };
  return { deno, jupyter };
}

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it('shows tables, figures and progress in cells of Deno', async () => {
  const sent: unknown[] = [];
  vi.stubGlobal('Deno', denoKernel(sent).deno);
  const [{ table }, { show }, { progress }] = await Promise.all([
    import('./show-table'),
    import('./show'),
    import('./progress'),
  ]);
  table([{ a: 1 }]);
  show({ data: [], layout: {} }, 'nothing');
  const report = progress('EM');
  report(1, 2);
  report(2, 2);
  const id = expect.stringMatching(/^dfmr-progress-/);
  const message = (text: string, transient: object, metadata = {}) =>
    expect.objectContaining({ data: expect.objectContaining({ 'text/plain': text }), metadata, transient });
  expect(sent).toEqual([
    ['display_data', message('a\n─\n1', {})],
    ['display_data', message('nothing', {})],
    ['display_data', message('EM: 1 of 2', { display_id: id }, { transient: true })],
    ['update_display_data', message('', { display_id: id }, { transient: true })],
  ]);
});

it('shows figures and DataFrames that are the last expression of a cell, and leaves all else to Deno', async () => {
  const sent: unknown[][] = [];
  const { deno, jupyter } = denoKernel(sent);
  vi.stubGlobal('Deno', deno);
  await import('./display');
  vi.resetModules();
  await import('./display'); // as after `reload`: it is repaired once
  const frame = { columns: ['a'], index: [0], values: [[1]] };
  const ends = [{ data: [], layout: {} }, frame, { order: 2 }, undefined].map((value, i) =>
    jupyter.broadcastResult(i, value as object),
  );
  await vi.runAllTimersAsync();
  await Promise.all(ends);
  expect(sent).toEqual([
    ['result', 0, expect.objectContaining({ 'text/plain': 'Figure' })],
    ['result', 1, expect.objectContaining({ 'text/plain': 'a\n─\n1' })],
    ['result', 2, { order: 2 }],
    ['result', 3, undefined],
  ]);
});

it('ends a cell only when what it showed has been sent', async () => {
  const { deno, jupyter } = denoKernel([]);
  vi.stubGlobal('Deno', deno);
  const { display } = await import('./display');
  const lasts = async () => {
    const start = performance.now();
    const end = jupyter.broadcastResult(1, undefined as never).then(() => performance.now() - start);
    await vi.runAllTimersAsync();
    return end;
  };
  const short = await lasts();
  for (let i = 0; i < 100; i++) display({ 'text/plain': 'x'.repeat(10_000) });
  expect(await lasts()).toBeGreaterThan(short + 100);
  expect(await lasts()).toBe(short);
});

it('is silent about Deno outside of its kernel, where the getter throws', async () => {
  const deno = Object.defineProperty({ internal: Symbol('internal') }, 'jupyter', {
    get() {
      throw new Error('Deno.jupyter is only available in `deno jupyter` subcommand');
    },
  });
  vi.stubGlobal('Deno', deno);
  const { inNotebook } = await import('./display');
  expect(inNotebook()).toBe(false);
});
