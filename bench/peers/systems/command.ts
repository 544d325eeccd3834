/** Processes of other systems: started in a group of their own, and ended with all that they started. */
import { type ChildProcess, spawn } from 'node:child_process';

/** A program, its arguments, and what is added to the environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Characters of standard error that are kept for messages: a JVM's stack trace and its causes. */
const TAIL = 4000;

/**
 * Has glibc ask for huge pages for large arrays, as numpy does by itself: all systems get the same,
 * JVMs by a flag of their own.
 */
const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' };

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) killGroup(child);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Ends a process and what it has started: Python's Spark is a JVM under it. */
export function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

export interface Started {
  readonly child: ChildProcess;
  /** The end of its standard error so far. */
  readonly tail: () => string;
}

/** Starts a command; its standard error is kept, since JVMs warn of much that is no error. */
export function start({ file, args, env }: Command): Started {
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...HUGE_PAGES, ...process.env, ...env },
    detached: true,
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let tail = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL);
  });
  return { child, tail: () => tail.trim() };
}

/**
 * Runs a command to its end. Resolves with the seconds from its start to its end.
 *
 * @throws Error when it fails, or takes longer than the limit.
 */
export async function runCommand(command: Command, limitSeconds: number): Promise<number> {
  const begin = performance.now();
  const { child, tail } = start(command);
  child.stdin!.end();
  child.stdout!.resume();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killGroup(child);
  }, limitSeconds * 1000);
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(status ?? signal ?? 'no exit code'));
    });
    if (isLate) throw new Error(`${command.file} took longer than ${limitSeconds} s`);
    if (code !== 0) throw new Error(`${command.file} ended with ${code}:\n${tail()}`);
    return (performance.now() - begin) / 1000;
  } finally {
    clearTimeout(timer);
  }
}
