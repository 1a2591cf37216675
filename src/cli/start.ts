import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { REPOSITORY } from '../jupyter/repository';
import { executeNotebook } from '../jupyter/runner/execute';
import { readNotebook, textOfTagged } from '../jupyter/runner/notebook-file';
import { keepStaticImages } from '../jupyter/runner/static-images';
import { progress } from '../jupyter/show/progress';
import { livePage } from '../site/live-page';
import { writeSite } from '../site/site';

// `npm start`: executes the quickstart as it is, without Jupyter, and writes it and the other notebooks as pages that open anywhere.

const NAME = '00-quickstart.ipynb';
const NOTEBOOK = path.join(REPOSITORY, 'notebooks', NAME);

async function main(): Promise<void> {
  console.log(
    'Executing the quickstart, about half a minute: thirty machines learn handwritten digits, six of them lie …\n',
  );
  const { notebook, failure, seconds } = await executeNotebook(NOTEBOOK, { onProgress: progress('quickstart') });
  if (failure) throw new Error(`cell ${failure.cell} of ${NOTEBOOK} failed:\n${failure.message}`);
  keepStaticImages(readNotebook(NOTEBOOK), notebook);

  const folder = path.join(REPOSITORY, '.site');
  await writeSite({ repository: REPOSITORY, folder, executed: { [NAME]: notebook }, live: livePage() });
  console.log(`${textOfTagged(notebook, 'headline').join('\n')}

Executed in ${seconds.toFixed(0)} s. The whole story with its figures, and all other notebooks, as pages to open in a browser:
  ${pathToFileURL(path.join(folder, 'index.html'))}

Next: \`npm run lab\` opens the notebooks in Jupyter; \`npm run docs\` adds the API reference to the pages.`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
