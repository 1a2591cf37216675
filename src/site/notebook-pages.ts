import { type Cell, hasTag, joinText, type Notebook } from '../jupyter/runner/notebook-file';
import { notebookSections } from '../jupyter/runner/notebook-page';
import { escapeHtml } from '../page/html';
import { type Addresses, relativeAddress, withHeadingNames, withSiteLinks } from './addresses';
import type { SiteWriter } from './site-page';

/** A notebook and its place in the repository, such as `notebooks/02-families.ipynb`. */
export interface NotebookFile {
  readonly file: string;
  readonly notebook: Notebook;
}

/** A picture of a notebook's figure, without scripts. */
export interface Picture {
  /** of the image, in the site */
  readonly address: string;
  /** the cell that drew it, by its place in the notebook */
  readonly cell: number;
  readonly caption: string;
}

/** What other pages tell of a notebook's page. */
export interface NotebookEntry extends NotebookFile {
  readonly address: string;
  /** such as '02' */
  readonly number: string;
  /** its question */
  readonly title: string;
  readonly pictures: readonly Picture[];
}

/** The page of a notebook. */
export const notebookAddress = (file: string): string => file.replace(/\.ipynb$/, '.html');

/** Writes a page for each notebook, in their order, and their pictures beside. */
export function writeNotebooks(
  writer: SiteWriter,
  notebooks: readonly NotebookFile[],
  addresses: Addresses,
): NotebookEntry[] {
  const contents = notebooks.map(({ notebook }) => notebookSections(notebook));
  return notebooks.map(({ file, notebook }, i) => {
    const address = notebookAddress(file);
    const number = /(\d+)-/.exec(file)?.[1] ?? String(i);
    const content = contents[i] as (typeof contents)[number];
    const pictures = writePictures(writer, notebook, number);
    const sections = content.sections.map((html) => {
      const prose = html.startsWith('<section class="prose">');
      return prose
        ? withSiteLinks(withHeadingNames(html), file, address, addresses)
        : withPicturesBeside(html, address, pictures);
    });
    const turn = (to: number, word: string, look: string): string => {
      const other = notebooks[to];
      if (!other) return '';
      const link = relativeAddress(address, notebookAddress(other.file));
      return `<a class="${look}" href="${link}"><span>${word}</span>${escapeHtml(contents[to]?.title ?? '')}</a>`;
    };
    writer.page({
      address,
      title: content.title,
      sections: [
        `<p class="from">Notebook ${number}, <code>${escapeHtml(file)}</code></p>`,
        ...sections,
        `<nav class="turn" aria-label="Notebooks">${turn(i - 1, '← Previous', 'previous')}${turn(i + 1, 'Next →', 'next')}</nav>`,
      ],
      hasFigures: content.hasFigures,
    });
    return { file, notebook, address, number, title: content.title, pictures };
  });
}

/** The picture that stands for a notebook: of the cell with the tag `cover`, or its first. */
export function coverOf({ notebook, pictures }: NotebookEntry): Picture | undefined {
  const tagged = notebook.cells.findIndex((cell) => hasTag(cell, 'cover'));
  return pictures.find(({ cell }) => cell === tagged) ?? pictures[0];
}

interface WrittenPicture extends Picture {
  readonly base64: string;
}

function writePictures(writer: SiteWriter, notebook: Notebook, number: string): WrittenPicture[] {
  const found = notebook.cells.flatMap((cell, place) => picturesOf(cell).map((one) => ({ ...one, cell: place })));
  return found.map((one, k) => {
    const address = `pictures/${number}-${k}.png`;
    writer.file(address, Buffer.from(one.base64, 'base64'));
    return { ...one, address };
  });
}

function picturesOf({ outputs = [] }: Cell): { base64: string; caption: string }[] {
  return outputs.flatMap((output) => {
    if (!('data' in output) || output.data['image/png'] === undefined) return [];
    const base64 = joinText(output.data['image/png']).replace(/\s/g, '');
    return [{ base64, caption: joinText(output.data['text/plain']) }];
  });
}

/** The section with its pictures as files: pages are small, and the pictures are there where no scripts run. */
function withPicturesBeside(html: string, page: string, pictures: readonly WrittenPicture[]): string {
  return html.replace(/<img src="data:image\/png;base64,([^"]*)"/g, (whole, base64: string) => {
    const written = pictures.find((one) => one.base64 === base64);
    return written ? `<img class="still" loading="lazy" src="${relativeAddress(page, written.address)}"` : whole;
  });
}
