import { median } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import { printable } from '../messages/untrusted';
import { mixtureFromJSON } from '../mixture/mixture';
import { familyIn } from './round-door';
import type { RoundsState } from './rounds-state';

/** What rounds did, why they ended, what they cost and what they lead to, in sentences. */
export function decisionsOf(state: RoundsState, converged: boolean): string[] {
  return [heldIn(state), endOf(state, converged), costOf(state), ...silenceIn(state), TARGET];
}

const TARGET =
  'Rounds lead to the maximum likelihood estimate of all rows that are kept: where the model is wrong, the clusters of the start may be the better ones.';

function heldIn({ history, setup, machines }: RoundsState): string {
  const proposals = history.filter(({ proposal }) => proposal !== 'best so far');
  const accepted = proposals.filter((one) => one.accepted).length;
  const steps = history.map(({ iterations }) => iterations).join(', ');
  const rounds = `${history.length} ${history.length === 1 ? 'round' : 'rounds'} of ${steps || 'no'} EM steps.`;
  if (!setup.vote)
    return `${rounds} No vote was held: liars that push the mixture a little in every round were not stopped.`;
  return `${rounds} ${accepted} of ${proposals.length} proposals won the votes of more than half of ${machines.length} machines.`;
}

function endOf({ history, setup, lost, best }: RoundsState, converged: boolean): string {
  if (converged)
    return `They converged: in the last one the median machine changed by no more than ${setup.tolerance} nats a row.`;
  const from = best?.round ? `the aggregate of round ${best.round}` : 'the start';
  if (lost > 0)
    return `They ended as ${lost > 1 ? `${lost} votes in a row were lost` : 'a vote was lost, and the same was proposed again'}: the result is ${from}, the best so far.`;
  return `They ended as all ${history.length} rounds were held, not converged: the result is ${from}.`;
}

/** What a message is beside the rows that it stands for. */
function costOf({ setup, claims, history }: RoundsState): string {
  const { order: K, dimension: d, family } = mixtureFromJSON(setup.start, familyIn(setup.family));
  const numbers = K * (1 + family.size(d));
  const rows = median(claims.flatMap((claim) => (claim === null ? [] : [claim])));
  const sent = history.reduce((sum, { bytes }) => sum + bytes, 0);
  const beside = numbers / (rows * d);
  const comparison =
    beside >= 0.5 ? `so that two messages are as large as the rows` : `${shortNumber(1 / beside, 2)} times as much`;
  return (
    `A message holds ${numbers} numbers (${kilobytes(8 * numbers)}) each way and machine; the rows of a machine are ` +
    `${shortNumber(rows)} × ${d} (${kilobytes(8 * rows * d)}), ${comparison}. All rounds sent ${kilobytes(sent)}.`
  );
}

const kilobytes = (bytes: number): string => `${shortNumber(bytes / 1000, 3)} kB`;

/** Who did not answer, or not so that it could be used, how often, and why. */
function silenceIn({ history, machines }: RoundsState): string[] {
  return machines.flatMap((name, machine) => {
    const silent = history.flatMap(({ setAside, keptComponents }) => {
      const whole = setAside.find((one) => one.machine === machine && one.component === undefined);
      const used = keptComponents.length > 0 && isUsed(keptComponents, machine, machines.length);
      return whole && !used ? [whole.reason] : [];
    });
    if (silent.length === 0) return [];
    const times = silent.length === history.length ? 'in any round' : `in ${silent.length} of ${history.length} rounds`;
    return [`${printable(name)} was not used ${times}: ${silent[silent.length - 1]}.`];
  });
}

/** Whether at least one component of a machine was used. */
function isUsed(keptComponents: readonly number[], machine: number, machines: number): boolean {
  const K = keptComponents.length / machines;
  return keptComponents.slice(machine * K, (machine + 1) * K).includes(1);
}
