import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { executeNotebook } from '../jupyter/runner/execute';
import { textOfTagged } from '../jupyter/runner/notebook-file';
import { notebookPage } from '../jupyter/runner/notebook-page';
import { progress } from '../jupyter/show/progress';

// `npm start`: executes the quickstart as it is, without Jupyter, and writes it as a page that opens anywhere.

const NOTEBOOK = path.resolve(__dirname, '../../notebooks/00-quickstart.ipynb');

async function main(): Promise<void> {
  console.log('Thirty machines learn handwritten digits, six of them lie. The notebook takes less than a minute …\n');
  const { notebook, failure, seconds } = await executeNotebook(NOTEBOOK, { onProgress: progress('quickstart') });
  if (failure) throw new Error(`cell ${failure.cell} of ${NOTEBOOK} failed:\n${failure.message}`);

  const page = NOTEBOOK.replace(/\.ipynb$/, '.html');
  writeFileSync(page, notebookPage(notebook));
  console.log(`${textOfTagged(notebook, 'headline').join('\n')}

Executed in ${seconds.toFixed(0)} s. The whole story, with its figures:
  ${pathToFileURL(page)}

Next: open the notebooks with \`npm run lab\`.`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
