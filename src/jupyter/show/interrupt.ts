import { channel } from 'node:diagnostics_channel';

// A channel, as a SIGINT handler that is installed while a cell runs does not survive the cell: V8's watchdog undoes it.
const presses = channel('dfmr interrupt');

/** Aborts all signals that `interrupted` returned: the kernel calls it when its notebook is interrupted (■). */
export function interrupt(): void {
  presses.publish(undefined);
}

/**
 * A signal that aborts when the notebook is interrupted (■). Jupyter itself only stops waiting for the cell: work that goes on
 * beside it, such as the threads of `fitAll`, ends if it was given this signal.
 * @returns a signal, which never aborts outside of a notebook
 * @example
 * import { interrupted } from 'dfmr/notebook';
 * const signal = interrupted(); // aborts when the kernel is interrupted
 * const estimates = await fitAll(tables, { order: 3, signal, workers: 1 });
 * signal.aborted; // false
 */
export function interrupted(): AbortSignal {
  const controller = new AbortController();
  const abort = () => {
    presses.unsubscribe(abort);
    controller.abort(new Error('interrupted'));
  };
  presses.subscribe(abort);
  return controller.signal;
}
