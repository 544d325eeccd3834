/** Opens a job on one thread: loads its code, makes its subtasks, and drives its loop. */
import { availableParallelism } from 'node:os';
import { countShared } from '../table/buffers.js';
import { SpillFolder } from './cache/spill-folder.js';
import { SpillSpace } from './cache/spill-space.js';
import type { EndpointSpec } from './endpoint-spec.js';
import { AlignerSubtask, HeadSubtask, ReplaySubtask, TailSubtask } from './iteration.js';
import { type SinkWriter, SinkWriterSubtask } from './job-sink.js';
import { type InlineCode, loadCode } from './loading.js';
import type { ThreadContext } from './operator-runner.js';
import { OperatorSubtask, PerRoundSubtask, type UserSubtask } from './operator-subtask.js';
import { OpenShards, type PlacedShard } from './placement.js';
import { isResident } from './shard.js';
import { type Sink, SinkSubtask } from './sink.js';
import { type JobSource, SourceSubtask, type SourceWatcher, TableSubtask } from './source.js';
import { type SubtaskFactory, TaskLoop } from './task-loop.js';

/** What belongs to one endpoint beyond the plan. */
export interface EndpointResources {
  /** Shards by table node and subtask. */
  readonly tables: Readonly<Record<number, Readonly<Record<number, readonly PlacedShard[]>>>>;
  /** Shards by table node that a checkpoint refers to and whose owner is elsewhere. */
  readonly referenced?: Readonly<Record<number, readonly PlacedShard[]>>;
  readonly outputs: Readonly<Record<string, SharedArrayBuffer>>;
  readonly inline?: InlineCode;
  readonly sources?: ReadonlyMap<number, JobSource>;
  readonly sinks?: ReadonlyMap<number, Sink>;
  readonly writers?: ReadonlyMap<number, SinkWriter>;
  readonly watcher?: SourceWatcher;
}

/** Wires the endpoint's part of the job and opens its operators. Close the loop when done. */
export async function openLoop(
  spec: EndpointSpec,
  resources: EndpointResources,
): Promise<TaskLoop> {
  const { plan, arena, kernels } = spec;
  for (const buffer of Object.values(resources.outputs)) countShared(buffer);
  const { operators, keys } = await loadCode(plan, spec, resources.inline);
  const opened: UserSubtask[] = [];
  const shards = new OpenShards(kernels.buffer, resources.referenced ?? {});
  const space = new SpillSpace({
    arena,
    memoryBytes: Math.floor(arena.free / 2),
    folder: new SpillFolder(spec.spillPath),
    resident: isResident,
  });
  const makeSubtask: SubtaskFactory = (node, index, scheduler) => {
    const loop = plan.loops[node.loop ?? -1];
    switch (node.kind) {
      case 'head':
        return new HeadSubtask(node, index, scheduler, loop!, space);
      case 'tail':
        return new TailSubtask(node, index, scheduler, loop!.bounded);
      case 'replay':
        return new ReplaySubtask(node, index, scheduler, loop!.bounded, space);
      case 'aligner':
        return new AlignerSubtask(node, index, scheduler, loop!);
      case 'table': {
        const placed = resources.tables[node.id]?.[index] ?? [];
        return new TableSubtask(node, index, scheduler, shards.open(node.id, placed));
      }
      case 'source': {
        const source = resources.sources!.get(node.id)!;
        return new SourceSubtask(node, index, scheduler, source, resources.watcher!);
      }
      case 'sink':
        return new SinkSubtask(node, index, scheduler, resources.sinks!.get(node.id)!);
      case 'writer': {
        const writer = resources.writers!.get(node.id)!;
        return new SinkWriterSubtask(node, index, scheduler, writer, resources.watcher!);
      }
      case 'operator': {
        const source = { ...operators.get(node.id)!, synchronous: loop?.bounded === true, space };
        const Class = node.lifecycle === 'perRound' ? PerRoundSubtask : OperatorSubtask;
        const subtask = new Class(node, index, scheduler, source);
        opened.push(subtask);
        return subtask;
      }
    }
  };
  const loop = new TaskLoop(spec, space, makeSubtask);
  for (const output of loop.subtasks.flatMap(({ outputs }) => outputs)) {
    output.keyOf = keys.get(output.edge.id) ?? null;
  }
  const thread: ThreadContext = {
    kernels,
    arena,
    buffers: resources.outputs,
    keys,
    stopped: () => loop.stopped,
  };
  try {
    const unfinished = opened.filter(({ finished }) => !finished);
    await Promise.all(unfinished.map((subtask) => subtask.open(thread)));
    if (spec.restored !== null) loop.restore(spec.restored, (ref) => shards.get(ref));
  } catch (error) {
    loop.close();
    throw error;
  }
  return loop;
}

/**
 * How often an idle worker looks for work before it parks: some tens of microseconds, longer than
 * a superstep of its partners, and only when each worker can have a core of its own.
 */
const SPINS = 4000;

/** Runs the loop until all its subtasks have finished or the job is stopped. For workers: blocks. */
export function runBlocking(loop: TaskLoop, workers: number): void {
  const spins = workers <= availableParallelism() ? SPINS : 0;
  const hasWork = () => loop.hasWork();
  loop.start();
  while (!loop.stopped) {
    if (loop.step()) continue;
    if (loop.done) return;
    let left = spins;
    while (left > 0 && !loop.hasWork()) left--;
    if (left > 0) continue;
    loop.rest();
    loop.doorbell.park(hasWork, loop.untilTimer);
  }
}

/** The main thread gives way to other work after this long. */
const SLICE_MS = 8;
/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 16;

/** {@link runBlocking} for the main thread, which must not block: gives way in between. */
export async function runCooperative(loop: TaskLoop): Promise<void> {
  const hasWork = () => loop.hasWork();
  loop.start();
  let sliceStart = performance.now();
  for (let steps = 1; !loop.stopped; steps++) {
    if (!loop.step()) {
      if (loop.done) return;
      loop.rest();
      await loop.doorbell.parkAsync(hasWork, loop.untilTimer);
    } else if (steps % STEPS_PER_LOOK !== 0) {
      continue;
    }
    // Parking may be over at once, by what a promise did: timers and signals need a turn as well.
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await new Promise(setImmediate);
    sliceStart = performance.now();
  }
}
