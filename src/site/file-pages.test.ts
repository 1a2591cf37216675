import { expect, it } from 'vitest';
import { codeWithLines } from './file-pages';

it('numbers the lines of code, which can be linked to', () => {
  expect(codeWithLines('x.txt', 'a < b\n\nc\n')).toBe(
    '<pre class="code"><code class="lines"><span id="L1">a &lt; b</span><span id="L2"></span><span id="L3">c</span></code></pre>',
  );
});

it('closes in each line what goes on in the next', () => {
  const lines =
    codeWithLines('x.ts', '/* one\ntwo */\nconst a = 1;').match(/<span id="L\d+">.*?(?=<span id|<\/code>)/g) ?? [];
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.match(/<span/g)?.length).toBe(line.match(/<\/span>/g)?.length);
  expect(lines[1]).toContain('<span class="hljs-comment">two */</span>');
});
