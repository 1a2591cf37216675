const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML text or as the value of an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}

/** JSON that can stand inside a <script> element: no `<` at all, so no data can close the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}

/** A caption below a figure or a table, the same everywhere. Jupyter's own styles don't know it, so it brings its own. */
export function captionHtml(caption: string): string {
  return `<figcaption style="margin-top:4px;color:#666;font-size:13px">${escapeHtml(caption)}</figcaption>`;
}
