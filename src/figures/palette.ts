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

export const honestColour: string = OKABE_ITO.blue;
export const failedColour: string = OKABE_ITO.vermillion;
export const quietColour: string = OKABE_ITO.grey;

/** A text shadow that keeps words legible above points. */
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

/** The colour of component k. */
export function componentColour(k: number): string {
  return COMPONENTS[k % COMPONENTS.length];
}

/** The colour of a method in every figure: that of the rule of its name, or of its name before a bracket: DFMR(best) is DFMR. */
export function methodColour(method: string): string {
  if (method === 'Local') return OKABE_ITO.grey;
  const rule = [method, method.replace(/\(.*/, '')].find(hasRule);
  return (rule !== undefined && ruleOf(rule).colour) || OKABE_ITO.purple;
}
