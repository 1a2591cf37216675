import { InvalidInput } from '../errors';
import { type Estimate, mixtureOf } from '../mixture/given';
import { layout } from './axes';
import type { Figure } from './figure';

/** A column of the figure: a category of a feature, and its probability in each component. */
interface Column {
  readonly feature: string;
  readonly category?: string;
}

/**
 * The probabilities of a mixture of categories as a heat map: a row for each component, a column for each category; of Bernoulli
 * features, for the one of each feature.
 * @param estimate a categorical, Bernoulli or multinomial mixture, or a result that holds one
 * @param options the names of the features and of their categories
 * @throws InvalidInput if the mixture is of another family, or the names are not as many as the features
 * @example
 * const mixture = bernoulliMixture({ weights: [0.5, 0.5], probabilities: [[0.9, 0.8, 0.9], [0.2, 0.1, 0.1]] });
 * const figure = probabilityFigure(mixture, { features: ['reads', 'sings', 'swims'] });
 * figure.data[0].type; // 'heatmap'
 */
export function probabilityFigure(
  estimate: Estimate,
  options: {
    /**
     * the names of the features
     * @defaultValue 'feature 0', 'feature 1', …
     */
    readonly features?: readonly string[];
    /**
     * of each categorical feature, the names of its categories; an empty list for codes
     * @defaultValue their codes
     */
    readonly categories?: readonly (readonly string[])[];
  } = {},
): Figure {
  const { features, categories } = options;
  const mixture = mixtureOf(estimate);
  const { family, dimension, weights, parameters } = mixture;
  const lists = parameters.map((theta) => (theta as { probabilities?: unknown }).probabilities);
  if (lists.some((list) => list === undefined))
    throw new InvalidInput(
      `probabilities are of categorical, bernoulli and multinomial mixtures, not of ${family.name}`,
    );
  for (const [what, names] of Object.entries({ features, categories }))
    if (names && names.length !== dimension)
      throw new InvalidInput(`${names.length} ${what} are given: the mixture has ${dimension} features`);
  const nameOf = (c: number) => features?.[c] ?? `feature ${c}`;
  const first = lists[0] as readonly (number | ArrayLike<number>)[];
  const columns = Array.from(first, (own, c): Column[] =>
    typeof own === 'number'
      ? [{ feature: nameOf(c) }]
      : Array.from(own, (_, x) => ({ feature: nameOf(c), category: categories?.[c][x] ?? String(x) })),
  ).flat();
  const labels = columns.map(({ feature, category }) => (category === undefined ? feature : `${feature}: ${category}`));
  const rows = Array.from(weights, (weight, k) => `component ${k}, weight ${weight.toFixed(2)}`);
  const z = lists.map((list) =>
    Array.from(list as ArrayLike<number | ArrayLike<number>>, (own) =>
      typeof own === 'number' ? [own] : Array.from(own),
    )
      .flat()
      .map((p) => Number(p.toPrecision(4))),
  );
  const few = labels.length <= 24;
  return {
    data: [
      {
        type: 'heatmap',
        x: labels.map((_, i) => i),
        y: rows,
        z,
        zmin: 0,
        zmax: 1,
        ...(few && {
          text: z.map((row) => row.map((p) => p.toFixed(2))) as unknown as string[],
          texttemplate: '%{text}',
        }),
        colorscale: [
          [0, '#FFFFFF'],
          [1, '#0072B2'],
        ],
        colorbar: { thickness: 14, title: { text: 'probability', side: 'right' } },
        customdata: z.map(() => labels) as never,
        hovertemplate: '%{y}, %{customdata}: %{z:.3f}<extra></extra>',
      },
    ],
    layout: layout({
      height: 140 + 40 * rows.length + (few ? 60 : 0),
      margin: { t: 20, r: 20, b: 80, l: 70 },
      xaxis: few
        ? { tickvals: labels.map((_, i) => i), ticktext: labels, showgrid: false }
        : { title: { text: columns[0].category === undefined ? 'feature' : 'category' }, showgrid: false },
      yaxis: { showgrid: false, autorange: 'reversed' },
      shapes: columns.flatMap(({ feature }, i) =>
        i > 0 && feature !== columns[i - 1].feature && columns[i].category !== undefined
          ? [{ type: 'line', x0: i - 0.5, x1: i - 0.5, yref: 'paper', y0: 0, y1: 1, line: { color: '#333', width: 1 } }]
          : [],
      ),
    }),
  };
}
