import { figureBundle, isFigure } from '../../page/figure-html';
import type { MimeBundle } from '../../page/mime-bundle';
import { isFrame, tableBundle } from '../../page/table-html';
import { JUPYTER_DISPLAY, type WriteDisplay } from './write-display';

// Deno's own Jupyter kernel, the other one that runs the notebooks.

/** What is used of Deno; `jupyter` throws outside of its kernel. */
interface Deno {
  readonly jupyter: { broadcast(type: string, content: object): unknown };
  readonly internal: symbol;
}

/** What the kernel calls at the end of each cell with the value of its last expression, and waits for. */
type BroadcastResult = (executionCount: number, value: unknown) => Promise<void>;

const deno = (globalThis as { Deno?: Deno }).Deno;

/** Milliseconds in which a busy kernel has sent a message. */
const MESSAGE_TIME = 6;

/** Milliseconds for each character of it. */
const CHARACTER_TIME = 1e-4;

/** Milliseconds in which it has sent what a cell printed last. */
const PRINT_TIME = 50;

/** When all that was shown will have been sent. */
let sent = 0;

/** How a cell of Deno's kernel shows something, or undefined outside of it. */
export function denoCell(): WriteDisplay | undefined {
  try {
    const jupyter = deno?.jupyter;
    return jupyter && ((shown, update) => broadcast(jupyter, update ? 'update_display_data' : 'display_data', shown));
  } catch {
    return undefined;
  }
}

function broadcast(jupyter: Deno['jupyter'], type: string, shown: { data: MimeBundle }): void {
  const texts = Object.values(shown.data).filter((value) => typeof value === 'string');
  const characters = texts.reduce((sum, { length }) => sum + length, 0);
  sent = Math.max(sent, performance.now()) + MESSAGE_TIME + characters * CHARACTER_TIME;
  jupyter.broadcast(type, shown);
}

const BROADCAST_RESULT = Symbol.for('dfmr Deno.jupyter.broadcastResult');

/**
 * The kernel tells the end of a cell without waiting until what it showed has left, and Jupyter drops what comes after the end. Nor
 * does it know figures and DataFrames. Both are repaired where it takes the value of a cell's last expression. Another version of
 * Deno, which has no such place, is left as it is.
 */
function repairKernel({ internal }: Deno): void {
  const kernel = (deno as unknown as Record<symbol, { jupyter?: Record<PropertyKey, unknown> }>)[internal]?.jupyter;
  const broadcastResult = (kernel?.[BROADCAST_RESULT] ?? kernel?.broadcastResult) as BroadcastResult | undefined;
  if (kernel === undefined || broadcastResult === undefined) return;
  kernel[BROADCAST_RESULT] = broadcastResult; // what is loaded anew, by `reload`, repairs Deno's own again
  kernel.broadcastResult = async (executionCount: number, value: unknown) => {
    await broadcastResult(executionCount, displayable(value));
    const rest = Math.max(0, sent - performance.now()) + PRINT_TIME;
    await new Promise((resolve) => setTimeout(resolve, rest));
  };
}

/** The value; a figure or a DataFrame as an object that shows itself. */
function displayable(value: unknown): unknown {
  const bundle = isFigure(value) ? figureBundle(value) : isFrame(value) ? tableBundle(value) : undefined;
  return bundle ? { [JUPYTER_DISPLAY]: () => bundle } : value;
}

if (deno !== undefined && denoCell() !== undefined) repairKernel(deno);
