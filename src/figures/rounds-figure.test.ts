import { expect, it } from 'vitest';
import { sample } from '../mixture/sample';
import { machinesOf } from '../protocol/round-machine';
import { dfmrRounds } from '../protocol/rounds';
import { mixsim } from '../simulate/mixsim';
import { roundsFigure } from './rounds-figure';

const truth = mixsim({ order: 2, dimension: 2, maximumOverlap: 0.02, seed: 4 });
const tables = Array.from({ length: 5 }, (_, i) => sample(truth, 80, `figure ${i}`).data);

it('shows the votes on every proposal, what was used of every machine, and who voted no', async () => {
  const machines = machinesOf(tables, { workers: 1 }).map((machine, i) =>
    i === 2 ? { ...machine, step: () => Promise.reject(new Error('asleep')) } : machine,
  );
  const result = await dfmrRounds(machines, { start: truth, rounds: 3, iterations: 1, tolerance: 0 });
  const { data, layout } = roundsFigure(result, { failed: [2] });
  const [votes, used, noes] = data as {
    x: number[];
    y: number[];
    z: (number | null)[][];
    text: string[];
    marker: { color: string[] };
  }[];
  const asked = result.history.filter(({ proposal }) => proposal !== 'best so far');
  expect(votes.x).toEqual(asked.map(({ round }) => round));
  expect(votes.y).toEqual(asked.map(({ gains }) => gains.filter((gain) => (gain ?? 0) > 0).length));
  expect(new Set(votes.marker.color.map((colour, at) => `${colour} ${asked[at].accepted}`)).size).toBeLessThan(3);
  expect(used.z).toHaveLength(5);
  expect(used.z[2].filter((share) => share !== null && share > 0)).toEqual([]);
  expect(used.z[0][0]).toBe(1);
  expect((used.text[2] as unknown as string[])[0]).toBe('machine 2<br>0 of 2 components used<br>no vote<br>asleep');
  const no = result.history.flatMap(({ gains }) => gains.filter((gain) => gain !== null && gain <= 0));
  expect(noes.x).toHaveLength(no.length);
  expect((layout.yaxis as { ticktext: string[] }).ticktext[2]).toContain('▲ machine 2');
});
