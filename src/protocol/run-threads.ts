import { setMaxListeners } from 'node:events';
import path from 'node:path';
import { errorFromJSON, messageOf, withMessage } from '../errors';
import { type Missing, type Samples, type Table, toSamples } from '../math/table';
import { loadedModules } from '../registry/modules';
import { poolOf } from '../work/pool';
import type { WorkOptions } from '../work/work';
import type { Protocol, Reply, Runner } from './protocol';
import type { AnswerResult, AnswerTask } from './protocol-worker';

/**
 * Machines that are tables in this process, on several threads: the same replies as in one. A table that lies in a
 * SharedArrayBuffer is not copied. A signal, or a table that cannot be answered, ends the threads at once.
 * @param missing 'em' if cells of the tables may be missing
 */
export function runOnThreads(tables: readonly Table[], threads: number, missing?: Missing): Runner {
  return {
    machines: tables.length,
    async ask<Ask, Answer>(
      { name }: Pick<Protocol<never, Ask, Answer, never, never>, 'name' | 'answer'>,
      ask: Ask,
      { signal, onProgress }: WorkOptions,
    ) {
      const failure = new AbortController();
      const ended = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
      setMaxListeners(0, ended); // each task listens
      const pool = poolOf<AnswerTask, AnswerResult>(path.join(__dirname, 'protocol-worker'), threads);
      const answers = new Array<Answer>(tables.length);
      let done = 0;
      const answerOf = async (table: Table): Promise<Answer> => {
        const samples = toSend(toSamples(table, missing));
        const buffers = [samples.data.buffer, ...(samples.weights ? [samples.weights.buffer] : [])];
        const transferList = buffers.filter((buffer) => buffer instanceof ArrayBuffer);
        const task = { modules: loadedModules(), protocol: name, samples, ask };
        const result = await pool.run(task, { signal: ended, transferList });
        if ('error' in result) throw errorFromJSON(result.error);
        return result.answer as Answer;
      };
      const waiting = tables.entries();
      const lane = async () => {
        for (const [i, table] of waiting) {
          try {
            answers[i] = await answerOf(table);
          } catch (error) {
            signal?.throwIfAborted();
            throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
          }
          onProgress?.({ stage: name, done: ++done, total: tables.length });
        }
      };
      try {
        await Promise.all(Array.from({ length: 2 * threads }, lane)); // one table in work and one ready, for each thread
      } catch (error) {
        failure.abort(); // the other machines' answers, which nobody waits for
        throw error;
      }
      return answers.map((answer, i): Reply<Answer> => ({ machine: `machine ${i}`, answer }));
    },
  };
}

/** The table, as far as it lies in shared memory, else copies that can be given away, of its parts of longer arrays. */
function toSend({ data, rows, columns, weights }: Samples): Samples {
  const sent = (array: Float64Array) => (array.buffer instanceof SharedArrayBuffer ? array : array.slice());
  return { data: sent(data), rows, columns, ...(weights && { weights: sent(weights) }) };
}
