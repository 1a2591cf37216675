import type { Data, Layout } from 'plotly.js-dist';

/** A figure is a plain Plotly specification: data to draw and how to lay it out. Nothing is drawn until somebody shows it. */
export interface Figure {
  /** the traces */
  data: Partial<Data>[];
  /** axes, colours and annotations */
  layout: Partial<Layout>;
}
