/** Runs a job of the fault tests, undisturbed and disturbed. */
import { channel } from 'node:diagnostics_channel';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointEvent, RestartEvent, WarningEvent } from '../../../src/core/diagnostics.js';
import type { JavaRandom } from '../../../src/core/random.js';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import type { Session } from '../../../src/engine/session.js';
import { sessionOf, within } from '../support.js';
import { arrays, type Build, type Numbers } from './graphs.js';
import type { PlannedFault } from './planned.js';

/** The parallelism of all jobs here, whatever the workers: so all have the same results. */
export const PARALLELISM = 3;

/** In memory where there is such a place: these tests are not about the disk. */
const base = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of a test file. */
export function scratch(name: string): string {
  return mkdtempSync(join(base, `gyre-${name}-`));
}

/** What a run said on the diagnostics channels. */
export interface Log {
  readonly checkpoints: CheckpointEvent[];
  readonly restarts: RestartEvent[];
  readonly warnings: WarningEvent[];
}

/** Collects the events of one job until it is stopped. */
export function listen(job: string): { readonly log: Log; stop(): void } {
  const log: Log = { checkpoints: [], restarts: [], warnings: [] };
  const onCheckpoint = (event: unknown) => {
    if ((event as CheckpointEvent).job === job) log.checkpoints.push(event as CheckpointEvent);
  };
  const onRestart = (event: unknown) => {
    if ((event as RestartEvent).job === job) log.restarts.push(event as RestartEvent);
  };
  const onWarning = (event: unknown) => log.warnings.push(event as WarningEvent);
  channel('gyre:checkpoint').subscribe(onCheckpoint);
  channel('gyre:restart').subscribe(onRestart);
  channel('gyre:warning').subscribe(onWarning);
  const stop = () => {
    channel('gyre:checkpoint').unsubscribe(onCheckpoint);
    channel('gyre:restart').unsubscribe(onRestart);
    channel('gyre:warning').unsubscribe(onWarning);
  };
  return { log, stop };
}

const results = new Map<Build, Promise<unknown>>();

/** The result of a job without checkpoints and faults; once for each build. */
export function undisturbed(build: Build): Promise<unknown> {
  const known = results.get(build);
  if (known !== undefined) return known;
  const job = sessionOf(0).job('undisturbed', { parallelism: PARALLELISM });
  const result = within(30_000, build(job, [], arrays));
  results.set(build, result);
  return result;
}

export interface Disturbance {
  readonly session: Session;
  readonly folder: string;
  readonly faults: readonly PlannedFault[];
  readonly checkpoint?: Partial<CheckpointOptions>;
  readonly numbers?: Numbers;
}

let jobs = 0;

/** Runs a job with faults to its end. */
export async function disturbed(
  build: Build,
  { session, folder, faults, checkpoint, numbers = arrays }: Disturbance,
): Promise<{ readonly result: unknown; readonly log: Log }> {
  const name = `disturbed-${jobs++}`;
  const job = session.job(name, {
    parallelism: PARALLELISM,
    checkpoint: { folder, restarts: faults.length, backoffMs: 1, ...checkpoint },
  });
  const { log, stop } = listen(name);
  try {
    const result = await within(60_000, build(job, faults, numbers));
    await within(10_000, job.run());
    return { result, log };
  } finally {
    stop();
  }
}

/** When checkpoints are taken: often, at random. */
export function triggers(random: JavaRandom): Partial<CheckpointOptions> {
  switch (random.nextInt(4)) {
    case 0:
      return { everyMs: 1 + random.nextInt(20) };
    case 1:
      return { everyRows: 1 + random.nextInt(40) };
    case 2:
      return { everyEpochs: 1 + random.nextInt(3), everyRows: 20 };
    default:
      return { everyMs: 1, everyRows: 1, everyEpochs: 1 };
  }
}

export const happened = ({ marker }: PlannedFault): boolean => existsSync(marker);

export function removeAll(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
