// WebAssembly has no types without those of the browser.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

const modules = new Map<string, object | undefined>();

/** A new instance of a kernel's module, with memory of its own; undefined where the machine cannot run it. */
export function instanceOf<Exports>(base64: string): Exports | undefined {
  if (!modules.has(base64)) {
    const bytes = Buffer.from(base64, 'base64');
    const able = typeof WebAssembly === 'object' && WebAssembly.validate(bytes);
    modules.set(base64, able ? new WebAssembly.Module(bytes) : undefined);
  }
  const module = modules.get(base64);
  return module && (new WebAssembly.Instance(module).exports as Exports);
}
