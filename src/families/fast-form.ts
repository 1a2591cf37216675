import type { BatchForms, ClosedForms, Family, LocalProblem, PlainForm } from './family';

// Whether the faster forms of a family may be used: only while the plain forms beside them are those that they stand for, so that a
// family made by spreading another and changing something is never answered for by the other.

/** Which plain forms of the family each faster one stands for. */
const STANDS_FOR = {
  labels: ['logDensity'],
  logInnerProducts: ['logInnerProduct'],
  divergences: ['divergence'],
  innerProductDerivatives: ['logInnerProduct', 'toVector', 'fromVector'],
  scores: ['logDensity', 'toVector', 'fromVector'],
  quadrature: ['logDensity'],
} as const satisfies Record<string, readonly PlainForm[]>;

type Forms<Parameter> = BatchForms<Parameter> & ClosedForms<Parameter>;

/**
 * A faster form of the family; undefined if it has none, or if a plain form that it stands for was changed, as in a family
 * made by spreading another.
 * @param name which form
 */
export function fastForm<Parameter, Name extends keyof typeof STANDS_FOR>(
  family: Family<Parameter>,
  name: Name,
): Forms<Parameter>[Name] {
  const forms = [family.fast, family.theory].find((group) => group && name in group) as Forms<Parameter> | undefined;
  const own = forms && STANDS_FOR[name].every((plain) => forms.of[plain] === family[plain]);
  return own ? forms[name] : undefined;
}

/** A problem's faster form of EM; undefined if it has none, or a plain form of the problem or of the family was changed. */
export function fastPass<Parameter>(
  { logDensity }: Family<Parameter>,
  { fast, penalty, maximise }: LocalProblem<Parameter>,
): NonNullable<LocalProblem<Parameter>['fast']>['pass'] | undefined {
  const { of } = fast ?? {};
  const own = of && of.logDensity === logDensity && of.penalty === penalty && of.maximise === maximise;
  return own ? fast?.pass : undefined;
}
