import { expect, it } from 'vitest';

it('forgets the built library and nothing else', () => {
  const { reload } = require('../../dist/notebook/reload.js') as typeof import('./reload');
  const html = require('../../dist/notebook/html.js');
  const other = require('seedrandom');
  reload();
  expect(require('../../dist/notebook/html.js')).not.toBe(html);
  expect(require('seedrandom')).toBe(other);
});
