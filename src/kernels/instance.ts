// WebAssembly has no types without those of the browser.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const modules = new Map<readonly string[], object | undefined>();

/**
 * A new instance of a kernel's module, with memory of its own, from the first of its builds (base64) that the engine knows the
 * instructions of; undefined if it knows none.
 */
export function instanceOf<Exports>(builds: readonly string[]): Exports | undefined {
  if (!modules.has(builds)) {
    const able = typeof WebAssembly === 'object' ? builds.map(bytesOf).find(WebAssembly.validate) : undefined;
    modules.set(builds, able && new WebAssembly.Module(able));
  }
  const module = modules.get(builds);
  return module && (new WebAssembly.Instance(module).exports as Exports);
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
