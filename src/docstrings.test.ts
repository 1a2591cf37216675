import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { claimsOf } from './claims.fixture';
import { modules } from './docstring-examples.fixture';
import {
  type Exported,
  entries,
  exportsOf,
  isDescribed,
  membersOf,
  programOf,
  sourceOf,
  tagsOf,
  typesNamedBy,
} from './docstrings.fixture';

const examples = modules();
const program = programOf([...examples.keys()], examples);
const byEntry = Object.keys(entries).map((entry) => exportsOf(program, entry));

/** What is exported, once each; what several entries export belongs to the first. */
const exported: Exported[] = [
  ...new Map(
    byEntry
      .flat()
      .reverse()
      .map((one) => [one.symbol, one]),
  ).values(),
];

const functionsAmong = ({ nodes }: Exported): ts.FunctionDeclaration[] => nodes.filter(ts.isFunctionDeclaration);

const isCallable = ({ symbol, nodes }: Exported): boolean =>
  nodes.some(
    (node) =>
      ts.isFunctionDeclaration(node) ||
      (ts.isVariableDeclaration(node) &&
        program.getTypeChecker().getTypeOfSymbol(symbol).getCallSignatures().length > 0),
  );

describe('the docstrings of what is exported', () => {
  it('are there', () => {
    expect(exported.length).toBeGreaterThan(400);
    expect(exported.filter(({ nodes }) => !nodes.some(isDescribed)).map(({ name }) => name)).toEqual([]);
  });

  it('describe every field and method', () => {
    const silent = exported.flatMap(({ nodes }) => membersOf(nodes)).filter(({ node }) => !isDescribed(node));
    expect(silent.map(({ path: at, node }) => `${sourceOf(node)}: ${at}`)).toEqual([]);
  });

  it('describe parameters by their names, which are not taken apart in the signature', () => {
    const missing = exported.flatMap((one) => {
      const described = tagsOf(one.nodes, 'param').map((tag) => (tag as ts.JSDocParameterTag).name.getText());
      return functionsAmong(one)
        .flatMap(({ parameters }) => parameters.map(({ name }) => name))
        .filter((name) => !ts.isIdentifier(name) || !described.includes(name.text))
        .map((name) => `${one.name}: @param ${name.getText()}`);
    });
    expect(missing).toEqual([]);
  });

  it('say what functions return', () => {
    const silent = exported.filter((one) => {
      const returned = functionsAmong(one)[0]?.type?.getText() ?? 'void';
      return !/^(void|Promise<void>|asserts .*|Figure)$/.test(returned) && tagsOf(one.nodes, 'returns').length === 0;
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('say what is taken if an option is not given', () => {
    const silent = exported
      .flatMap((one) =>
        membersOf(
          /Options$/.test(one.name)
            ? one.nodes
            : functionsAmong(one).flatMap(({ parameters }) =>
                parameters.filter(({ name }) => name.getText() === 'options'),
              ),
        ),
      )
      .filter(
        ({ node }) => (node as ts.PropertySignature).questionToken && tagsOf([node], 'defaultValue').length === 0,
      );
    expect(silent.map(({ path: at, node }) => `${sourceOf(node)}: ${at}`)).toEqual([]);
  });

  it('show every function at work, and a result that is compared if it returns one', () => {
    const without = exported.filter(isCallable).filter((one) => {
      const code = tagsOf(one.nodes, 'example').map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '');
      const silent = functionsAmong(one)[0]?.type?.getText() === 'void';
      return !code.some((example) => silent || claimsOf(example).length > 0);
    });
    expect(without.map(({ name, nodes }) => `${sourceOf(nodes[0])}: ${name}`)).toEqual([]);
  });
});

describe('the types that exported signatures name', () => {
  it.each(byEntry.map((all) => [all[0].entry, all] as const))('are exported too, from %s', (_, all) => {
    const [main] = byEntry;
    const within = new Set([...all, ...(all[0].entry === 'dfmr/core' ? [] : main)].map(({ symbol }) => symbol));
    const missing = all.flatMap(({ name, nodes }) =>
      typesNamedBy(program, nodes)
        .filter((symbol) => !within.has(symbol))
        .map((symbol) => `${symbol.name}, of ${name}`),
    );
    expect([...new Set(missing)]).toEqual([]);
  });
});

describe('the examples of docstrings', () => {
  it('are what the compiler takes', () => {
    const wrong = [...examples.keys()].flatMap((file) => {
      const source = program.getSourceFile(file) as ts.SourceFile;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
        ({ messageText, start = 0 }) =>
          `${source.text.slice(start, start + 60)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
    expect(wrong).toEqual([]);
  });
});
