import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The script to run in the place of the repository's. */
  readonly script?: string;
}

/** The environment of the tests without what switches colours on or off. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  return { ...rest, ...more };
}

/** Runs `gyre` with these arguments in a process of its own, to its end. */
export function gyre(args: readonly string[], options: RunOptions = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [options.script ?? main, ...args], {
    encoding: 'utf8',
    env: environment(options.env),
    timeout: 60_000,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
}

/** Starts `gyre`; writes `ready` to stderr when it is about to begin, with its signals handled. */
export function startGyre(args: readonly string[]): ChildProcess {
  const run = new URL('../../src/cli/run.js', import.meta.url).href;
  const program = `import { run } from ${JSON.stringify(run)};
const running = run(${JSON.stringify(args)});
process.stderr.write('ready\\n');
process.exitCode = await running;`;
  return spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Calls `use` with the path of a new folder, which is removed afterwards. */
export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-cli-test-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
