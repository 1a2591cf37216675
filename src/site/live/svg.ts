// The few things that the page draws with.

const NAMESPACE = 'http://www.w3.org/2000/svg';

export type Attributes = Readonly<Record<string, string | number>>;

/** An element of a drawing, with its children. */
export function draw(name: string, attributes: Attributes = {}, ...children: (Element | string)[]): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes))
    element.setAttribute(key, typeof value === 'number' ? String(Math.round(value * 100) / 100) : value);
  element.append(...children);
  return element;
}

/** An element of the page. */
export function make(name: string, attributes: Attributes = {}, ...children: (Element | string)[]): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** The element of the page with this id. */
export const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
