import type { LocalProblem } from '../families/family';
import { quantiles } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import { countOf, type Samples } from '../math/table';
import type { Mixture } from '../mixture/mixture';

/** The penalty makes most of a variance from this share on. */
const MOST = 0.5;

/** The penalty that is advised has this share in the variance. */
const ADVISED_SHARE = 0.1;

/** The rows of a component of whose variance they make less than this are all the same there, and no penalty is advised. */
const SAME = 1e-6;

/** A note names a row that lies farther from the median of its column than this many interquartile ranges. */
const FAR = 10;

/** A variance of which the penalty makes too much. */
interface Drawn {
  readonly component: number;
  readonly column: number;
  /** what of it the penalty makes */
  readonly share: number;
  /** what that takes from the log-likelihood */
  readonly loss: number;
}

/**
 * What a user should know of the penalty in a fit, in sentences. A variance of which the penalty makes the share s is 1 / (1 − s) times
 * what the n_k rows of the component alone would give, which takes n_k {−log(1 − s) − s} / 2 from the log-likelihood. Told is what is
 * mostly the penalty's, s > ½, and what costs more than ½ log n, as then BIC no longer compares likelihoods; and components that
 * have no rows. It costs no pass over the rows.
 */
export function penaltyNotes<Parameter>(
  { weights, parameters, noise }: Mixture<Parameter>,
  { penaltyShares }: LocalProblem<Parameter>,
  samples: Samples,
  { penalty, published }: { readonly penalty: number; readonly published: boolean },
): string[] {
  if (!penaltyShares || penalty === 0) return [];
  const count = countOf(samples);
  const masses = weights.map((weight) => weight * (1 - (noise?.weight ?? 0)) * count);
  const empty = [...masses.keys()].filter((k) => masses[k] < 1);
  const drawn = penaltyShares(parameters, masses).flatMap((shares, component): Drawn[] => {
    if (masses[component] < 1) return [];
    const column = shares.indexOf(Math.max(...shares));
    const share = shares[column];
    const loss = (masses[component] / 2) * (-Math.log1p(-share) - share);
    return share > MOST || loss > Math.log(count) / 2 ? [{ component, column, share, loss }] : [];
  });
  return [
    ...(drawn.length > 0 ? [drawnNote(drawn, samples, penalty, published)] : []),
    ...(empty.length > 0 ? [emptyNote(empty)] : []),
  ];
}

function emptyNote(empty: readonly number[]): string {
  const which = `${empty.length > 1 ? 'Components' : 'Component'} ${listed(empty.map(String))} ${empty.length > 1 ? 'have' : 'has'}`;
  return `${which} less than one row: the penalty alone says where. Fit fewer components, from more starts, or with another penalty.`;
}

function drawnNote(drawn: readonly Drawn[], samples: Samples, penalty: number, published: boolean): string {
  const { columns } = samples;
  const each = drawn.map(({ component, column, share }) => {
    const where = columns > 1 ? ` in column ${column}` : '';
    return `${percent(share)} of the variance of component ${component}${where}`;
  });
  const loss = drawn.reduce((sum, one) => sum + one.loss, 0);
  const cost =
    loss < Number.POSITIVE_INFINITY ? ` That takes about ${shortNumber(loss, 3)} from the log-likelihood.` : '';
  const [worst] = drawn.toSorted((a, b) => b.share - a.share);
  const far = farRow(samples, worst.column);
  const code = far ? `${far} is far from the others: if that is a code for a missing value, leave such rows out. ` : '';
  return `The penalty makes ${listed(each)}.${cost} ${code}${published ? OTHER : smallerThan(penalty, worst.share)}.`;
}

const OTHER = 'Leave out the published penalty: the default one is relative to the data in every family';

/** The advice to fit with a smaller penalty, given the largest share of this one in a variance. */
function smallerThan(penalty: number, share: number): string {
  const smaller = penalty * (ADVISED_SHARE / (1 - ADVISED_SHARE)) * ((1 - share) / share);
  const example = 1 - share > SAME ? `, such as ${shortNumber(smaller, 2)}` : '';
  return (
    'All rows together spread much wider than such a component; if it is that narrow, give a smaller penalty than ' +
    `${shortNumber(penalty, 2)}${example} (fit's option penalty, or --penalty)`
  );
}

/** The row that is farthest from the median of a column, with its value, if it is far from all but a few. */
function farRow({ data, rows, columns, weights }: Samples, column: number): string | undefined {
  const values = Float64Array.from({ length: rows }, (_, j) => data[j * columns + column]);
  const isKnown = (_: number, j: number) => !Number.isNaN(values[j]);
  const [low, median, high] = quantiles(values.filter(isKnown), [0.25, 0.5, 0.75], weights?.filter(isKnown));
  const distance = (j: number) => Math.abs(values[j] - median);
  const farthest = values.reduce(
    (most, _, j) => (distance(j) > distance(most) || Number.isNaN(distance(most)) ? j : most),
    0,
  );
  if (!(distance(farthest) > FAR * (high - low))) return undefined;
  return `Row ${farthest}, with ${values[farthest]}${columns > 1 ? ' there' : ''},`;
}

const percent = (share: number): string => `${Math.min(99, Math.round(100 * share))} %`;

/** "a, b and c" */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join() : `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}
