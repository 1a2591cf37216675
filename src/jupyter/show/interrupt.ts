import { channel } from 'node:diagnostics_channel';

// A channel, as a SIGINT handler that is installed while a cell runs does not survive the cell: V8's watchdog undoes it.
const presses = channel('dfmr interrupt');

/** What the kernel does when its notebook is interrupted (■): aborts all signals that `interrupted` gave. */
export function interrupt(): void {
  presses.publish(undefined);
}

/**
 * A signal that aborts when the notebook is interrupted (■). Jupyter itself only stops waiting for the cell: work in other
 * threads, such as that of `fitAll`, ends when it is given this. In a program of its own it never aborts.
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
