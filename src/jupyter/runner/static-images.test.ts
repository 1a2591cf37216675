import { expect, it } from 'vitest';
import { figureBundle } from '../../page/figure-html';
import { type DisplayOutput, joinText, type Notebook } from './notebook-file';
import { addStaticImages, keepStaticImages, lacksStaticImages } from './static-images';

function notebook(...heights: number[]): Notebook {
  const outputs = heights.map((height): DisplayOutput => {
    return { output_type: 'display_data', data: figureBundle({ data: [], layout: { height } }), metadata: {} };
  });
  return {
    cells: [{ cell_type: 'code', source: '', metadata: {}, outputs }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

const images = ({ cells }: Notebook) =>
  cells[0]?.outputs?.map((output) => 'data' in output && output.data['image/png']);

it('adds an image to each figure, in the bundle and in its HTML', async () => {
  const executed = notebook(100, 200);
  expect(lacksStaticImages(executed)).toBe(true);
  await addStaticImages(executed, async ({ layout }) => `PNG${layout.height}`);
  expect(images(executed)).toEqual(['PNG100', 'PNG200']);
  const output = executed.cells[0]?.outputs?.[1] as DisplayOutput;
  expect(joinText(output.data['text/html'])).toContain('<img src="data:image/png;base64,PNG200"');
});

it('keeps the images of figures that did not change, wherever they stand', async () => {
  const earlier = notebook(100, 200);
  await addStaticImages(earlier, async ({ layout }) => `PNG${layout.height}`);
  const executed = notebook(200, 300);
  keepStaticImages(JSON.parse(JSON.stringify(earlier)), executed);
  expect(images(executed)).toEqual(['PNG200', undefined]);
  await addStaticImages(executed, async () => 'NEW');
  expect(images(executed)).toEqual(['PNG200', 'NEW']);
});
