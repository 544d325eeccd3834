/**
 * A job that fails in the middle of a built-in operator, after a checkpoint, goes on from it and
 * gives what it would have given undisturbed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RestartEvent, restartChannel } from '../../../src/core/diagnostics.js';
import type { Job } from '../../../src/engine/job.js';
import {
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
} from '../../../src/engine/operators/windows.js';
import type { DataStream, StreamRef } from '../../../src/engine/stream.js';
import { FailOnce } from '../checkpoint/fault-operators.js';
import { assertSame, closeSessions, range, sessionOf, THREADS } from '../support.js';
import { BEFORE, Checkpointing } from './checkpointing.js';
import {
  Add,
  All,
  Concat,
  First,
  type Group,
  Groups,
  Lists,
  Modulo,
  Negate,
  OffsetReduce,
  ToArray,
  ToText,
  Where,
  Whole,
} from './operators.js';
import { read, sortedRows } from './support.js';
import { Clusters, OwnTime, Windowed } from './timed-operators.js';

const ROWS = 48;

type Numbers = DataStream<number>;

interface Case {
  readonly build: (numbers: Numbers, job: Job) => StreamRef;
  /** Subtasks of the numbers; more than one where the result does not depend on their order. */
  readonly subtasks: number;
  /** The record behind the operator that is surely after the checkpoint; 0: none is. */
  readonly behind: number;
  /** What of the result is compared. */
  readonly facts?: (rows: readonly unknown[]) => unknown;
}

/** Windows by processing time: where they lie is for the clock to say. */
const values = (rows: readonly unknown[]) =>
  rows.flatMap((row) => (row as [number, number, number, number[]])[3]).sort((a, b) => a - b);

const CASES: Readonly<Record<string, Case>> = {
  'the global window': {
    build: (n) => n.windowAll(globalWindow(), Windowed),
    subtasks: 1,
    behind: 1,
  },
  'count windows': {
    build: (n) => n.windowAll(countWindow(10, { partial: 'emit' }), Windowed),
    subtasks: 1,
    behind: 4,
  },
  'tumbling windows by event time': {
    build: (n) => n.assignTimestamps(OwnTime).windowAll(eventTimeTumbling(10), Windowed),
    subtasks: 2,
    behind: 4,
    facts: (rows) => rows,
  },
  'sessions by event time': {
    build: (n) =>
      n.filter(Clusters).assignTimestamps(OwnTime).windowAll(eventTimeSession(3), Windowed),
    subtasks: 1,
    behind: 4,
  },
  'tumbling windows by processing time': {
    build: (n) => n.windowAll(processingTimeTumbling(5), Windowed),
    subtasks: 2,
    behind: 0,
    facts: values,
  },
  'sessions by processing time': {
    build: (n) => n.windowAll(processingTimeSession(5), Windowed),
    subtasks: 2,
    behind: 0,
    facts: values,
  },
  mapPartition: { build: (n) => n.mapPartition(Whole), subtasks: 2, behind: 1 },
  aggregate: { build: (n) => n.aggregate(Lists), subtasks: 2, behind: 1 },
  reduceAll: { build: (n) => n.map(ToText).reduceAll(Concat), subtasks: 2, behind: 1 },
  'reduceAll with a broadcast variable': {
    build: (n, job) => n.withBroadcast({ offset: job.of([5]) }).reduceAll(OffsetReduce),
    subtasks: 2,
    behind: 1,
  },
  'keyed reduce': { build: (n) => n.keyBy(Modulo, 5).reduce(Add), subtasks: 2, behind: 1 },
  sample: { build: (n) => n.sample(7, 3), subtasks: 2, behind: 1 },
  generateBatchData: {
    build: (n) => n.generateBatchData(5, 3).process(Where),
    subtasks: 1,
    behind: 6,
  },
  allReduceSum: {
    build: (n) => n.reduceAll(Add).rebalance(2).map(ToArray, 3).allReduceSum().map(First),
    subtasks: 2,
    behind: 1,
  },
  coGroup: {
    build: (n) => n.keyBy(Modulo, 5).connect(n.map(Negate).keyBy(Modulo, 5)).coGroup(Groups),
    subtasks: 2,
    behind: 1,
    // Between channels there is no order.
    facts: (rows) =>
      sortedRows((rows as Group[]).map(([key, ...sides]) => [key, ...sides.map(sortedRows)])),
  },
};

const start = ({ build }: Case, numbers: StreamRef, job: Job): DataStream<unknown> =>
  build(numbers as Numbers, job) as DataStream<unknown>;

function undisturbed(it: Case): Promise<unknown[]> {
  const job = sessionOf(0).job('undisturbed', { parallelism: 2 });
  return read(start(it, job.of(range(ROWS)).rebalance(it.subtasks).filter(All), job));
}

interface Disturbed {
  readonly rows: readonly unknown[];
  /** The checkpoint of each restart. */
  readonly restarts: readonly (number | null)[];
}

/** With a fault in front of the operator or behind it. */
async function disturbed(
  threads: number,
  it: Case,
  where: 'in front' | 'behind',
): Promise<Disturbed> {
  const folder = await mkdtemp(join(tmpdir(), 'gyre-built-in-'));
  const checkpoint = { folder, backoffMs: 0 };
  const job = sessionOf(threads).job('disturbed', { parallelism: 2, checkpoint });
  // Half of what comes after the checkpoint was seen by then.
  const at = where === 'behind' ? it.behind : Math.ceil((BEFORE + 12) / it.subtasks);
  const fault = { marker: join(folder, 'failed'), at, fault: 'throw' } as const;
  const restarts: (number | null)[] = [];
  const onRestart = (event: unknown) => restarts.push((event as RestartEvent).checkpoint);
  restartChannel.subscribe(onRestart);
  try {
    const numbers = job.from(new Checkpointing(job, ROWS)).rebalance(it.subtasks);
    const stream =
      where === 'in front'
        ? start(it, numbers.process(FailOnce, fault), job)
        : start(it, numbers.filter(All), job).process(FailOnce, fault);
    return { rows: await read(stream), restarts };
  } finally {
    restartChannel.unsubscribe(onRestart);
    await rm(folder, { recursive: true });
  }
}

test.after(closeSessions);

for (const threads of THREADS) {
  for (const [name, it] of Object.entries(CASES)) {
    const facts = it.facts ?? sortedRows;
    for (const where of ['in front', 'behind'] as const) {
      if (where === 'behind' && it.behind === 0) continue;
      test(`${name} after a restart, by a fault ${where}, on ${threads} threads`, async () => {
        const expected = await undisturbed(it);
        assert.ok(expected.length > 0);
        const { rows, restarts } = await disturbed(threads, it, where);
        assertSame(restarts, [1], 'it has gone on from the checkpoint');
        assertSame(facts(rows), facts(expected));
      });
    }
  }
}

test.run();
