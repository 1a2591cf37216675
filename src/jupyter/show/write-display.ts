import type { MimeBundle } from '../../page/mime-bundle';

/** Objects answer this symbol with a MIME bundle to show themselves when they are the last expression of a cell. */
export const JUPYTER_DISPLAY: unique symbol = Symbol.for('Jupyter.display');

/** What is sent to be shown: the bundle, and an identity if a later message is to replace it. */
export interface DisplayData {
  data: MimeBundle;
  metadata: Record<string, unknown>;
  transient: { display_id?: string };
}

/** How a kernel sends what a cell shows; `update` replaces what was shown with the same identity. */
export type WriteDisplay = (display: DisplayData, update: boolean) => void;
