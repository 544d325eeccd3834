/** `gyre info`: what this machine offers, and what Gyre makes of it. */
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import { Command } from 'commander';
import { Session, VERSION } from '../index.js';
import { gibibytes } from './format.js';
import type { CommandContext } from './run.js';

/** What `gyre info --json` prints. */
export interface Info {
  readonly gyre: string;
  readonly node: string;
  readonly v8: string;
  readonly os: string;
  readonly cpu: string;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Workers of a session by default. */
  readonly threads: number;
  /** The build that `auto` takes here. */
  readonly kernels: string;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

export function infoCommand({ terminal }: CommandContext): Command {
  return new Command('info')
    .description('print what Gyre finds on this machine')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const info = readInfo();
      if (json) return terminal.print(JSON.stringify(info, null, 2));
      const rows: [string, string][] = [
        ['gyre', info.gyre],
        ['Node', `${info.node} (V8 ${info.v8})`],
        ['system', info.os],
        ['CPU', info.cpu],
        ['cores', String(info.cores)],
        ['threads', `${info.threads} by default`],
        ['kernels', `${info.kernels} (auto)`],
        ['memory', `${gibibytes(info.memoryBytes)}, ${gibibytes(info.freeMemoryBytes)} free`],
      ];
      terminal.printTable({
        rows: rows.map(([name, value]) => [terminal.colors.dim(name), value]),
      });
    });
}

function readInfo(): Info {
  const session = new Session();
  // Zero, or more than there is, when nothing limits the process.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return {
    gyre: VERSION,
    node: process.versions.node,
    v8: process.versions.v8,
    os: `${type()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    threads: session.threads,
    kernels: session.kernelBuild,
    memoryBytes: Math.min(totalmem(), limit),
    freeMemoryBytes: freemem(),
  };
}
