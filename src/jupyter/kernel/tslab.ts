import { createRequire } from 'node:module';
import type * as TypeScript from 'typescript';
import { figureBundle, isFigure } from '../../page/figure-html';
import type { MimeBundle } from '../../page/mime-bundle';
import { isFrame, tableBundle } from '../../page/table-html';
import { need } from '../../registry/packages';
import { display } from '../show/display';
import { JUPYTER_DISPLAY } from '../show/write-display';
import { type CellError, type CompiledCells, type Diagnostic, describeDiagnostics, describeThrown } from './cell-error';
import { expandShorthand, mentionsAwait, nameTags } from './repairs';

// The few parts of tslab 1.0.22 that we touch; its own declarations keep them private.

interface Converted {
  output?: string;
  hasToplevelAwait?: boolean;
}

interface Converter {
  convert(earlierDeclarations: string, cell: string): Converted;
  inspect(earlierDeclarations: string, cell: string, position: number): TypeScript.QuickInfo | undefined;
  close(): void;
}

export interface Executor {
  /** Runs a cell; false if it did not type-check, or threw. */
  execute(cell: string): Promise<boolean>;
  interrupt(): void;
  close(): void;
}

export type WriteStream = (name: 'stdout' | 'stderr', text: string) => void;

interface ExecutorConsole {
  log(value: unknown): void;
  error(...values: unknown[]): void;
}

interface ConverterModule {
  createConverter(options: { isJS: boolean; isBrowser: boolean }): Converter;
}

interface ExecutorModule {
  createExecutor(
    directory: string,
    converters: { node: Converter; browser: Converter; close(): void },
    console: ExecutorConsole,
  ): Executor;
}

/** What a kernel or a runner needs of tslab: it runs a cell, and says what was wrong with the last one that failed. */
export interface Tslab {
  typescriptVersion: string;
  executor: Executor;
  lastError(): CellError;
}

/**
 * Starts tslab for notebooks in the current directory, repaired: strict type checking, package `exports` (so that a notebook
 * inside the repository imports 'dfmr' like a user), `{ x }` and `await (…)`, errors that a front end can show, and rich
 * results.
 */
export function startTslab(): Tslab {
  need('the kernel', ['tslab']);
  const ts = loadTypeScript();
  const { createConverter } = require('tslab/dist/converter.js') as ConverterModule;
  const { createExecutor } = require('tslab/dist/executor.js') as ExecutorModule;

  let count = 0;
  const compiled: CompiledCells = new Map();
  const stock = createConverter({ isJS: false, isBrowser: false });
  const converter: Converter = {
    ...stock,
    convert(earlierDeclarations, cell) {
      const converted = stock.convert(earlierDeclarations, expandShorthand(ts, earlierDeclarations, cell));
      if (converted.output) {
        if (mentionsAwait(converted.output)) converted.hasToplevelAwait = true;
        const name = `cell-${count}`;
        compiled.set(name, converted.output);
        converted.output += `\n//# sourceURL=${name}`; // so that stack frames name the cell
      }
      return converted;
    },
    inspect: (...where) => nameTags(stock.inspect(...where)),
  };

  let code = '';
  let diagnostics: Diagnostic[] = [];
  let thrown: unknown;
  const executor = createExecutor(
    process.cwd(),
    { node: converter, browser: converter, close: () => converter.close() },
    {
      log: showResult,
      // tslab calls this with (format, file, line, column, message) for each diagnostic, and with the error of a cell that throws
      error(...values) {
        if (values.length === 1) thrown = values[0];
        else diagnostics.push({ file: String(values[1]).trim(), line: Number(values[2]), message: String(values[4]) });
      },
    },
  );
  const execute = executor.execute;
  executor.execute = (cell) => {
    count++;
    code = cell;
    diagnostics = [];
    return execute(cell).catch((error) => {
      thrown = error; // tslab itself failed on the cell
      return false;
    });
  };

  process.setSourceMapsEnabled(true); // frames of the library point at src/*.ts
  process.on('uncaughtException', (error) => console.error('Uncaught exception:', error));
  process.on('unhandledRejection', (reason) => console.error('Unhandled promise rejection:', reason));
  silenceTensorFlowBanner();

  return {
    typescriptVersion: ts.version,
    executor,
    lastError: () =>
      diagnostics.length > 0 ? describeDiagnostics(diagnostics, code) : describeThrown(thrown, compiled),
  };
}

/** Puts tslab's own TypeScript among the loaded modules, as a copy whose compiler options are ours. Call it before tslab loads. */
function loadTypeScript(): typeof TypeScript {
  const file = createRequire(require.resolve('tslab/package.json')).resolve('@tslab/typescript-for-tslab');
  const ts = require(file) as typeof TypeScript;
  const createWatchCompilerHost = (
    files: string[],
    options: TypeScript.CompilerOptions,
    ...rest: unknown[]
  ): unknown => {
    const ours = { ...options, strict: true, moduleResolution: ts.ModuleResolutionKind.Bundler, types: ['node'] };
    return (ts.createWatchCompilerHost as (...args: unknown[]) => unknown)(files, ours, ...rest);
  };
  (require.cache[file] as NodeJS.Module).exports = { ...ts, createWatchCompilerHost };
  return ts;
}

/** The value of a cell's last expression: as a bundle if it knows how to show itself, as a table if it is a DataFrame, else printed. */
function showResult(value: unknown): void {
  const own = (value as { [JUPYTER_DISPLAY]?: () => MimeBundle } | null)?.[JUPYTER_DISPLAY];
  if (typeof own === 'function') display(own.call(value));
  else if (isFrame(value)) display(tableBundle(value));
  else if (isFigure(value)) display(figureBundle(value));
  else console.log(value);
}

/** danfojs computes with TensorFlow.js, which greets with an advertisement for its native build at the first tensor. */
function silenceTensorFlowBanner(): void {
  const warn = console.warn;
  console.warn = (...values: unknown[]) => {
    if (!String(values[0]).includes('looks like you are running TensorFlow.js')) warn(...values);
  };
}
