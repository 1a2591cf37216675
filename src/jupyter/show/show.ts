import type { Figure } from '../../figures/figure';
import { figureBundle } from '../../page/figure-html';
import { display } from './display';

/**
 * Shows a figure below the running cell; outside of a notebook its caption is printed.
 * @param figure a Plotly specification, as the figure functions return it
 * @param caption says what to see in the figure, and stands for it where nothing can be drawn
 * @example
 * const mixture = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.1, seed: 1 });
 * show(mixtureFigure(mixture, sample(mixture, 500, 1).data), 'Three components that overlap.');
 */
export function show(figure: Figure, caption?: string): void {
  display(figureBundle(figure, caption));
}
