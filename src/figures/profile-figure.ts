import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { type AnyGaussian, covarianceOf, isGaussian } from '../families/any-gaussian';
import { type Estimate, mixtureOf } from '../mixture/given';
import { momentsOf } from '../mixture/moments';
import { layout, shortName } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';
import { rounded } from './points';

/**
 * The profile of each component of a Gaussian mixture: its means, feature by feature, with a band of one standard deviation on either
 * side (parallel coordinates). What makes a component different is where its line is away from the others, by more than the bands.
 * @param estimate a mixture, or a result that holds one, of a Gaussian family
 * @param options names, and whether the features keep their units
 * @throws InvalidInput if the family is not Gaussian, or there are not as many names as features
 * @example
 * const mixture = mixsim({ order: 3, dimension: 5, maximumOverlap: 0.05, seed: 1 });
 * const figure = profileFigure(mixture, { features: ['height', 'width', 'depth', 'weight', 'age'] });
 * figure.data.flatMap(({ name }) => name ?? []); // ['component 0', 'component 1', 'component 2']
 */
export function profileFigure(
  estimate: Estimate<AnyGaussian>,
  options: {
    /**
     * the names of the d features
     * @defaultValue 'feature 0', 'feature 1', …
     */
    readonly features?: readonly string[];
    /**
     * the names of the components
     * @defaultValue 'component 0', 'component 1', …
     */
    readonly names?: readonly string[];
    /**
     * whether values are in the features' own units, which are then one and the same; else they are in standard deviations of the
     * whole mixture from its mean, feature by feature
     * @defaultValue false
     */
    readonly raw?: boolean;
  } = {},
): Figure {
  const { features, names, raw = false } = options;
  const mixture = mixtureOf(estimate);
  const { family, dimension: d, parameters } = mixture;
  if (!isGaussian(family))
    throw new InvalidInput(`a mixture of the family "${family.name}" has no profile of means: only Gaussian ones have`);
  if (features && features.length !== d)
    throw new InvalidInput(`${features.length} names are given for ${d} features: give one of each`);
  const whole = momentsOf(mixture);
  const centre = raw ? new Float64Array(d) : whole.mean;
  const unit = raw ? new Float64Array(d).fill(1) : deviations(whole);
  const x = Array.from({ length: d }, (_, i) => i);
  return {
    data: parameters.flatMap((parameter, k): Partial<Data>[] => {
      const mean = parameter.mean.map((value, i) => (value - centre[i]) / unit[i]);
      const spread = deviations(parameter).map((value, i) => value / unit[i]);
      const name = names?.[k] ?? `component ${k}`;
      const band = [
        ...mean.map((value, i) => value + spread[i]),
        ...mean.map((value, i) => value - spread[i]).reverse(),
      ];
      const colour = componentColour(k);
      const shared = { type: 'scatter', legendgroup: `${k}` } as const;
      return [
        {
          ...shared,
          mode: 'lines',
          x: [...x, ...[...x].reverse()],
          y: rounded(band, 4),
          fill: 'toself',
          fillcolor: `${colour}1F`,
          line: { width: 0 },
          hoverinfo: 'skip',
          showlegend: false,
        },
        {
          ...shared,
          mode: 'lines+markers',
          name: shortName(name),
          x,
          y: rounded(mean, 4),
          customdata: rounded(spread, 3),
          hovertemplate: `${name}<br>%{y:.3g} ± %{customdata:.3g}<extra></extra>`,
          line: { color: colour, width: 2 },
          marker: { color: colour, size: 7 },
        },
      ];
    }),
    layout: layout({
      height: 460,
      legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom', tracegroupgap: 0 },
      xaxis: {
        tickvals: x,
        ticktext: x.map((i) => shortName(features?.[i] ?? `feature ${i}`)),
        range: [-0.3, d - 0.7],
      },
      yaxis: { title: { text: raw ? 'mean ± sd' : 'mean ± sd, standardised' } },
    }),
  };
}

/** The standard deviation of each feature. */
function deviations(parameter: AnyGaussian): Float64Array {
  const covariance = covarianceOf(parameter);
  const d = parameter.mean.length;
  return parameter.mean.map((_, i) => Math.sqrt(covariance[i * d + i]));
}
