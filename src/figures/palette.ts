import { hasRule, ruleOf } from '../aggregate/rules';

/** The colour-blind safe palette of Okabe and Ito (2008). */
const OKABE_ITO = {
  orange: '#E69F00',
  sky: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermillion: '#D55E00',
  purple: '#CC79A7',
  grey: '#8C8C8C',
  black: '#333333',
};

/** Honest machines, failed ones, and what only guides the eye. */
export const honestColour: string = OKABE_ITO.blue;
export const failedColour: string = OKABE_ITO.vermillion;
export const quietColour: string = OKABE_ITO.grey;

/** A text shadow, as CSS has it, that keeps words legible above points. */
export const HALO = '0 0 3px white, 0 0 3px white, 0 0 3px white, 0 0 3px white';

const COMPONENTS = [
  OKABE_ITO.blue,
  OKABE_ITO.orange,
  OKABE_ITO.green,
  OKABE_ITO.vermillion,
  OKABE_ITO.purple,
  OKABE_ITO.sky,
  OKABE_ITO.black,
  '#A6761D',
  '#7F3C8D',
  OKABE_ITO.grey,
];

/** The colour of component k; grey for noise, whose label is −1. */
export function componentColour(k: number): string {
  return k < 0 ? quietColour : COMPONENTS[k % COMPONENTS.length];
}

/** The colour of the rule of this name, if there is one; local fits are grey. */
const ownColour = (method: string): string | undefined =>
  method === 'Local' ? OKABE_ITO.grey : hasRule(method) ? ruleOf(method).colour : undefined;

/**
 * The colour of a method in every figure: that of the rule of its name, else of its name before a bracket: 'DFMR(best)' is 'DFMR'.
 * @param otherwise the colour of a method that has none
 */
export function methodColour(method: string, otherwise: string = OKABE_ITO.purple): string {
  return ownColour(method) ?? ownColour(method.replace(/\(.*/, '')) ?? otherwise;
}

const SYMBOLS = ['circle', 'square', 'diamond', 'triangle-up', 'triangle-down', 'x'] as const;

/** The marker of the i-th method, for readers who do not see its colour. */
export const methodSymbol = (i: number): (typeof SYMBOLS)[number] => SYMBOLS[i % SYMBOLS.length];
