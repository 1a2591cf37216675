import type { Command } from 'commander';
import { InvalidInput } from '../errors';
import { download } from '../examples/nist/download';
import { DIGITS, selectImages } from '../examples/nist/nist-images';
import { nistSources } from '../examples/nist/nist-sources';
import { nistDesign, runNistStudy } from '../examples/nist/nist-study';
import { summariseNist } from '../examples/nist/nist-summary';
import { csvOf } from '../tables/write-csv';
import { interruption, positiveInteger, writeWhole } from './command-support';
import { progress, tell } from './output';
import { OutputOption } from './output-files';

const IMAGES = 'by_class.zip of SD19 or its folder, gzip.zip of EMNIST, or one of its …-images-idx3-ubyte.gz';

/** Makes a command `dfmr nist`: from images of handwritten characters to Table 2. */
export function nistCommand(nist: Command): void {
  nist.description('The NIST example: from images of handwritten characters to Table 2.');

  nist
    .command('fetch')
    .description('Download the images from their publisher. The same command resumes a download that was interrupted.')
    .argument(
      '<source>',
      Object.entries(nistSources)
        .map(([name, { title }]) => `${name} (${title})`)
        .join(' or '),
    )
    .option('--into <folder>', 'the folder to download to', 'nist')
    .action(async (name: string, { into }: { into: string }) => {
      if (!Object.hasOwn(nistSources, name))
        throw new InvalidInput(`there is no source ${name}: use ${Object.keys(nistSources).join(' or ')}`);
      const source = nistSources[name as keyof typeof nistSources];
      const file = await download(source, { directory: into, onProgress: progress(name), signal: interruption() });
      tell(`${file}: ${source.title}\nPlease cite: ${source.citation}`, {
        file,
        title: source.title,
        cite: source.citation,
      });
    });

  nist
    .command('train')
    .description(
      'Train the network of Table 5 on the digits of the training set. The same command resumes after the last epoch.',
    )
    .argument('<images>', IMAGES)
    .addOption(
      new OutputOption('--network <folder>', 'the folder for the trained network', 'folder').makeOptionMandatory(),
    )
    .option('--epochs <count>', 'the number of passes over the images', positiveInteger, 10)
    .option('--seed <seed>', 'a number or a word for the first weights and the order of the images', '1')
    .action(async (from: string, { network, epochs, seed }: { network: string; epochs: number; seed: string }) => {
      const signal = interruption();
      const { readNistImages } = await import('../examples/nist/read-images');
      const { saveNetwork, trainNetwork } = await import('../examples/nist/network');
      const images = await readNistImages(from, { onProgress: progress('reading'), signal });
      const digits = selectImages(images, (label, test) => label < DIGITS && !test);
      const trained = await trainNetwork(digits, {
        epochs,
        seed,
        checkpoints: `${network}-epochs`,
        onProgress: progress('training'),
        onEpoch: (epoch, loss) => tell(`epoch ${epoch}: cross-entropy ${loss.toFixed(4)}`),
        signal,
      });
      await saveNetwork(trained, network);
      tell(`${network}: a network that learned ${digits.count} digits`, { network, digits: digits.count });
    });

  nist
    .command('features')
    .description('Turn the digits of the test set and all letters into 50 features each.')
    .argument('<images>', IMAGES)
    .requiredOption('--network <folder>', 'the folder of a trained network')
    .addOption(new OutputOption('--out <folder>', 'the folder for the features', 'folder').makeOptionMandatory())
    .action(async (from: string, { network, out }: { network: string; out: string }) => {
      const signal = interruption();
      const { loadNetwork } = await import('../examples/nist/network');
      const { readNistImages } = await import('../examples/nist/read-images');
      const { writeFeatures } = await import('../examples/nist/write-features');
      const trained = await loadNetwork(network);
      const images = await readNistImages(from, { onProgress: progress('reading'), signal });
      const { accuracy, classes } = await writeFeatures(trained, images, out, {
        onProgress: progress('features'),
        signal,
      });
      const count = (of: (one: (typeof classes)[number]) => number) => classes.reduce((sum, one) => sum + of(one), 0);
      tell(
        `${out}: features; of ${count(({ test }) => test)} test images the network recognises ${(100 * accuracy).toFixed(2)} % of the digits`,
        { out, images: count(({ test }) => test), accuracy },
      );
    });

  nist
    .command('study')
    .description('Run the study of Table 2, and what helps if machines have few images. The same command resumes it.')
    .requiredOption('-r, --repetitions <R>', 'how often it is repeated; 300 times in the paper', positiveInteger)
    .option('-n, --images <count>', 'the number of digits on each machine', positiveInteger, nistDesign.sampleSizes[0])
    .option('--features <folder>', 'the folder of the features', nistDesign.features)
    .option('-o, --out <file>', 'where repetitions are kept as they are done', 'nist-study.jsonl')
    .addOption(new OutputOption('-s, --summary <file>', 'also write medians and quartiles, as CSV'))
    .option('-w, --workers <count>', 'the number of threads; one for each core if not given', positiveInteger)
    .action(
      async (options: {
        repetitions: number;
        images: number;
        features: string;
        out: string;
        summary?: string;
        workers?: number;
      }) => {
        const { repetitions, images, features, out: file, summary, workers } = options;
        const signal = interruption('the same command resumes it');
        const run = { repetitions, workers, file, signal, onProgress: progress('study') };
        const results = await runNistStudy({ ...nistDesign, sampleSizes: [images], features }, run);
        if (summary !== undefined) writeWhole(summary, csvOf(summariseNist(results)));
        const lines = [
          `${file}: ${repetitions} repetitions`,
          ...(summary === undefined ? [] : [`${summary}: medians and quartiles`]),
        ];
        tell(lines, { file, repetitions, ...(summary !== undefined && { summary }) });
      },
    );
}
