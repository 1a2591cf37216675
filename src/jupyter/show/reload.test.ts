import { expect, it } from 'vitest';

it('forgets the built library and nothing else', () => {
  const { reload } = require('../../../dist/jupyter/show/reload.js') as typeof import('./reload');
  const html = require('../../../dist/page/html.js');
  const other = require('seedrandom');
  reload();
  expect(require('../../../dist/page/html.js')).not.toBe(html);
  expect(require('seedrandom')).toBe(other);
});
