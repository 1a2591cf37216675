/** The method by which Node, Deno and Bun print an object; a browser ignores it. */
export const printed: unique symbol = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom') as never;
