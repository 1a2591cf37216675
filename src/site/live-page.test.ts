import { expect, it } from 'vitest';
import { answersOf, liarsOf, SCENES } from './live/scene';
import { livePage } from './live-page';

const errorsIn = (name: string) =>
  Object.fromEntries(answersOf(SCENES[name]).rules.map((rule) => [rule.name, rule.error ?? Number.NaN]));

/** The liars of whom a rule keeps something. */
const believed = (name: string, rule: string) => {
  const { liars, rules } = answersOf(SCENES[name]);
  const { kept } = rules.find((one) => one.name === rule) as { kept: readonly boolean[] };
  return [...liars].filter((i) => kept[i]).length;
};

// what the page says of the scenes that it offers

it('a lie that all can see leads the average astray, and neither DFMR nor the component rule', () => {
  const { vanilla, dfmr, components } = errorsIn('far');
  expect(believed('far', 'dfmr')).toBe(0);
  expect(vanilla / dfmr).toBeGreaterThan(5);
  expect(vanilla / components).toBeGreaterThan(5);
  const { parts, liars } = answersOf(SCENES.far);
  for (const [i, [first]] of parts.entries()) expect(first).toBe(!liars.has(i));
});

it('of a lie that is light and wide L² keeps liars, and is as wrong as the average; the component rule sees it', () => {
  const { vanilla, dfmr, components } = errorsIn('light');
  expect(believed('light', 'dfmr')).toBeGreaterThan(0);
  expect(dfmr / vanilla).toBeGreaterThan(0.9);
  expect(vanilla / components).toBeGreaterThan(3);
  const { parts, liars } = answersOf(SCENES.light);
  for (const i of liars) expect(parts[i][2]).toBe(false);
});

it('a lie that is near does little harm, and the component rule is better than the oracle', () => {
  const { vanilla, components, oracle } = errorsIn('near');
  expect(vanilla / oracle).toBeLessThan(1.5);
  expect(components).toBeLessThan(oracle);
});

it('with ρ = 1 and no liar half of the machines are kept; where most lie, only the oracle knows', () => {
  expect(
    answersOf(SCENES.strict)
      .rules.find(({ name }) => name === 'dfmr')
      ?.kept.filter(Boolean),
  ).toHaveLength(10);
  const { vanilla, dfmr, components, oracle } = errorsIn('most');
  expect(Math.min(vanilla, dfmr, components) / oracle).toBeGreaterThan(5);
});

it('as many lie as the slider says, and who lies still does if more do', () => {
  for (const machines of [5, 7, 14, 20, 28, 40]) {
    let before: ReadonlySet<number> = new Set();
    for (const liars of [0, 20, 40, 60]) {
      const now = liarsOf({ machines, liars });
      expect(now.size).toBe(Math.round((machines * liars) / 100));
      expect([...before].filter((i) => !now.has(i))).toEqual([]);
      before = now;
    }
  }
});

it('is one page with one classic script, below 600 kB, that asks for nothing else', () => {
  const page = livePage();
  expect(page.length).toBeLessThan(600_000);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<script [^>]*(module|src)|<link|@import|url\(|<img/);
  expect(page).toContain('<body>\n<!-- navigation -->\n<main>');
  const ids = [...page.slice(0, page.indexOf('<script')).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
