// WebAssembly has no types without those of the browser.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const modules = new Map<readonly string[], object | undefined>();

/** Whether products and sums may be fused. Node 20 has no such instructions; later engines do without them by DFMR_FUSED=no. */
const mayFuse = (): boolean => globalThis.process?.env?.DFMR_FUSED !== 'no';

/**
 * A new instance of a kernel's module, with memory of its own, from the first of its builds (base64; one with fused products and
 * sums, one without) that the engine knows the instructions of; undefined if it knows none.
 */
export function instanceOf<Exports>(builds: readonly string[]): Exports | undefined {
  if (!modules.has(builds)) {
    const bytes = typeof WebAssembly === 'object' ? able(mayFuse() ? builds : builds.slice(1)) : undefined;
    modules.set(builds, bytes && new WebAssembly.Module(bytes));
  }
  const module = modules.get(builds);
  return module && (new WebAssembly.Instance(module).exports as Exports);
}

const shared = new Map<readonly string[], unknown>();

/** The one instance of a kernel for calls that leave nothing in its memory: a new one costs more than a small call does. */
export function sharedInstanceOf<Exports>(builds: readonly string[]): Exports | undefined {
  if (!shared.has(builds)) shared.set(builds, instanceOf<Exports>(builds));
  return shared.get(builds) as Exports | undefined;
}

/** The first of the builds that the engine knows; `validate` takes options, too, so it is called with the bytes alone. */
const able = (builds: readonly string[]) => builds.map(bytesOf).find((bytes) => WebAssembly.validate(bytes));

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
