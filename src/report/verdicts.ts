import type { Aggregate } from '../aggregate/aggregate';
import type { Components } from '../aggregate/components';
import type { Dfmr } from '../aggregate/dfmr';
import type { Analysis } from '../analysis/analyse';
import type { ExpertsEstimate } from '../experts/model';

/** What the verdicts say beside the aggregate itself. */
export interface VerdictOptions {
  /**
   * the names of the machines, in the order of the estimates
   * @defaultValue 'machine 0', 'machine 1', …
   */
  readonly machines?: readonly string[];
  /**
   * what was aggregated, in order: fits that did not converge are named, and the lines of experts drawn; an analysis has its own
   * @defaultValue those of an analysis, else none
   */
  readonly estimates?: readonly (Converging | ExpertsEstimate)[];
  /**
   * the messages that were refused before the aggregation, each with the reason
   * @defaultValue none
   */
  readonly refused?: readonly {
    /** the name of the message */
    readonly name: string;
    /** why it was refused */
    readonly reason: string;
  }[];
}

/** What says whether EM converged: a fit, or an estimate that a machine sent. */
export interface Converging {
  /** whether EM converged, of a fit */
  readonly converged?: boolean;
  /** how the machine fitted, of an estimate that it sent */
  readonly fitted?: {
    /** whether EM converged */
    readonly converged?: boolean;
  };
}

/** A machine in the report. */
export interface MachineVerdict {
  readonly machine: string;
  readonly rows?: number;
  /**
   * in thresholds, so that 1 is at the threshold: to the centre of attention; under the component rule, of the farthest of its components
   * and weights that were used (of all, if none was)
   */
  readonly distance?: number;
  readonly verdict: 'kept' | 'kept, the centre of attention' | 'kept in part' | 'set aside';
  /** why the machine, or which of its components and why, was not used; empty if all was */
  readonly reason?: string;
  /** what is wrong with the machine's fit, and the remedy; absent if EM converged, or the machine does not say */
  readonly fit?: string;
}

/**
 * Who was kept, and why others were not.
 * @returns the machines whose estimates were aggregated, in order, then those that were set aside before
 */
export function verdicts(
  { result, dfmr, components, fits }: Aggregate<unknown> & Partial<Pick<Analysis<unknown>, 'fits'>>,
  { machines, estimates = fits, refused = [] }: VerdictOptions = {},
): MachineVerdict[] {
  const kept = new Set(result.kept);
  const reasonsOf = new Map<number, string[]>();
  for (const { machine, component, reason } of result.setAside) {
    // the component rule's reasons name the component
    const why = component === undefined || components ? reason : `component ${component}: ${reason}`;
    reasonsOf.set(machine, [...(reasonsOf.get(machine) ?? []), why]);
  }
  const m = [...kept, ...reasonsOf.keys()].reduce((most, i) => Math.max(most, i + 1), 0);
  const verdictOf = (i: number, reasons: readonly string[]) => {
    if (i === dfmr?.result.coat.index) return 'kept, the centre of attention';
    return reasons.length > 0 ? 'kept in part' : 'kept';
  };
  return [
    ...Array.from({ length: m }, (_, i): MachineVerdict => {
      const { converged, fitted } = (estimates?.[i] ?? {}) as Converging;
      const reasons = reasonsOf.get(i) ?? [];
      return {
        machine: machines?.[i] ?? `machine ${i}`,
        ...(fits && { rows: fits[i].sampleSize }),
        ...(dfmr && { distance: inThresholds(dfmr.result, i) }),
        ...(components && { distance: farthestOf(components, i, kept.has(i)) }),
        verdict: kept.has(i) ? verdictOf(i, reasons) : 'set aside',
        reason: reasons.join('; '),
        ...((converged ?? fitted?.converged) === false && { fit: 'EM did not converge: raise maxIterations' }),
      };
    }),
    ...refused.map(({ name, reason }): MachineVerdict => ({ machine: name, verdict: 'set aside', reason })),
  ];
}

/** The distance of a machine to the centre of attention, in thresholds. */
function inThresholds({ distances, threshold }: Dfmr<unknown>, i: number): number {
  return threshold > 0 ? distances[i] / threshold : distances[i] > 0 ? Infinity : 0;
}

/** In thresholds, the distance of the farthest part of a machine that was used; of the farthest of all, if none was. */
function farthestOf(
  { mixture, keptComponents, keptWeights, distances }: Components<unknown>,
  i: number,
  isKept: boolean,
): number {
  const { order: K } = mixture;
  const parts = distances.subarray(i * (K + 1), (i + 1) * (K + 1));
  const isUsed = (k: number) => (k < K ? keptComponents[i * K + k] : keptWeights[i]) === 1;
  return Math.max(...(isKept ? parts.filter((_, k) => isUsed(k)) : parts));
}
