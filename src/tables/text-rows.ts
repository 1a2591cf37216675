import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { pause } from '../work/work';
import type { OpenSource } from './open-source';
import { choose, type RowOptions } from './rows';
import type { TableSource } from './source';
import { numberReader } from './text-number';

/** Rows of a table as text: of each the features, then the weight, then the label, as far as there are some. */
export interface TextRows {
  readonly names: readonly string[];
  readonly notes: readonly string[];
  /** Some rows after one another, those that lack a cell left out. */
  blocks(): AsyncGenerator<{ readonly rows: readonly (readonly string[])[]; readonly dropped: number }>;
}

/** Rows that are read before others are. */
const BLOCK_ROWS = 4096;

/**
 * The rows of an open source some of whose features are text. Each column is read on its own, side by side with the others, so that no more than
 * a block of each is in memory.
 * @returns undefined if no feature is text
 * @throws as `openTable` does
 */
export function textRowsOf({ source, named, close }: OpenSource, options: RowOptions): TextRows | undefined {
  const { missing = 'reject', missingCodes, decimal = '.', signal } = options;
  try {
    const { chosen, labelled, weighing, notes } = choose(source, options, { texts: true });
    if (!chosen.some((at) => source.columns[at].holds !== undefined)) return undefined;
    const read = [...chosen, weighing, labelled].filter((at) => at !== undefined);
    const numberOf = numberReader(decimal, missingCodes);
    return {
      names: chosen.map((at) => source.columns[at].name),
      notes: [...(source.notes ?? []), ...notes],
      async *blocks() {
        const columns = read.map((at) => columnTexts(source, at));
        try {
          for (let seen = 0; ; ) {
            await pause(signal);
            const texts = await Promise.all(columns.map((column) => column.take(BLOCK_ROWS)));
            const all = texts[0].map((_, j) => texts.map((column) => column[j]));
            if (all.length === 0) return;
            const lacking = (row: readonly string[]) => row.findIndex((cell) => Number.isNaN(numberOf(cell ?? '')));
            const first = missing === 'drop' ? -1 : all.findIndex((row) => lacking(row) >= 0);
            if (first >= 0)
              throw new InvalidInput(
                `row ${seen + first}, column ${described(source.columns[read[lacking(all[first])]].name)} is missing: leave such rows out with missing: 'drop'`,
              );
            const rows = all.filter((row) => lacking(row) < 0);
            yield { rows, dropped: all.length - rows.length };
            seen += all.length;
          }
        } catch (error) {
          throw named(error);
        } finally {
          await Promise.all(columns.map((column) => column.close()));
        }
      },
    };
  } catch (error) {
    close();
    throw named(error);
  }
}

/** The cells of one column, some at a time. */
export function columnTexts(
  source: TableSource,
  at: number,
): { take(count: number): Promise<readonly string[]>; close(): Promise<unknown> } {
  const blocks = (async function* () {
    for await (const { labels = [] } of source.blocks([], at)) yield labels;
  })();
  let left: readonly string[] = [];
  return {
    async take(count: number): Promise<readonly string[]> {
      const taken: string[] = [];
      while (taken.length < count) {
        if (left.length === 0) {
          const next = await blocks.next();
          if (next.done) break;
          left = next.value;
        }
        const some = left.slice(0, count - taken.length);
        for (const text of some) taken.push(text);
        left = left.slice(some.length);
      }
      return taken;
    },
    close: () => blocks.return(undefined),
  };
}
