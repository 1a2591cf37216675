import type { GaussianParameter } from '../../families/gaussian-parameter';
import { sample } from '../../mixture/sample';
import { type Answers, type Gaussians, type Point, type RuleAnswer, type Scene, TRUTH } from './scene';
import { draw } from './svg';

/** Half of what is seen of the plane, in its units. */
const REACH = { x: 7.2, y: 5.2 };

/** Rows that show where the data are. */
const ROWS = sample(TRUTH, 500, 'shown').data.data;

/** Ellipses hold 86 % of a component. */
const DEVIATIONS = 2;

/** From the plane to the screen. */
interface Scale {
  readonly width: number;
  readonly height: number;
  readonly unit: number;
}

export const scaleOf = (width: number): Scale => {
  const unit = width / (2 * REACH.x);
  return { width, unit, height: 2 * REACH.y * unit };
};

const onScreen = ({ width, height, unit }: Scale, x: number, y: number): Point => [
  width / 2 + x * unit,
  height / 2 - y * unit,
];

/** The point of the plane, within what is seen. */
export const inPlane = ({ width, height, unit }: Scale, x: number, y: number): Point => [
  within((x - width / 2) / unit, REACH.x - 0.3),
  within((height / 2 - y) / unit, REACH.y - 0.3),
];

export const within = (value: number, most: number): number =>
  Math.round(100 * Math.max(-most, Math.min(most, value))) / 100;

/** The ellipse of a component. */
function ellipse(scale: Scale, { mean, covariance }: GaussianParameter, attributes: Record<string, string | number>) {
  const [a, b, , d] = covariance;
  const middle = (a + d) / 2;
  const root = Math.hypot((a - d) / 2, b);
  const angle = (-Math.atan2(b, (a - d) / 2) / 2) * (180 / Math.PI);
  const [x, y] = onScreen(scale, mean[0], mean[1]);
  return draw('ellipse', {
    ...attributes,
    rx: DEVIATIONS * scale.unit * Math.sqrt(middle + root),
    ry: DEVIATIONS * scale.unit * Math.sqrt(Math.max(0, middle - root)),
    transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${angle.toFixed(2)})`,
  });
}

const ellipses = (scale: Scale, { parameters }: Gaussians, look: string) =>
  parameters.map((parameter) => ellipse(scale, parameter, { class: look }));

/** A merged mixture: ellipses, filled the more the more of the rows they hold, and crosses at the means. */
function merged(scale: Scale, { name, mixture }: RuleAnswer): SVGElement[] {
  if (!mixture) return [];
  return mixture.parameters.flatMap((parameter, k) => {
    const [x, y] = onScreen(scale, parameter.mean[0], parameter.mean[1]);
    return [
      ellipse(scale, parameter, { class: `merged ${name}`, 'fill-opacity': 0.04 + 0.22 * mixture.weights[k] }),
      draw('path', { class: `cross ${name}`, d: `M${x - 5} ${y}h10M${x} ${y - 5}v10` }),
    ];
  });
}

/** The handles of the lie, which stay while all else is drawn anew, so that a drag and the focus go on. */
export function makeHandles(count: number): SVGElement[] {
  return Array.from({ length: count }, (_, k) =>
    draw(
      'g',
      { class: 'handle', tabindex: 0, role: 'button', 'data-component': k },
      draw('circle', { class: 'reach', r: 24 }),
      draw('circle', { class: 'grip', r: 12 }),
      draw('text', { 'text-anchor': 'middle', dy: '0.36em' }, String(k)),
    ),
  );
}

/** What is drawn of a scene. */
export interface MapOptions {
  readonly shown: ReadonlySet<string>;
  /** the component that the sliders are of */
  readonly component: number;
  /** the machine that the reader looks at */
  readonly machine?: number;
}

/** Draws the plane: rows, machines, the truth, what rules merge, the handles. */
export function drawMap(
  svg: SVGElement,
  handles: readonly SVGElement[],
  { lies, liars }: Scene,
  answers: Answers,
  { shown, component, machine }: MapOptions,
): void {
  const scale = scaleOf(svg.clientWidth || 640);
  svg.setAttribute('height', String(Math.round(scale.height)));
  svg.setAttribute('viewBox', `0 0 ${scale.width} ${scale.height}`);
  const rows = Array.from({ length: ROWS.length / 2 }, (_, i) => {
    const [x, y] = onScreen(scale, ROWS[2 * i], ROWS[2 * i + 1]);
    return `M${x.toFixed(1)} ${y.toFixed(1)}h0`;
  });
  const machines = answers.estimates.map((mixture, i) =>
    draw(
      'g',
      { class: `machine${answers.liars.has(i) ? ' liar' : ''}${machine === i ? ' looked-at' : ''}` },
      ...ellipses(scale, mixture, 'sent'),
    ),
  );
  const truth = TRUTH.parameters.map((parameter) => ellipse(scale, parameter, { class: 'truth' }));
  const lines = lies.map(({ mean }, k) => {
    const [x1, y1] = onScreen(scale, TRUTH.parameters[k].mean[0], TRUTH.parameters[k].mean[1]);
    const [x2, y2] = onScreen(scale, mean[0], mean[1]);
    handles[k].setAttribute('transform', `translate(${x2.toFixed(2)} ${y2.toFixed(2)})`);
    handles[k].classList.toggle('chosen', k === component);
    handles[k].setAttribute(
      'aria-label',
      `Component ${k} of the lie, at (${mean[0].toFixed(1)}, ${mean[1].toFixed(1)}). Arrow keys move it.`,
    );
    return draw('line', { class: 'lie', x1, y1, x2, y2 });
  });
  const picture = draw(
    'g',
    {},
    draw('path', { class: 'rows', d: rows.join('') }),
    ...(machine === undefined ? machines : [...machines, machines[machine]]),
    draw('g', {}, ...truth),
    ...answers.rules.filter(({ name }) => shown.has(name)).flatMap((rule) => merged(scale, rule)),
    draw('g', { class: liars > 0 ? '' : 'idle' }, ...lines),
  );
  svg.querySelector('.picture')?.replaceChildren(picture);
}
