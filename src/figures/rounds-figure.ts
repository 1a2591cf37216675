import type { Data } from 'plotly.js-dist';
import { shortNumber } from '../math/short-number';
import type { Rounds } from '../protocol/rounds';
import { AXIS, layout, rowHeight, shortName } from './axes';
import type { Figure } from './figure';
import { failedColour, honestColour, quietColour } from './palette';

/** What `roundsFigure` may be told. */
export interface RoundsFigureOptions {
  /**
   * the machines that are known to have failed, as in simulations: they are marked by triangles
   * @defaultValue none
   */
  readonly failed?: ArrayLike<number>;
  /**
   * the names of the machines
   * @defaultValue those of the result
   */
  readonly names?: readonly string[];
}

/** From nothing used of a machine to all of it. */
const USED = [
  [0, failedColour],
  [0.5, '#F3E9E0'],
  [1, honestColour],
] as const;

/** Pixels of the panel of votes, and between it and the machines. */
const VOTES_HEIGHT = 110;
const GAP = 45;

/**
 * What became of every round: above, how many machines voted for what it proposed, blue if it replaced the best so far and orange if not, with
 * the line that more than half must pass; below, of every machine, how much of it was used in each round, and a minus where it voted no.
 * @param result of `dfmrRounds`
 * @param options what is known of the machines
 * @returns the figure
 * @example
 * const rounds = await dfmrRounds(machinesOf(tables, { workers: 1 }), { start: truth, rounds: 2 });
 * const figure = roundsFigure(rounds, { failed: [3] });
 * figure.data.length; // 3: traces of Plotly
 */
export function roundsFigure<Parameter>(
  result: Pick<Rounds<Parameter>, 'history' | 'machines' | 'mixture'>,
  options: RoundsFigureOptions = {},
): Figure {
  const { history, machines, mixture } = result;
  const { failed = [], names = machines } = options;
  const m = machines.length;
  const wrong = new Set(Array.from(failed));
  const all = machines.map((_, i) => i);
  const rounds = history.map(({ round }) => round);
  const label = (i: number) => {
    const short = shortName(names[i]);
    return wrong.has(i) ? `<span style="color:${failedColour}">▲ ${short}</span>` : short;
  };
  const size = rowHeight(m);
  const height = VOTES_HEIGHT + GAP + size * m;
  const below = (size * m) / height;
  const half = { type: 'line', xref: 'paper', x0: 0, x1: 1, yref: 'y2', y0: m / 2, y1: m / 2 } as const;
  return {
    data: [votes(history, m), shares(history, all, { K: mixture.order, names }), noes(history, all)],
    layout: layout({
      height: height + 130,
      margin: { t: 55, r: 15, b: 75, l: 60 },
      xaxis: {
        title: { text: 'round' },
        tickvals: rounds,
        range: [0.5, rounds.length + 0.5],
        showgrid: false,
        ticks: '',
      },
      yaxis: {
        domain: [0, below],
        tickvals: all,
        ticktext: all.map(label),
        tickfont: { size: Math.min(12, size - 1) },
        range: [m - 0.5, -0.5],
        showgrid: false,
        ticks: '',
      },
      yaxis2: {
        ...AXIS,
        title: { text: 'votes' },
        domain: [below + GAP / height, 1],
        range: [0, m * 1.08],
        anchor: 'x',
      },
      shapes: [{ ...half, line: { color: quietColour, width: 1, dash: 'dash' } }],
      showlegend: true,
    }),
  };
}

type History = Rounds<unknown>['history'];

/** The votes for each proposal. */
function votes(history: History, m: number): Partial<Data> {
  const asked = history.filter(({ proposal }) => proposal !== 'best so far');
  const yes = asked.map(({ gains }) => gains.filter((gain) => gain !== null && gain > 0).length);
  return {
    type: 'bar',
    name: 'votes for the proposal',
    showlegend: false,
    x: asked.map(({ round }) => round),
    y: yes,
    yaxis: 'y2',
    marker: { color: asked.map(({ accepted }) => (accepted ? honestColour : failedColour)) },
    text: asked.map(({ accepted, proposal, iterations }, at) => {
      const verdict = accepted ? 'taken' : 'refused';
      const steps = `${iterations} EM ${iterations === 1 ? 'step' : 'steps'}`;
      return `${steps}, ${proposal}<br>${yes[at]} of ${m} votes: ${verdict}`;
    }),
    textposition: 'none',
    hovertemplate: 'round %{x}: %{text}<extra></extra>',
  };
}

/** How much of each machine was used in each round that aggregated. */
function shares(
  history: History,
  machines: readonly number[],
  { K, names }: { K: number; names: readonly string[] },
): Partial<Data> {
  const used = (keptComponents: readonly number[], i: number) =>
    keptComponents.length === 0 ? null : keptComponents.slice(i * K, (i + 1) * K).reduce((sum, one) => sum + one, 0);
  const told = (i: number, { keptComponents, gains, setAside }: History[number]) => {
    const count = used(keptComponents, i);
    const gain = gains[i];
    const why = setAside.filter(({ machine }) => machine === i).map(({ reason }) => reason);
    return [
      names[i],
      count === null ? 'nothing was aggregated' : `${count} of ${K} components used`,
      gain === null ? 'no vote' : `gains ${shortNumber(gain)} nats`,
      ...why,
    ].join('<br>');
  };
  return {
    type: 'heatmap',
    x: history.map(({ round }) => round),
    y: machines as number[],
    z: machines.map((i) =>
      history.map(({ keptComponents }) => {
        const count = used(keptComponents, i);
        return count === null ? null : count / K;
      }),
    ) as never,
    text: machines.map((i) => history.map((one) => told(i, one))) as never,
    hovertemplate: '%{text}<extra></extra>',
    zmin: 0,
    zmax: 1,
    xgap: 1,
    ygap: 1,
    colorscale: USED.map(([at, colour]): [number, string] => [at, colour]),
    colorbar: {
      orientation: 'h',
      title: { text: 'share of the components that is used', side: 'top', font: { size: 12 } },
      thickness: 10,
      y: 1.02,
      yanchor: 'bottom',
      tickvals: [0, 0.5, 1],
    } as never,
  };
}

/** A minus where a machine voted no. */
function noes(history: History, machines: readonly number[]): Partial<Data> {
  const places = history.flatMap(({ round, gains }) =>
    machines.flatMap((i) => {
      const gain = gains[i];
      return gain !== null && !(gain > 0) ? [{ round, i }] : [];
    }),
  );
  return {
    type: 'scatter',
    mode: 'markers',
    name: 'votes no',
    x: places.map(({ round }) => round),
    y: places.map(({ i }) => i),
    marker: { symbol: 'line-ew-open', size: 8, color: 'white', line: { color: 'white', width: 2 } },
    hoverinfo: 'skip',
    showlegend: false,
  };
}
