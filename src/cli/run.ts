/** From arguments to an exit code: signals, errors and how they are shown. */
import { CommanderError } from 'commander';
import { GyreError } from '../index.js';
import { CommandError } from './command-error.js';
import { createProgram } from './program.js';
import { Terminal } from './terminal.js';

/** What a process that a signal ended returns: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Runs the command line.
 *
 * The first SIGINT or SIGTERM aborts what runs and lets it clean up; the second ends the process.
 *
 * @param args The arguments after `gyre`.
 * @returns The exit code: 0, 1 for an error, 130 after Ctrl-C.
 */
export async function run(args: readonly string[]): Promise<number> {
  const terminal = new Terminal(process.stdout, process.stderr, process.env);
  const controller = new AbortController();
  let received: Signal | undefined;
  const onSignal = (signal: Signal): void => {
    if (received !== undefined) process.exit(EXIT_CODES[signal]);
    received = signal;
    controller.abort();
  };
  const signals = Object.keys(EXIT_CODES) as Signal[];
  for (const signal of signals) process.on(signal, onSignal);
  // `gyre info | head -1` closes the pipe before all is written; that is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  try {
    const program = createProgram({ terminal, signal: controller.signal });
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (received !== undefined) {
      terminal.error('interrupted.');
      return EXIT_CODES[received];
    }
    showError(terminal, error, args.includes('--verbose'));
    return 1;
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** Errors that say what to do are one line; the stack of all others, and of those with `--verbose`. */
function showError(terminal: Terminal, error: unknown, verbose: boolean): void {
  terminal.error(error instanceof Error ? error.message : String(error));
  const isExpected =
    error instanceof GyreError ||
    error instanceof CommandError ||
    (error instanceof Error && 'syscall' in error);
  if (!verbose && isExpected) return;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    terminal.note(cause.stack ?? cause.message);
  }
}
