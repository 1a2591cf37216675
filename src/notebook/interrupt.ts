let pressed: AbortController | undefined;

/**
 * A signal that aborts when the notebook is interrupted (■), once. Jupyter itself only stops waiting for the cell: work in
 * other threads, such as that of `fitAll`, ends when it is given this.
 */
export function interrupted(): AbortSignal {
  if (pressed === undefined) {
    pressed = new AbortController();
    process.once('SIGINT', () => {
      const ended = pressed;
      pressed = undefined;
      ended?.abort(new Error('interrupted'));
    });
  }
  return pressed.signal;
}
