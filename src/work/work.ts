/** How far a long computation is: `done` of `total` in a stage; in its last report both are the same. */
export interface Progress {
  /** what is being done, in a word or two: 'fitting', 'distances', 'reduction' */
  readonly stage: string;
  /** units that are done */
  readonly done: number;
  /** units of the stage */
  readonly total: number;
}

/** What every function that takes long accepts. */
export interface WorkOptions {
  /**
   * called repeatedly while the work is done
   * @defaultValue undefined: nothing is reported
   */
  readonly onProgress?: (progress: Progress) => void;
  /**
   * ends the work within 0.2 s of its abort, with its reason
   * @defaultValue undefined: the work runs to its end
   */
  readonly signal?: AbortSignal;
}

/**
 * A long computation, cut into steps that are short beside 0.2 s. Run to its end by `finished`, or by `performed` with pauses in
 * which timers, messages and aborts have their turn: the same numbers either way.
 */
export type Steps<Result> = Generator<Progress, Result, void>;

/** Milliseconds between two pauses: short beside the 0.2 s in which an abort must end the work, long beside a pause. */
const PAUSE_INTERVAL = 25;

/** Runs the steps to the end at once. */
export function finished<Result>(steps: Generator<unknown, Result, void>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * Runs the steps with pauses for the event loop, and reports how far they are.
 * @throws with the signal's reason when it aborts, and what a step throws
 */
export async function performed<Result>(
  steps: Steps<Result>,
  { onProgress, signal }: WorkOptions = {},
): Promise<Result> {
  signal?.throwIfAborted();
  let paused = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    onProgress?.(value);
    signal?.throwIfAborted();
    if (performance.now() - paused < PAUSE_INTERVAL) continue;
    await pause(signal);
    paused = performance.now();
  }
}

/**
 * Lets timers, messages and aborts have their turn.
 * @throws with the signal's reason when it has aborted
 */
export async function pause(signal?: AbortSignal): Promise<void> {
  await nextTurn();
  signal?.throwIfAborted();
}

/** Comes after the timers and messages that are due. Browsers delay a timer by 4 ms, and by a second in the background: not messages. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof setImmediate === 'function') return void setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
