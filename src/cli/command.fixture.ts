import { createRequire } from 'node:module';
import path from 'node:path';
import { vi } from 'vitest';
import type * as Program from './program';

const BUILT = path.join(__dirname, '../../dist/cli/program.js');
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** How a command ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs commands of the build in a folder, as a process of their own would, but in this one, which loads and compiles them once. What
 * ends a command by a signal, closes its pipes, feeds its standard input or outlives it (--module) needs a process.
 */
export function commandIn(folder: string, environment: NodeJS.ProcessEnv = {}) {
  const { runProgram } = createRequire(__filename)(BUILT) as typeof Program;
  return async (...words: string[]): Promise<Ended> => {
    const said = { stdout: '', stderr: '' };
    const restored = asOwnProcess(folder, environment, said);
    try {
      await runProgram(words);
      return { status: Number(process.exitCode ?? 0), ...said };
    } finally {
      restored();
    }
  };
}

/** Gives this process another folder, environment and outputs, until the function that is returned is called. */
function asOwnProcess(folder: string, environment: NodeJS.ProcessEnv, said: { stdout: string; stderr: string }) {
  const before = { folder: process.cwd(), environment: { ...process.env }, exitCode: process.exitCode };
  const heard = SIGNALS.map((signal) => process.listeners(signal));
  process.chdir(folder);
  Object.assign(process.env, environment);
  process.exitCode = undefined;
  const say = (stream: 'stdout' | 'stderr', text: string) => {
    said[stream] += text;
    return true;
  };
  const doubles = [
    vi.spyOn(console, 'log').mockImplementation((...values) => void say('stdout', `${values.join(' ')}\n`)),
    vi.spyOn(console, 'error').mockImplementation((...values) => void say('stderr', `${values.join(' ')}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => say('stdout', Buffer.from(chunk).toString())),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => say('stderr', Buffer.from(chunk).toString())),
  ];
  return () => {
    for (const double of doubles) double.mockRestore();
    process.chdir(before.folder);
    process.env = before.environment;
    process.exitCode = before.exitCode;
    for (const [i, signal] of SIGNALS.entries())
      for (const listener of process.listeners(signal)) if (!heard[i].includes(listener)) process.off(signal, listener);
  };
}
