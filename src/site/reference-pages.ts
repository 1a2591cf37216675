import { escapeHtml } from '../page/html';
import { type Addresses, relativeAddress } from './addresses';
import { entryHtml, kindName, type Links, summaryText } from './reference-entries';
import type { Entry } from './reference-model';
import type { SiteWriter } from './site-page';

/** The rooms of the reference, in the order in which a reader meets them. */
const ROOMS: Readonly<Record<string, { title: string; says: string }>> = {
  mixture: { title: 'Mixtures', says: 'Make them, ask them for densities and clusters, draw from them.' },
  estimate: { title: 'Fitting', says: 'One machine learns a mixture from its rows: EM for the penalised MLE.' },
  aggregate: { title: 'Aggregating', says: 'One mixture from the estimates of many machines, some of which lie.' },
  analysis: { title: 'From a table to a result', says: 'Every choice made, and told.' },
  distance: { title: 'Distances', says: 'Between mixtures, and between clusterings.' },
  protocol: { title: 'Conversations', says: 'Many machines on threads, the choice of the order, rounds.' },
  messages: { title: 'Estimate files', says: 'What machines send, the door that screens it, and who signed it.' },
  experts: { title: 'Mixtures of experts', says: 'Several regressions, and where each of them holds.' },
  families: { title: 'Families', says: 'What components can be, and how to add a family of your own.' },
  tables: { title: 'Tables', says: 'Read them from files, split them, standardise them.' },
  theory: { title: 'Theory', says: 'Standard errors, information, the law of distances.' },
  simulate: { title: 'Simulation', says: 'Populations, and machines that fail.' },
  study: { title: 'Studies', says: 'Designs, results that resume, the arena.' },
  figures: { title: 'Figures', says: 'Each is a plain Plotly specification; the gallery shows them.' },
  jupyter: { title: 'In notebooks', says: 'What cells show.' },
  report: { title: 'Reports', says: 'A result as a page that explains itself.' },
  page: { title: 'Pages', says: 'Tables on pages.' },
  examples: { title: 'The NIST example', says: 'From images to the paper’s Table 2.' },
  math: { title: 'Mathematics', says: 'Random streams, tables of numbers, quadratic forms.' },
  registry: { title: 'Modules', says: 'What users register works in threads, too.' },
  work: { title: 'Progress and interruption', says: 'What all that takes long has in common.' },
  errors: { title: 'Errors', says: 'Those that a caller may want to tell apart.' },
};

/** The address of an entry of the reference. */
const addressOf = ({ room, name }: Entry): string => `reference/${room}.html#${name}`;

/** Where each public name is in the reference, from the top of the site. */
export const namesOf = (entries: readonly Entry[]): Map<string, string> =>
  new Map(entries.map((entry) => [entry.name, addressOf(entry)]));

/** Writes the reference: a page for each room, and an index of all names with a filter. */
export function writeReference(writer: SiteWriter, entries: readonly Entry[], addresses: Addresses): void {
  const byId = new Map(entries.map((entry) => [entry.reflection.id, entry]));
  const byName = namesOf(entries);
  const present = [...new Set([...Object.keys(ROOMS), ...entries.map(({ room }) => room)])].filter((room) =>
    entries.some((entry) => entry.room === room),
  );
  for (const room of present) {
    const address = `reference/${room}.html`;
    const seen = (to: string | undefined): string | undefined =>
      to === undefined ? undefined : localAddress(address, to);
    const links: Links = {
      byId: (id) => seen(byId.has(id) ? addressOf(byId.get(id) as Entry) : undefined),
      byName: (name) => seen(byName.get(name)),
      entries: byId,
    };
    const sourceOf = (file: string): string => relativeAddress(address, addresses.of(file) as string);
    const own = ordered(entries.filter((entry) => entry.room === room));
    const { title, says } = roomOf(room);
    writer.page({
      address,
      title,
      sections: [
        `<h1>${title}</h1>\n<p>${says}</p>`,
        `<ul class="toc">${own.map(({ name }) => `<li><a href="#${name}">${escapeHtml(name)}</a></li>`).join('')}</ul>`,
        ...own.map((entry) => entryHtml(entry, links, sourceOf)),
      ],
    });
  }
  writeIndex(writer, entries, present);
}

/** Functions first, then types. */
function ordered(entries: readonly Entry[]): Entry[] {
  const isType = (entry: Entry): boolean => kindName(entry.reflection) === 'type';
  return [...entries.filter((one) => !isType(one)), ...entries.filter(isType)];
}

const roomOf = (room: string): { title: string; says: string } => ROOMS[room] ?? { title: room, says: '' };

/** The address `to`, which may be on the same page. */
function localAddress(page: string, to: string): string {
  return to.startsWith(`${page}#`) ? to.slice(page.length) : relativeAddress(page, to);
}

function writeIndex(writer: SiteWriter, entries: readonly Entry[], rooms: readonly string[]): void {
  const address = 'reference/index.html';
  const sections = rooms.map((room) => {
    const own = ordered(entries.filter((entry) => entry.room === room));
    const items = own.map((entry) => {
      const isType = kindName(entry.reflection) === 'type';
      const link = `<a href="${relativeAddress(address, addressOf(entry))}"><code>${escapeHtml(entry.name)}</code></a>`;
      return `<li${isType ? ' class="type"' : ''}>${link}<p>${escapeHtml(summaryText(entry))}</p></li>`;
    });
    const { title, says } = roomOf(room);
    return `<section class="room"><h2 id="${room}"><a href="${room}.html">${title}</a></h2>\n<p>${says}</p>\n<ul class="entry-list">${items.join('\n')}</ul></section>`;
  });
  writer.page({
    address,
    title: 'Reference',
    sections: [
      '<h1>Reference</h1>',
      '<input class="filter" type="search" placeholder="Filter by name or by what it does" aria-label="Filter the reference" autocomplete="off">',
      '<p class="from" id="found" aria-live="polite"></p>',
      ...sections,
      `<script>${FILTER}</script>`,
    ],
    look: 'wide',
  });
}

/** Hides what has not all words that were typed; Enter opens the first that is left. */
const FILTER = `(function () {
  var box = document.querySelector('.filter'), found = document.getElementById('found');
  var items = [].slice.call(document.querySelectorAll('.entry-list li')), texts = items.map(function (one) { return one.textContent.toLowerCase(); });
  function filter() {
    var words = box.value.toLowerCase().split(/\\s+/).filter(Boolean), left = 0;
    items.forEach(function (item, i) {
      item.hidden = !words.every(function (word) { return texts[i].indexOf(word) >= 0; });
      if (!item.hidden) left++;
    });
    document.querySelectorAll('.room').forEach(function (room) { room.hidden = !room.querySelector('li:not([hidden])'); });
    found.textContent = words.length ? left + ' of ' + items.length : '';
  }
  box.addEventListener('input', filter);
  box.addEventListener('keydown', function (event) {
    var first = document.querySelector('.entry-list li:not([hidden]) a');
    if (event.key === 'Enter' && first) location.href = first.href;
  });
  filter();
})();`;
