import { highlightTypeScript } from '../page/highlight';
import { escapeHtml } from '../page/html';
import { renderMarkdown } from '../page/markdown';
import { type Comment, type CommentPart, type Entry, KIND, type Reflection, type TypeNode } from './reference-model';
import { type LinkTo, memberHtml, parameterName, signatureHtml, typeHtml, typeParametersHtml } from './reference-types';

/** Where the public names are, as seen from one page. */
export interface Links {
  readonly byId: LinkTo;
  readonly byName: (name: string) => string | undefined;
  /** the public names themselves, by number */
  readonly entries: ReadonlyMap<number, Entry>;
}

/** An entry of the reference: signature, what it does, parameters or fields, results, errors, example. */
export function entryHtml(
  { name, reflection, from, file, line }: Entry,
  links: Links,
  sourceOf: (file: string) => string,
): string {
  const signatures = reflection.signatures ?? [];
  const comment = signatures.find((one) => one.comment)?.comment ?? reflection.comment;
  const body = signatures.length > 0 ? functionBody(signatures, links) : typeBody(reflection, links);
  return [
    `<section class="entry" id="${escapeHtml(name)}">`,
    `<a class="source" href="${sourceOf(file)}#L${line}">source</a>`,
    `<h3>${escapeHtml(name)}<span class="kind">${kindName(reflection)} · ${from.map(escapeHtml).join(', ')}</span></h3>`,
    `<pre class="signature"><code>${declarationHtml(reflection, links)}</code></pre>`,
    `<div class="prose">${proseHtml(comment?.summary ?? [], links)}</div>`,
    body,
    ...tagged(comment, '@returns').map((content) => titled('Returns', proseHtml(content, links))),
    ...tagged(comment, '@throws').map((content) => titled('Throws', proseHtml(withErrorNames(content, links), links))),
    ...tagged(comment, '@see').map((content) => titled('See', proseHtml(content, links))),
    ...tagged(comment, '@example').map((content) =>
      titled('Example', `<pre class="signature"><code>${highlightTypeScript(codeOf(content))}</code></pre>`),
    ),
    '</section>',
  ].join('\n');
}

/** What an entry is, in one word. */
export function kindName({ kind }: Reflection): string {
  if (kind === KIND.function) return 'function';
  if (kind === KIND.class) return 'class';
  return kind === KIND.variable ? 'value' : 'type';
}

/** The first sentence of what is said of an entry, as text. */
export function summaryText({ reflection }: Entry): string {
  const comment = reflection.signatures?.find((one) => one.comment)?.comment ?? reflection.comment;
  const text = (comment?.summary ?? [])
    .map((part) => part.text.replace(/`/g, ''))
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?(?<!\b(?:al|App|Fig|e\.g|i\.e))[.?!](?=\s|$)/.exec(text)?.[0] ?? text;
}

/** Names of classes of errors stand in docstrings without backticks; here they are code, so that they lead to their entries. */
function withErrorNames(parts: readonly CommentPart[], links: Links): CommentPart[] {
  const isError = (word: string): boolean => links.byName(word)?.includes('errors.html') ?? false;
  return parts.flatMap((part) => {
    if (part.kind !== 'text') return [part];
    return part.text
      .split(/\b([A-Z]\w+)\b/)
      .map((text): CommentPart => (isError(text) ? { kind: 'code', text: `\`${text}\`` } : { kind: 'text', text }));
  });
}

const titled = (title: string, html: string): string => `<h4>${title}</h4>\n<div class="prose">${html}</div>`;

const tagged = (comment: Comment | undefined, tag: string): (readonly CommentPart[])[] =>
  (comment?.blockTags ?? []).filter((one) => one.tag === tag).map(({ content }) => content);

function declarationHtml(reflection: Reflection, links: Links): string {
  const { name, kind, signatures = [], type, extendedTypes = [] } = reflection;
  if (signatures.length > 0) return signatures.map((one) => signatureHtml(one, links.byId, name)).join('\n');
  const head = `${escapeHtml(name)}${typeParametersHtml(reflection, links.byId)}`;
  const above =
    extendedTypes.length > 0 ? ` extends ${extendedTypes.map((one) => typeHtml(one, links.byId)).join(', ')}` : '';
  if (kind === KIND.class) return `class ${head}${above}`;
  if (kind === KIND.interface) return `interface ${head}${above}`;
  if (kind === KIND.variable) return `const ${head}: ${typeHtml(type, links.byId)}`;
  return `type ${head} = ${typeHtml(type, links.byId)}`;
}

