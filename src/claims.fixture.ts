import { inspect } from 'node:util';
import ts from 'typescript';

// What an example shows is held: `coat(fits).index; // 2: the machine in the middle` says that the value of the expression is 2. A number
// is compared at the digits shown, a list by its elements (typed arrays too), an object by the fields named; words after the value explain
// it. A comment that begins with no value says nothing that could be compared.

/** The value with which a comment begins, if it does, and the value's text. */
function claimIn(comment: string): ts.Expression | undefined {
  const source = ts.createSourceFile('claim.ts', `x = ${comment.replaceAll('−', '-')}`, ts.ScriptTarget.ES2022, true);
  const [statement] = source.statements;
  if (!statement || !ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return;
  let { right } = statement.expression;
  while (ts.isCallExpression(right)) right = right.expression; // 3 (of 5)
  return isValue(right) ? right : undefined;
}

function isValue(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isValue);
  if (ts.isObjectLiteralExpression(node))
    return node.properties.every((one) => ts.isPropertyAssignment(one) && isValue(one.initializer));
  if (ts.isPrefixUnaryExpression(node)) return isValue(node.operand);
  if (ts.isIdentifier(node)) return /^(undefined|NaN|Infinity)$/.test(node.text);
  return (
    ts.isNumericLiteral(node) ||
    ts.isStringLiteral(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind)
  );
}

/** Whether a value is what is claimed, numbers to the digits shown. */
function holds(actual: unknown, claimed: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(claimed)) {
    const list = ArrayBuffer.isView(actual) ? Array.from(actual as Float64Array) : actual;
    return (
      Array.isArray(list) &&
      list.length === claimed.elements.length &&
      claimed.elements.every((one, i) => holds(list[i], one))
    );
  }
  if (ts.isObjectLiteralExpression(claimed))
    return claimed.properties.every(
      (one) =>
        ts.isPropertyAssignment(one) &&
        holds((actual as Record<string, unknown> | null)?.[nameOf(one.name)], one.initializer),
    );
  const text = claimed.getText();
  const [, decimals, exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e(-?\d+))?$/.exec(text) ?? [];
  if (typeof actual === 'number' && (decimals !== undefined || exponent !== '0'))
    return Math.abs(actual - Number(text)) <= 0.5 * 10 ** (Number(exponent) - (decimals?.length ?? 0)) * (1 + 1e-9);
  if (ts.isStringLiteral(claimed)) return actual === claimed.text;
  const plain: Record<string, unknown> = { undefined, null: null, true: true, false: false };
  const value = text in plain ? plain[text] : Number(text);
  return actual === value || (Number.isNaN(value) && Number.isNaN(actual));
}

const nameOf = (name: ts.PropertyName): string => (ts.isStringLiteral(name) ? name.text : name.getText());

/** What an example claims: the places of its expressions, and the comments behind them. */
interface Claim {
  readonly start: number;
  readonly end: number;
  readonly comment: string;
}

/**
 * The claims of an example's code.
 * @throws Error if a value stands behind what has none, such as a declaration, where nothing could compare it
 */
export function claimsOf(code: string): Claim[] {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2022, true);
  const claims = new Map<number, Claim>();
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node))
      for (const { pos, end } of ts.getTrailingCommentRanges(code, node.end) ?? []) {
        const { expression } = node;
        claims.set(pos, {
          start: expression.getStart(),
          end: expression.end,
          comment: code.slice(pos + 2, end).trim(),
        });
      }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { index } of code.matchAll(/(?<=^|\s)\/\/ .*$/gm))
    if (
      !claims.has(index) &&
      claimIn(
        code
          .slice(index + 2)
          .split('\n')[0]
          .trim(),
      )
    )
      throw new Error(`nothing compares ${code.slice(index).split('\n')[0]}: put it behind an expression`);
  return [...claims.values()].filter(({ comment }) => claimIn(comment));
}

/** The code with each claim held by the function of this name, `held`. */
export function withClaimsHeld(code: string, name: string): string {
  return claimsOf(code)
    .reverse()
    .reduce(
      (text, { start, end, comment }) =>
        `${text.slice(0, start)}${name}(${text.slice(start, end)}, ${JSON.stringify(comment)})${text.slice(end)}`,
      code,
    );
}

/** @throws Error if the value is not what the comment claims */
export function held(value: unknown, comment: string): void {
  const claimed = claimIn(comment);
  if (!claimed || !holds(value, claimed))
    throw new Error(`the value is ${inspect(value)}, but the example says ${comment}`);
}
