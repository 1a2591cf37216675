import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../page/html';
import { htmlPage, sharedPlotly, sharedStyle } from '../page/html-page';
import { relativeAddress } from './addresses';
import { SITE_STYLE } from './site-style';

/** A page of the site. */
export interface SitePage {
  /** from the top of the site, such as `guide/readme.html` */
  readonly address: string;
  readonly title: string;
  readonly sections: readonly string[];
  readonly hasFigures?: boolean;
  /** a class of the body: `wide` where the text is not the widest */
  readonly look?: 'wide';
}

/** A place in the navigation of every page. */
export interface Place {
  readonly name: string;
  readonly address: string;
  /** the folder whose pages belong to it */
  readonly folder?: string;
}

/** Writes the pages of a site into its folder, each with the same navigation. */
export class SiteWriter {
  /** what was written, from the top of the site */
  readonly files: string[] = [];

  constructor(
    readonly folder: string,
    private readonly places: readonly Place[],
  ) {
    fs.rmSync(folder, { recursive: true, force: true });
    this.file('style.css', `${sharedStyle()}\n${SITE_STYLE}`);
    this.file('plotly.js', sharedPlotly());
  }

  /** Writes a file that is no page. */
  file(address: string, content: string | Uint8Array): void {
    const file = path.join(this.folder, address);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    this.files.push(address);
  }

  page({ address, title, sections, hasFigures = false, look }: SitePage): void {
    const body = look ? [`<div class="${look}">`, ...sections, '</div>'] : sections;
    const html = htmlPage(title === 'dfmr' ? title : `${title} · dfmr`, body, hasFigures, {
      style: relativeAddress(address, 'style.css'),
      plotly: relativeAddress(address, 'plotly.js'),
      header: this.navigation(address),
    });
    this.file(address, html);
  }

  /** The line above every page; the place that the page belongs to is marked. */
  navigation(address: string): string {
    const links = this.places.map((place) => {
      const isHere =
        place.address === address || (place.folder !== undefined && address.startsWith(`${place.folder}/`));
      return `<a href="${relativeAddress(address, place.address)}"${isHere ? ' aria-current="page"' : ''}>${escapeHtml(place.name)}</a>`;
    });
    return `<header class="bar"><nav aria-label="Site">${links.join('\n')}</nav></header>`;
  }
}
