import type { MimeBundle } from '../../page/mime-bundle';
import { startTslab } from '../kernel/tslab';
import type { WriteDisplay } from '../show/write-display';
import { type DisplayOutput, type Output, splitText } from './notebook-file';

// The process in which the runner executes one notebook: receives cells, answers with their outputs. No Python, no ZeroMQ.

export interface CellRequest {
  code: string;
}

export interface CellReply {
  ok: boolean;
  outputs: Output[];
}

const { executor, lastError } = startTslab();
const jupyter = require('tslab/dist/jupyter.js') as { lastWriteDisplayData: WriteDisplay };

process.on('message', async ({ code }: CellRequest) => {
  const outputs = collectOutputs();
  const ok = await executor.execute(code);
  await new Promise((resolve) => setTimeout(resolve, 5)); // prints of worker threads may still be on their way
  const error: Output[] = ok ? [] : [{ output_type: 'error', ...lastError() }];
  const reply: CellReply = { ok, outputs: [...outputs.filter(isResult).map(finish), ...error] };
  process.send?.(reply);
});

/** From now on, all that the notebook prints or shows goes into the returned array, in the order of time. */
function collectOutputs(): Output[] {
  const outputs: Output[] = [];
  const shown = new Map<string, DisplayOutput>();
  const decoder = new TextDecoder();
  const collect = (name: string) => (chunk: string | Uint8Array) => {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk);
    const last = outputs.at(-1);
    if (last?.output_type === 'stream' && last.name === name) last.text = (last.text as string) + text;
    else outputs.push({ output_type: 'stream', name, text });
    return true;
  };
  process.stdout.write = collect('stdout');
  process.stderr.write = collect('stderr');
  jupyter.lastWriteDisplayData = ({ data, metadata, transient }, update) => {
    const id = transient.display_id;
    const earlier = id === undefined ? undefined : shown.get(id);
    if (earlier && update) {
      earlier.data = data;
      return;
    }
    const output: DisplayOutput = { output_type: 'display_data', data, metadata };
    if (id !== undefined) shown.set(id, output);
    outputs.push(output);
  };
  return outputs;
}

/** Progress bars are not results. */
function isResult(output: Output): boolean {
  return output.output_type !== 'display_data' || output.metadata.transient !== true;
}

/** As nbformat stores it: text as lines, of which those that were overwritten by a carriage return are gone. */
function finish(output: Output): Output {
  if (output.output_type === 'stream') {
    return {
      ...output,
      text: splitText((output.text as string).replace(/[^\n]*\r(?!\n)/g, '')),
    };
  }
  return output.output_type === 'error' ? output : { ...output, data: splitBundle(output.data) };
}

function splitBundle(data: MimeBundle): MimeBundle {
  const isText = (type: string): boolean => /^text\/|javascript|svg/.test(type);
  return Object.fromEntries(
    Object.entries(data).map(([type, value]) => [type, isText(type) ? splitText(String(value)) : value]),
  );
}
