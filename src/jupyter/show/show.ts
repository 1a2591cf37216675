import type { Figure } from '../../figures/figure';
import { figureBundle } from '../../page/figure-html';
import { display } from './display';

/**
 * Shows a figure below the running cell; outside of a notebook its caption is printed.
 * @param figure a Plotly specification, as the figure functions return it
 * @param caption says what to see in the figure, and stands for it where nothing can be drawn
 * @example
 * import { show } from 'dfmr/notebook';
 * show(mixtureFigure(truth, table), 'Three components that hardly overlap.');
 */
export function show(figure: Figure, caption?: string): void {
  display(figureBundle(figure, caption));
}
