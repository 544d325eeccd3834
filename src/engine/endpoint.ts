/** Opens a job on one thread: imports its operators, makes its subtasks, and drives its loop. */
import { availableParallelism } from 'node:os';
import { PlanError } from '../core/errors.js';
import { importing } from './importing.js';
import { AlignerSubtask, HeadSubtask, ReplaySubtask, TailSubtask } from './iteration.js';
import type { Sink } from './main-subtasks.js';
import { SinkSubtask, SourceSubtask, TableSubtask } from './main-subtasks.js';
import type { AnyOperator, OperatorClass, OperatorContext } from './operator.js';
import { OperatorSubtask, operatorFailure } from './operator-subtask.js';
import { openShards, type PlacedShard } from './placement.js';
import { type CodeRef, endpointOf, type NodePlan, type Plan } from './plan.js';
import { type EndpointSpec, type SubtaskFactory, TaskLoop } from './task-loop.js';

/** Makes an operator where it cannot be imported: closures and classes of a job without workers. */
export type InlineOperator = () => AnyOperator;

/** What belongs to one endpoint beyond the plan. */
export interface EndpointResources {
  /** Shards by table node and subtask. */
  readonly tables: Readonly<Record<number, Readonly<Record<number, readonly PlacedShard[]>>>>;
  readonly outputs: Readonly<Record<string, SharedArrayBuffer>>;
  readonly inline?: ReadonlyMap<number, InlineOperator>;
  readonly sources?: ReadonlyMap<number, Iterable<unknown> | AsyncIterable<unknown>>;
  readonly sinks?: ReadonlyMap<number, Sink>;
  readonly onSourceError?: (error: unknown) => void;
}

interface LoadedOperator {
  readonly make: () => AnyOperator;
  readonly inPlace: boolean;
}

async function importModule(node: NodePlan, module: string): Promise<Record<string, unknown>> {
  try {
    return await importing(() => import(module) as Promise<Record<string, unknown>>);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PlanError(`${node.name}: its module ${module} cannot be imported: ${reason}`, {
      details: { operator: node.name, module },
      cause,
    });
  }
}

async function importOperator(node: NodePlan, { module, name }: CodeRef): Promise<LoadedOperator> {
  const exports = await importModule(node, module);
  const Class = exports[name] as OperatorClass<AnyOperator, unknown> | undefined;
  if (typeof Class !== 'function') {
    throw new PlanError(
      `${node.name}: the module ${module} must export the class ${name}, which it does not.`,
      { details: { module, name } },
    );
  }
  return { make: () => new Class(node.params), inPlace: Class.readsInPlace === true };
}

async function loadOperators(
  plan: Plan,
  { workers, endpoint }: EndpointSpec,
  inline: ReadonlyMap<number, InlineOperator> | undefined,
): Promise<Map<number, LoadedOperator>> {
  const loaded = new Map<number, LoadedOperator>();
  for (const node of plan.nodes) {
    if (node.operator === null) continue;
    const here = Array.from({ length: node.parallelism }, (_, i) => endpointOf(node, i, workers));
    if (!here.includes(endpoint)) continue;
    const make = inline?.get(node.id);
    if (make !== undefined) loaded.set(node.id, { make, inPlace: false });
    else loaded.set(node.id, await importOperator(node, node.operator.code!));
  }
  return loaded;
}

function makeOperator(node: NodePlan, index: number, make: () => AnyOperator): AnyOperator {
  try {
    return make();
  } catch (error) {
    throw operatorFailure(node, index, error);
  }
}

/** Wires the endpoint's part of the job and opens its operators. Close the loop when done. */
export async function openLoop(
  spec: EndpointSpec,
  resources: EndpointResources,
): Promise<TaskLoop> {
  const { plan, arena, kernels } = spec;
  const operators = await loadOperators(plan, spec, resources.inline);
  const opened: OperatorSubtask[] = [];
  const makeSubtask: SubtaskFactory = (node, index, scheduler) => {
    const loop = plan.loops[node.loop ?? -1];
    switch (node.kind) {
      case 'head':
        return new HeadSubtask(node, index, scheduler, loop!);
      case 'tail':
        return new TailSubtask(node, index, scheduler, loop!.bounded);
      case 'replay':
        return new ReplaySubtask(node, index, scheduler, loop!.bounded);
      case 'aligner':
        return new AlignerSubtask(node, index, scheduler, loop!);
      case 'table': {
        const placed = resources.tables[node.id]?.[index] ?? [];
        return new TableSubtask(node, index, scheduler, openShards(kernels.buffer, placed));
      }
      case 'source': {
        const values = resources.sources!.get(node.id)!;
        return new SourceSubtask(node, index, scheduler, values, resources.onSourceError!);
      }
      case 'sink':
        return new SinkSubtask(node, index, scheduler, resources.sinks!.get(node.id)!);
      case 'operator': {
        const { make, inPlace } = operators.get(node.id)!;
        const bounded = loop?.bounded === true;
        const operator = makeOperator(node, index, make);
        const subtask = new OperatorSubtask(node, index, scheduler, operator, inPlace, bounded);
        opened.push(subtask);
        return subtask;
      }
    }
  };
  const loop = new TaskLoop(spec, makeSubtask);
  try {
    const context = { kernels, arena, buffers: resources.outputs };
    await Promise.all(opened.map((subtask) => subtask.open(contextOf(subtask, loop, context))));
  } catch (error) {
    loop.close();
    throw error;
  }
  return loop;
}

function contextOf(
  { node: { name, parallelism }, index: subtask }: OperatorSubtask,
  loop: TaskLoop,
  common: Pick<OperatorContext, 'kernels' | 'arena' | 'buffers'>,
): OperatorContext {
  return {
    ...common,
    name,
    subtask,
    parallelism,
    get stopped() {
      return loop.stopped;
    },
  };
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
    if (left === 0) loop.doorbell.park(hasWork);
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
      await loop.doorbell.parkAsync(hasWork);
    } else if (steps % STEPS_PER_LOOK !== 0) {
      continue;
    }
    // Parking may be over at once, by what a promise did: timers and signals need a turn as well.
    if (performance.now() - sliceStart < SLICE_MS) continue;
    await new Promise(setImmediate);
    sliceStart = performance.now();
  }
}
