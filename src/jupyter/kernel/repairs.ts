import type * as TypeScript from 'typescript';

/**
 * `{ x }` becomes `{ x: x }` where `x` comes from an earlier cell. tslab rewrites such names to `exports.x` but leaves the
 * shorthand alone, which is then a ReferenceError when the cell runs (and `({ x } = value)` assigns nothing).
 */
export function expandShorthand(ts: typeof TypeScript, earlierDeclarations: string, cell: string): string {
  const earlier = new Set(earlierDeclarations.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
  const names: TypeScript.Identifier[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isShorthandPropertyAssignment(node) && earlier.has(node.name.text)) names.push(node.name);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('cell.ts', cell, ts.ScriptTarget.Latest));
  return names.reduceRight((code, name) => `${code.slice(0, name.end)}: ${name.text}${code.slice(name.end)}`, cell);
}

/**
 * tslab finds a top-level await by one diagnostic that `await (…)` and `for await` don't cause, and then runs the cell as a
 * plain function. A cell that only mentions the word runs as an async function for nothing, which does no harm.
 */
export function mentionsAwait(javascript: string): boolean {
  return /\bawait\b/.test(javascript);
}

/** Documentation as tslab shows it has the text of `@throws` and its like without their names: the text gets them. */
export function nameTags(info: TypeScript.QuickInfo | undefined): TypeScript.QuickInfo | undefined {
  const tags = info?.tags?.map((tag) => ({
    ...tag,
    text: tag.name === 'param' || !tag.text ? tag.text : [{ kind: 'text', text: `@${tag.name} ` }, ...tag.text],
  }));
  return info && { ...info, tags };
}
