import fs from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';
import { type Notebook, readNotebook } from '../jupyter/runner/notebook-file';
import { Addresses } from './addresses';
import { exampleFigures } from './example-figures';
import { writeFiles } from './file-pages';
import { examplesToDraw, writeGallery } from './gallery-page';
import { guideFiles, writeGuide, writeGuideIndex } from './guide-pages';
import { writeHome } from './home-page';
import { type NotebookFile, notebookAddress, writeNotebooks } from './notebook-pages';
import type { Entry } from './reference-model';
import { namesOf, writeReference } from './reference-pages';
import { SCHEMA_FILE, writeSchema } from './schema-page';
import { type Place, SiteWriter } from './site-page';

/** What a site is made of. */
export interface SiteOptions {
  /** the repository's folder */
  readonly repository: string;
  /** where it is written; what was there is removed */
  readonly folder: string;
  /** notebooks that were executed anew, by their names, in place of the committed ones */
  readonly executed?: Readonly<Record<string, Notebook>>;
  /** the page on which a reader moves a liar */
  readonly live?: string;
  /** the reference's names, with which a gallery comes, too; without them the site is made in a second */
  readonly entries?: readonly Entry[];
}

/** What was written. */
export interface Site {
  /** pages and files, from the top of the site */
  readonly files: readonly string[];
  readonly bytes: number;
}

/** Writes the site: pages that need no server and no network. */
export async function writeSite({ repository, folder, executed = {}, live, entries }: SiteOptions): Promise<Site> {
  const notebooks = notebooksOf(repository, executed);
  const guide = guideFiles(repository);
  const addresses = new Addresses(
    repository,
    new Map([
      ...notebooks.map(({ file }): [string, string] => [file, notebookAddress(file)]),
      ...guide.map(({ file, address }): [string, string] => [file, address]),
      ['notebooks', 'index.html'],
      ['data', 'guide/data.html'],
      ['.github/docs', 'guide/index.html'],
      [SCHEMA_FILE, 'guide/estimate-schema.html'],
      ['.', 'guide/readme.html'],
    ]),
    namesOf(entries ?? []),
  );
  const places: Place[] = [
    { name: 'dfmr', address: 'index.html' },
    { name: 'Notebooks', address: 'index.html#notebooks', folder: 'notebooks' },
    ...(live === undefined ? [] : [{ name: 'Live', address: 'live.html' }]),
    ...(entries ? [{ name: 'Reference', address: 'reference/index.html', folder: 'reference' }] : []),
    { name: 'Guide', address: 'guide/index.html', folder: 'guide' },
    ...(entries ? [{ name: 'Gallery', address: 'gallery.html' }] : []),
    { name: 'Changelog', address: 'changelog.html' },
  ];
  const writer = new SiteWriter(folder, places);
  const pagesOfNotebooks = writeNotebooks(writer, notebooks, addresses);
  const pages = writeGuide(writer, guide, repository, addresses);
  const listed = pages.filter(({ address }) => address.startsWith('guide/'));
  writeGuideIndex(writer, [...listed, writeSchema(writer, repository)]);
  if (entries) {
    writeReference(writer, entries, addresses);
    const drawn = await exampleFigures(examplesToDraw(entries, pagesOfNotebooks));
    writeGallery(writer, entries, pagesOfNotebooks, addresses.names, drawn);
  }
  writeHome(writer, repository, pagesOfNotebooks, places, addresses);
  if (live !== undefined) writer.file('live.html', live.replace('<!-- navigation -->', writer.navigation('live.html')));
  writeFiles(writer, repository, addresses);
  const bytes = writer.files.reduce((sum, file) => sum + fs.statSync(path.join(folder, file)).size, 0);
  return { files: writer.files, bytes };
}

function notebooksOf(repository: string, executed: Readonly<Record<string, Notebook>>): NotebookFile[] {
  const names = fs.readdirSync(path.join(repository, 'notebooks')).filter((name) => /^\d+-[^.]*\.ipynb$/.test(name));
  if (names.length === 0) throw new InvalidInput(`there are no notebooks in ${repository}`);
  return names.sort().map((name) => ({
    file: `notebooks/${name}`,
    notebook: executed[name] ?? readNotebook(path.join(repository, 'notebooks', name)),
  }));
}
