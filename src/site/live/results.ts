import { type Answers, type RuleAnswer, TRUTH } from './scene';
import { draw, make } from './svg';

/** The names of the rules, in the order of the page. */
export const TITLES: Readonly<Record<RuleAnswer['name'], string>> = {
  vanilla: 'Vanilla average',
  coat: 'COAT alone',
  dfmr: 'DFMR',
  components: 'Component rule',
  oracle: 'Oracle',
};

/** The errors of the rules as bars; each is a switch of what the plane shows. */
export function drawErrors(list: HTMLElement, { rules }: Answers, shown: ReadonlySet<string>): void {
  const largest = Math.max(0.2, ...rules.map(({ error = 0 }) => error));
  for (const [name, title] of Object.entries(TITLES)) {
    let row = list.querySelector<HTMLElement>(`[data-rule="${name}"]`);
    if (!row) {
      row = make(
        'button',
        { type: 'button', class: `rule ${name}`, 'data-rule': name },
        make('span', { class: 'swatch' }),
        make('span', { class: 'title' }, title),
        make('span', { class: 'bar' }, make('span')),
        make('span', { class: 'value' }),
      );
      list.append(row);
    }
    const error = rules.find((rule) => rule.name === name)?.error;
    row.setAttribute('aria-pressed', String(shown.has(name)));
    row.title = shown.has(name) ? `Hide ${title} in the plane` : `Show ${title} in the plane`;
    (row.querySelector('.bar span') as HTMLElement).style.width = `${(100 * (error ?? 0)) / largest}%`;
    (row.querySelector('.value') as HTMLElement).textContent = error === undefined ? '–' : error.toFixed(3);
  }
}

/** The distances to the centre of attention, with the radius and the threshold. */
export function drawDistances(svg: SVGElement, answers: Answers, machine?: number): void {
  const { distances, radius, threshold, liars } = answers;
  const width = svg.clientWidth || 400;
  const [left, right, middle, height] = [12, 12, 42, 92];
  const most = 1.06 * Math.max(threshold * 1.35, ...distances);
  const at = (distance: number) => left + ((width - left - right) * distance) / (most || 1);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('height', String(height));
  const mark = (distance: number, look: string, text: string, anchor: string, y: number) => [
    draw('line', { class: look, x1: at(distance), x2: at(distance), y1: 18, y2: 64 }),
    draw('text', { class: look, x: at(distance), y, 'text-anchor': anchor }, text),
  ];
  const order = Array.from(distances.keys()).sort((a, b) => Number(liars.has(a)) - Number(liars.has(b)));
  const dots = order.map((i) => {
    const out = distances[i] > threshold;
    const looks = `${liars.has(i) ? 'liar' : 'honest'}${out ? ' out' : ''}${machine === i ? ' looked-at' : ''}`;
    const y = middle + (((i * 5) % 9) - 4) * 2.6; // apart, so that none hides another
    return draw('circle', { class: `dot ${looks}`, cx: at(distances[i]), cy: y, r: 5 });
  });
  svg.replaceChildren(
    draw('rect', { class: 'ball', x: left, y: 18, width: Math.max(0, at(threshold) - left), height: 46 }),
    draw('line', { class: 'axis', x1: left, x2: width - right, y1: 64, y2: 64 }),
    ...dots,
    ...(threshold > 0
      ? [
          ...mark(radius, 'radius', 'r', 'end', 13),
          ...mark(threshold, 'threshold', `ρ r = ${threshold.toFixed(3)}`, 'start', 13),
        ]
      : []),
    draw('text', { class: 'tick', x: left, y: 80 }, '0'),
    draw(
      'text',
      { class: 'tick', x: width - right, y: 80, 'text-anchor': 'end' },
      `L² distance to the COAT, up to ${most.toFixed(2)}`,
    ),
  );
}

/** What became of each machine: a chip, which tells more when it is chosen. */
export function drawMachines(list: HTMLElement, answers: Answers, machine?: number): void {
  const { estimates, liars, centre, parts } = answers;
  const dfmr = answers.rules.find(({ name }) => name === 'dfmr');
  const chips = estimates.map((_, i) => {
    const kept = dfmr?.kept[i] ?? true;
    const used = parts[i] ?? [];
    const looks = `${liars.has(i) ? ' liar' : ''}${kept ? '' : ' out'}${centre === i && dfmr ? ' centre' : ''}`;
    const said = [
      `Machine ${i}`,
      liars.has(i) ? 'lies' : 'is honest',
      kept ? 'kept by DFMR' : 'set aside by DFMR',
      `${used.filter(Boolean).length} of ${TRUTH.order} components used by the component rule`,
    ];
    return make(
      'button',
      {
        ...{ type: 'button', class: `chip${looks}`, 'data-machine': i, 'aria-label': said.join(', ') },
        'aria-pressed': String(machine === i),
      },
      make('span', { class: 'number' }, String(i)),
      make('span', { class: 'parts' }, ...used.map((is) => make('span', { class: is ? 'used' : 'unused' }))),
    );
  });
  const focused = (document.activeElement as HTMLElement | null)?.dataset.machine;
  list.replaceChildren(...chips);
  if (focused !== undefined) chips[Number(focused)]?.focus();
}

/** Sentences on the answer as a whole. */
export function summaryOf({ estimates, liars, rules, parts, failure }: Answers): string {
  if (failure !== undefined) return `There is no answer: ${failure}.`;
  const m = estimates.length;
  const dfmr = rules.find(({ name }) => name === 'dfmr')?.kept ?? [];
  const kept = dfmr.filter(Boolean).length;
  const lying = dfmr.filter((is, i) => is && liars.has(i)).length;
  const allParts = parts.flatMap((used, i) => used.map((is) => ({ is, liar: liars.has(i) })));
  const unused = allParts.filter(({ is }) => !is);
  const who =
    liars.size === 0 ? 'Nobody lies.' : `${liars.size} of ${m} machines ${liars.size === 1 ? 'lies' : 'lie'}.`;
  const among =
    lying === 0
      ? liars.size > 0
        ? ', none of them a liar'
        : ''
      : `, ${lying} of them ${lying === 1 ? 'a liar' : 'liars'}`;
  return (
    `${who} DFMR keeps ${kept} machines${among}. The component rule uses ${allParts.length - unused.length} of ${allParts.length} ` +
    `components${unused.length > 0 ? `; ${unused.filter(({ liar }) => liar).length} of the ${unused.length} that it sets aside are from liars` : ''}.`
  );
}

/** What is to be said of one machine. */
export function storyOf(answers: Answers, machine: number): string {
  const sentences = answers.rules
    .filter(({ name }) => name === 'dfmr' || name === 'components')
    .map(({ name, kept, reasons }) => {
      const why = reasons[machine];
      if (why.length > 0) return `${TITLES[name]}: ${why.join('; ')}.`;
      return `${TITLES[name]}: ${kept[machine] ? 'kept' : 'set aside'}.`;
    });
  const centre = answers.centre === machine ? ' It is the centre of attention.' : '';
  return `Machine ${machine} ${answers.liars.has(machine) ? 'lies' : 'is honest'}.${centre} ${sentences.join(' ')}`;
}
