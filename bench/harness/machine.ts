/** What figures depend on beside the code: the machine, Node, the commit. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, platform, totalmem } from 'node:os';
import { compileKernelsSync } from '../../src/memory/kernels.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
  /** The checked-out commit; with `+` when files differ from it, null outside of a repository. */
  readonly commit: string | null;
  /** The build that `{ kernels: 'auto' }` takes on this Node. */
  readonly kernels: string;
}

function git(...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}

function commit(): string | null {
  const hash = git('rev-parse', '--short=12', 'HEAD');
  if (hash === null) return null;
  return git('status', '--porcelain', '--untracked-files=no') === '' ? hash : `${hash}+`;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    platform: `${platform()} ${process.arch}`,
    node: process.version,
    v8: process.versions.v8,
    commit: commit(),
    kernels: compileKernelsSync('auto').build,
  };
}

/** How busy the machine is: load over the last minute, and CPU ticks stolen by its host. */
export interface Load {
  readonly average: number;
  /** Ticks of all CPUs since boot: stolen, and in all; null where the system does not tell. */
  readonly ticks: readonly [stolen: number, all: number] | null;
}

export function readLoad(): Load {
  const average = loadavg()[0]!;
  try {
    const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!;
    const ticks = line.split(/\s+/).slice(1, 9).map(Number);
    return { average, ticks: [ticks[7]!, ticks.reduce((sum, n) => sum + n, 0)] };
  } catch {
    return { average, ticks: null };
  }
}

/** Share of the CPU time between two readings that the host took away; null when unknown. */
export function stolenBetween(before: Load, after: Load): number | null {
  if (before.ticks === null || after.ticks === null) return null;
  const all = after.ticks[1] - before.ticks[1];
  return all === 0 ? 0 : (after.ticks[0] - before.ticks[0]) / all;
}
