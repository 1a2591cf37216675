import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';

/** An option that is 1, 2, … */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(text);
}

/** An option that is a number from `least` on. */
export function numberFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(text.trim() !== '' && value >= least && value < Infinity))
      throw new InvalidArgumentError(`It must be a number from ${least} on.`);
    return value;
  };
}

/** Writes a file at once, so that none is left half written. */
export function writeWhole(file: string, text: string | Uint8Array): void {
  const part = `${file}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** Aborts when the command is interrupted, so that it can clean up; a second interrupt ends it at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  const abort = () => controller.abort(new Error('interrupted'));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  return controller.signal;
}
