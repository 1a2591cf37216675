import { expect, it } from 'vitest';
import { renderMarkdown } from './markdown';

it('renders mathematics in a line and on its own as MathML', () => {
  expect(renderMarkdown('where $K=3$ is')).toMatch(
    /^<p>where .*<math[^>]*><semantics>.*<mi>K<\/mi>.*<\/math>.* is<\/p>/,
  );
  expect(renderMarkdown('$$\na\n- b\n= c\n$$')).toMatch(/<math[^>]* display="block"/);
  expect(renderMarkdown('$$\na\n- b\n$$')).not.toContain('<li>');
  expect(renderMarkdown('\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}')).toContain('<mtable');
});

it('leaves prices, escaped dollars and code alone', () => {
  for (const text of ['costs $5 or $6', '$x$5', '$ x$', '$x $', 'costs \\$5\\$', '`$x$`']) {
    expect(renderMarkdown(text)).not.toContain('<math');
  }
});

it('does not let underscores of formulas become emphasis', () => {
  expect(renderMarkdown('$a_1$ and $b_1$')).not.toContain('<em>');
});

it('shows a formula that is wrong instead of failing', () => {
  expect(renderMarkdown('$\\frac{1$')).toContain('\\frac{1');
});

it('highlights TypeScript', () => {
  expect(renderMarkdown('```ts\nconst a = 1;\n```')).toContain('<span class="hljs-keyword">const</span>');
});
