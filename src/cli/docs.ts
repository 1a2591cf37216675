import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../jupyter/repository';
import { livePage } from '../site/live-page';
import { convert, entriesOf } from '../site/reference-model';
import { writeSite } from '../site/site';

// `npm run docs`: writes the whole site into the ignored folder .site/.

async function main(): Promise<void> {
  const folder = path.join(REPOSITORY, '.site');
  console.log('Reading the docstrings: about fifteen seconds …');
  const { project, warnings } = convert(REPOSITORY);
  for (const warning of warnings) console.error(warning);
  const { files, bytes } = await writeSite({
    repository: REPOSITORY,
    folder,
    entries: entriesOf(project),
    live: livePage(),
  });
  const pages = files.filter((file) => file.endsWith('.html')).length;
  console.log(`${pages} pages, ${(bytes / 1e6).toFixed(0)} MB:\n  ${pathToFileURL(path.join(folder, 'index.html'))}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
