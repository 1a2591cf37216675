import { type Estimate, mixtureOf } from '../mixture/given';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';

/** Standard errors between an estimate and the end of its 95 % interval. */
const Z_95 = 1.96;

/**
 * The weights of the components, with 95 % intervals if their standard errors are known; the last is 1 less the others.
 * @param estimate a mixture, or a result that holds one
 * @param options the names of the components, and standard errors
 * @example
 * const { result, standardErrors } = await aggregate(fits);
 * const figure = weightsFigure(result, { standardErrors });
 * figure.data.length; // 2: traces of Plotly
 */
export function weightsFigure(
  estimate: Estimate,
  options: {
    /**
     * the names of the components
     * @defaultValue 'component 0', 'component 1', …
     */
    readonly names?: readonly string[];
    /**
     * in the order of `mixtureToVector`, of which the first K − 1 are of the weights w₁ … w_(K−1)
     * @defaultValue no intervals are drawn
     */
    readonly standardErrors?: Float64Array;
  } = {},
): Figure {
  const { names, standardErrors } = options;
  const { weights, order } = mixtureOf(estimate);
  const labels = names ?? Array.from(weights, (_, k) => `component ${k}`);
  const known = standardErrors ? labels.slice(0, order - 1) : [];
  return {
    data: [
      {
        type: 'bar',
        x: labels as string[],
        y: Array.from(weights),
        marker: { color: Array.from(weights, (_, k) => componentColour(k)) },
        hovertemplate: '%{x}: %{y:.4f}<extra></extra>',
        showlegend: false,
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: known as string[],
        y: Array.from(weights.subarray(0, known.length)),
        marker: { color: '#333', size: 4 },
        error_y: {
          type: 'data',
          array: known.map((_, k) => Z_95 * (standardErrors?.[k] ?? 0)),
          color: '#333',
          thickness: 1.5,
        },
        hoverinfo: 'skip',
        showlegend: false,
      },
    ],
    layout: layout({ height: 320, yaxis: { title: { text: 'weight' }, rangemode: 'tozero' } }),
  };
}
