// The live page: a reader moves a liar, and the rules answer.

import { drawMap, inPlane, makeHandles, scaleOf, within } from './map';
import { drawDistances, drawErrors, drawMachines, storyOf, summaryOf } from './results';
import { type Answers, answersOf, HONEST, type Lie, type Point, SCENES, type Scene } from './scene';
import { byId } from './svg';

let scene: Scene = SCENES.far;
let answers: Answers = answersOf(scene);
let component = 0;
let machine: number | undefined;
const shown = new Set<string>(['vanilla', 'dfmr', 'components']);

const map = byId('map') as unknown as SVGElement;
const handles = makeHandles(HONEST.length);
(map.querySelector('.handles') as SVGElement).append(...handles);

function redraw(): void {
  drawMap(map, handles, scene, answers, { shown, component, machine });
  drawErrors(byId('errors'), answers, shown);
  drawDistances(byId('distances') as unknown as SVGElement, answers, machine);
  drawMachines(byId('chips'), answers, machine);
  byId('story').textContent = machine === undefined ? (byId('story').dataset.idle ?? '') : storyOf(answers, machine);
}

let waiting = 0;
let telling: ReturnType<typeof setTimeout> | undefined;

/** Takes a new scene; rules answer before the next picture, screen readers hear of it when the reader pauses. */
function change(changed: Partial<Scene>): void {
  scene = { ...scene, ...changed };
  if (machine !== undefined && machine >= scene.machines) machine = undefined;
  showControls();
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => {
    answers = answersOf(scene);
    redraw();
    clearTimeout(telling);
    telling = setTimeout(() => {
      byId('summary').textContent = summaryOf(answers);
    }, 120);
  });
}

const changeLie = (k: number, changed: Partial<Lie>): void =>
  change({ lies: scene.lies.map((lie, i) => (i === k ? { ...lie, ...changed } : lie)) });

/** Sets the weight of a component, and takes it from the others in proportion. */
function changeWeight(k: number, weight: number): void {
  const rest = scene.lies.reduce((sum, lie, i) => (i === k ? sum : sum + lie.weight), 0);
  change({
    lies: scene.lies.map((lie, i) => ({ ...lie, weight: i === k ? weight : (lie.weight * (1 - weight)) / rest })),
  });
}

/** Each slider: where its number is, how it is written, and what it changes. */
const SLIDERS: Record<string, { get: () => number; text: (value: number) => string; set: (value: number) => void }> = {
  liars: {
    get: () => scene.liars,
    text: (value) => `${Math.round((scene.machines * value) / 100)} of ${scene.machines}`,
    set: (liars) => change({ liars }),
  },
  weight: {
    get: () => Math.round(100 * scene.lies[component].weight),
    text: (value) => `${value} %`,
    set: (value) => changeWeight(component, value / 100),
  },
  width: {
    get: () => scene.lies[component].width,
    text: (value) => `${value} ×`,
    set: (width) => changeLie(component, { width }),
  },
  machines: { get: () => scene.machines, text: String, set: (machines) => change({ machines }) },
  rows: {
    get: () => Math.log2(scene.rows / 125),
    text: (value) => String(125 * 2 ** value),
    set: (value) => change({ rows: 125 * 2 ** value }),
  },
  inflation: {
    get: () => scene.inflation,
    text: (value) => value.toFixed(2),
    set: (inflation) => change({ inflation }),
  },
};

function showControls(): void {
  for (const [id, { get, text }] of Object.entries(SLIDERS)) {
    const slider = byId(id) as HTMLInputElement;
    const value = get();
    if (Number(slider.value) !== value) slider.value = String(value);
    const said = text(value);
    byId(`${id}-value`).textContent = said;
    slider.setAttribute('aria-valuetext', said);
  }
  for (const one of document.querySelectorAll<HTMLElement>('[data-choose]'))
    one.setAttribute('aria-pressed', String(Number(one.dataset.choose) === component));
}

for (const [id, { set }] of Object.entries(SLIDERS))
  byId(id).addEventListener('input', (event) => set(Number((event.target as HTMLInputElement).value)));

function choose(k: number): void {
  component = k;
  showControls();
  for (const [i, handle] of handles.entries()) handle.classList.toggle('chosen', i === k);
}

/** Where the pointer took hold of a handle, from its middle. */
let held: { readonly component: number; readonly offset: Point } | undefined;

for (const [k, handle] of handles.entries()) {
  handle.addEventListener('pointerdown', (event) => {
    const box = map.getBoundingClientRect();
    const scale = scaleOf(map.clientWidth);
    const [x, y] = inPlane(scale, event.clientX - box.left, event.clientY - box.top);
    const { mean } = scene.lies[k];
    held = { component: k, offset: [mean[0] - x, mean[1] - y] };
    handle.setPointerCapture(event.pointerId);
    choose(k);
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  handle.addEventListener('pointermove', (event) => {
    if (held?.component !== k) return;
    const box = map.getBoundingClientRect();
    const [x, y] = inPlane(scaleOf(map.clientWidth), event.clientX - box.left, event.clientY - box.top);
    changeLie(k, { mean: [within(x + held.offset[0], 6.9), within(y + held.offset[1], 4.9)] });
  });
  handle.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false }); // the page stays where it is
  for (const end of ['pointerup', 'pointercancel'])
    handle.addEventListener(end, () => {
      held = undefined;
    });
  handle.addEventListener('focus', () => choose(k));
  handle.addEventListener('keydown', (event) => {
    const steps: Record<string, Point> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, 1],
      ArrowDown: [0, -1],
    };
    const step = steps[event.key];
    if (event.key === 'Enter' || event.key === ' ') choose(k);
    if (!step) return;
    event.preventDefault();
    const [x, y] = scene.lies[k].mean;
    const size = event.shiftKey ? 1 : 0.2;
    changeLie(k, { mean: [within(x + size * step[0], 6.9), within(y + size * step[1], 4.9)] });
  });
}

document.addEventListener('click', (event) => {
  const { dataset } = (event.target as Element).closest<HTMLElement>('button') ?? { dataset: {} as DOMStringMap };
  if (dataset.choose !== undefined) choose(Number(dataset.choose));
  if (dataset.rule !== undefined) {
    if (!shown.delete(dataset.rule)) shown.add(dataset.rule);
    redraw();
  }
  if (dataset.machine !== undefined) {
    machine = machine === Number(dataset.machine) ? undefined : Number(dataset.machine);
    redraw();
  }
  if (dataset.scene !== undefined) {
    const next = SCENES[dataset.scene];
    machine = undefined;
    const lied = next.lies.findIndex((lie, k) => lie !== HONEST[k]);
    choose(Math.max(0, lied));
    change(next);
    if (dataset.show === 'map') byId('lab').scrollIntoView({ behavior: 'smooth', block: 'start' });
  }
});

new ResizeObserver(redraw).observe(map);
showControls();
redraw();
byId('summary').textContent = summaryOf(answers);