function functionBody(signatures: readonly Reflection[], links: Links): string {
  const parameters = new Map(
    signatures.flatMap(({ parameters: all = [] }) => all.map((one) => [parameterName(one), one])),
  );
  const items = [...parameters.values()].flatMap((one) => {
    const usual = one.defaultValue && one.defaultValue !== '{}' ? one.defaultValue : undefined;
    const said = `${proseHtml(one.comment?.summary ?? [], links)}${defaultHtml(usual)}${optionsHtml(one.type, links)}`;
    return said === '' ? [] : [`<dt><code><b>${escapeHtml(parameterName(one))}</b></code></dt><dd>${said}</dd>`];
  });
  return items.length === 0 ? '' : `<h4>Parameters</h4>\n<dl class="fields">${items.join('\n')}</dl>`;
}

/** The fields of the options types that the function takes, folded. */
function optionsHtml(type: TypeNode | undefined, links: Links): string {
  return optionsIn(type, links)
    .map(({ name, reflection }) => {
      const fields = fieldsHtml(reflection.children ?? [], links);
      return `<details class="folded"><summary>fields of ${escapeHtml(name)}</summary>${fields}</details>`;
    })
    .join('');
}

/** The options types that a type is made of. */
function optionsIn(type: TypeNode | undefined, links: Links): Entry[] {
  if (!type) return [];
  const entry = typeof type.target === 'number' ? links.entries.get(type.target) : undefined;
  const inner = [...(type.types ?? []), ...(type.typeArguments ?? [])].flatMap((one) => optionsIn(one, links));
  return entry && /(Options|Design)$/.test(entry.name) && entry.reflection.children ? [entry] : inner;
}

function typeBody({ kind, children = [], type }: Reflection, links: Links): string {
  if (kind === KIND.class) return '';
  return fieldsHtml(children.length > 0 ? children : (type?.declaration?.children ?? []), links);
}

function fieldsHtml(fields: readonly Reflection[], links: Links): string {
  if (fields.length === 0) return '';
  const items = fields.map((one) => {
    const comment = one.signatures?.[0]?.comment ?? one.comment;
    const usual = tagged(comment, '@defaultValue').map(codeOf)[0]?.replaceAll('`', '');
    const member = memberHtml(one, links.byId).replace(/^([\w$]+)/, '<b>$1</b>');
    return `<dt><code>${member}</code></dt><dd>${proseHtml(comment?.summary ?? [], links)}${defaultHtml(usual)}</dd>`;
  });
  return `<dl class="fields">${items.join('\n')}</dl>`;
}

const defaultHtml = (usual: string | undefined): string =>
  usual === undefined ? '' : `<p class="default">Default: <code>${escapeHtml(usual)}</code></p>`;

/** The code of a tag, which TypeDoc may have put into a fence. */
const codeOf = (content: readonly CommentPart[]): string =>
  content
    .map(({ text }) => text)
    .join('')
    .trim()
    .replace(/^```\w*\n|\n```$/g, '');

/** The code of the example of an entry, if it has one. */
export function exampleOf({ reflection }: Entry): string | undefined {
  const comments = [reflection, ...(reflection.signatures ?? [])].map(({ comment }) => comment);
  return comments.flatMap((comment) => tagged(comment, '@example')).map(codeOf)[0];
}

/** Prose of a docstring. Names in backticks that are public lead to their entry. */
export function proseHtml(parts: readonly CommentPart[], links: Links): string {
  const markdown = parts.map((part) => {
    if (part.kind === 'inline-tag') {
      const address = typeof part.target === 'number' ? links.byId(part.target) : undefined;
      return address === undefined ? `\`${part.text}\`` : `[\`${part.text}\`](${address})`;
    }
    const address = part.kind === 'code' ? links.byName(/^`([\w$]+)(\(.*\))?`$/.exec(part.text)?.[1] ?? '') : undefined;
    return address === undefined ? part.text : `[${part.text}](${address})`;
  });
  return renderMarkdown(markdown.join(''));
}
