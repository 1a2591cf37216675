import { messageOf, withMessage } from '../errors';
import { type Missing, type Table, toSamples } from '../math/table';
import { pause, performed, type WorkOptions } from '../work/work';
import type { Protocol, Reply, Runner } from './protocol';

/**
 * Machines that are tables in this process, one after another in this thread.
 * @param missing 'em' if their cells may be missing
 */
export function runHere(tables: readonly Table[], missing?: Missing): Runner {
  return {
    machines: tables.length,
    async ask<Ask, Answer>(
      { name, answer }: Pick<Protocol<never, Ask, Answer, never, never>, 'name' | 'answer'>,
      ask: Ask,
      { signal, onProgress }: WorkOptions,
    ) {
      const replies: Reply<Answer>[] = [];
      for (const [i, table] of tables.entries()) {
        const machine = `machine ${i}`;
        await pause(signal);
        try {
          replies.push({ machine, answer: await performed(answer(toSamples(table, missing), ask), { signal }) });
        } catch (error) {
          signal?.throwIfAborted();
          throw withMessage(error, `${machine}: ${messageOf(error)}`);
        }
        onProgress?.({ stage: name, done: i + 1, total: tables.length });
      }
      return replies;
    },
  };
}
