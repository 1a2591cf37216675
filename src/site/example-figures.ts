import { createRequire } from 'node:module';
import { transformSync } from 'esbuild';
import type { Figure } from '../figures/figure';

/** What examples of docstrings find without import, beside the library: a mixture, five machines' tables drawn from it, and their fits. */
// biome-ignore lint/suspicious/noExplicitAny: the library as its users load it, built; its types are of rooms above
export function exampleScope(library: any): Record<string, unknown> {
  const truth = library.mixsim({ order: 3, dimension: 2, maximumOverlap: 0.01, seed: 1 });
  const tables = [0, 1, 2, 3, 4].map((machine) => library.sample(truth, 200, machine).data);
  const fits = tables.map((rows) => library.fit(rows, { order: 3 }));
  return { truth, tables, table: tables[0], fits };
}

/** The figures that the examples of figure functions draw: the first call of each, by the name of the function. */
export async function exampleFigures(examples: ReadonlyMap<string, string>): Promise<Map<string, Figure>> {
  const library = createRequire(__filename)('dfmr');
  const scope: Record<string, unknown> = { ...library, ...exampleScope(library), show: () => undefined };
  const figures = new Map<string, Figure>();
  for (const [name, code] of examples) {
    const draw = library[name] as (...given: unknown[]) => Figure;
    const seen = (...given: unknown[]): Figure => {
      const figure = draw(...given);
      if (!figures.has(name)) figures.set(name, figure);
      return figure;
    };
    const { code: script } = transformSync(code, { loader: 'ts' });
    const all = { ...scope, [name]: seen };
    await new Function(...Object.keys(all), `return (async () => {\n${script}\n})();`)(...Object.values(all));
  }
  return figures;
}
