import type { Seed } from '../math/random';
import type { ExpertsPopulationOptions } from '../simulate/experts-population';
import type { Task } from './results-file';

/** One choice of data for mixtures of experts. */
export interface ExpertsSetting {
  /** what the setting is called in tables */
  readonly name: string;
  /** the truth of a repetition is drawn by these */
  readonly population: Omit<ExpertsPopulationOptions, 'seed'>;
  /** n, on each machine */
  readonly sampleSize: number;
  /** m */
  readonly machines: number;
  /**
   * the standard deviation of the machines' means of each covariate: machines that see other rows
   * @defaultValue 0
   */
  readonly shift?: number;
  /**
   * S, how many rows of covariates the server compares on
   * @defaultValue 200
   */
  readonly rows?: number;
  /**
   * whose rows these are: the server's own, or S / m of each machine, of which failed machines send what is ten times as far out
   * @defaultValue 'server'
   */
  readonly rowsFrom?: 'server' | 'machines';
  /**
   * where local EM starts: at the truth, or at starts of its own
   * @defaultValue 'truth'
   */
  readonly fits?: 'truth' | 'own';
}

/** A simulation study of mixtures of experts: every rule meets every failure, in every setting, again and again. Plain JSON. */
export interface ExpertsStudyDesign {
  /** the populations, with the machines and their rows */
  readonly experts: readonly ExpertsSetting[];
  /** the failures by name, each with α, the share of the machines; 'none' of 0 */
  readonly failures: readonly {
    /** the name of the failure */
    readonly kind: string;
    /** α, the share of the machines that fail, from 0 to below ½ */
    readonly fraction: number;
  }[];
  /** the rules to compare by their names, and 'MLE', of the rows of the machines that do not fail */
  readonly methods: readonly string[];
  /** what all draws are made from */
  readonly seed: Seed;
}

/** How one method answered one failure. */
export interface ExpertsStudyRow {
  /** the name of the failure */
  readonly failure: string;
  /** α, the share of the machines that fail */
  readonly fraction: number;
  /** the rule, by its name */
  readonly method: string;
  /** L² of the conditional densities to the truth, on average over 500 rows */
  readonly error: number;
  /** the mean squared error of the coefficients and variances, of the best matching of experts */
  readonly expertError: number;
  /** that of the gates' coefficients, of the same matching */
  readonly gateError: number;
  /** how many machines were kept, and of how many failed machines something wrong was used; null for methods that do not filter */
  readonly kept: number | null;
  /** of how many failed machines something wrong was used */
  readonly wrong: number | null;
  /** whether some expert, or the gates, is wrong on half of the machines or more, so that no rule could know it */
  readonly outvoted: boolean;
}

/** What one repetition of a setting found. */
export interface ExpertsRepetition extends Task {
  /** an answer for each failure and method */
  readonly rows: readonly ExpertsStudyRow[];
}
