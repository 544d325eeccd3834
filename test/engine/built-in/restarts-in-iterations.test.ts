/**
 * An iteration that fails in the middle of a round, after a checkpoint in some round before: no
 * round of a built-in operator is lost, comes twice or is another than it would have been.
 */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkpointChannel,
  type RestartEvent,
  restartChannel,
} from '../../../src/core/diagnostics.js';
import { forEachRound, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import { ForwardInputsOfLastRound } from '../../../src/engine/operators/forward-inputs-of-last-round.js';
import { TerminateOnMaxIterOrTol } from '../../../src/engine/operators/terminate.js';
import { globalWindow } from '../../../src/engine/operators/windows.js';
import type { DataStream, StreamRef } from '../../../src/engine/stream.js';
import { assertSame, closeSessions, range, sessionOf, THREADS } from '../support.js';
import { Add, Concat, First, Groups, Modulo, ToArray, ToText, Where, Whole } from './operators.js';
import { FailWhenArmed, LossUntil, NextRound, type Plot } from './round-operators.js';
import { read, sortedRows } from './support.js';
import { Windowed } from './timed-operators.js';

test.after(closeSessions);

/** Numbers on two subtasks, again in every round, and what operators make of them. */
const BODIES: Readonly<Record<string, (numbers: DataStream<number>) => StreamRef>> = {
  'mapPartition of a round': (numbers) =>
    forEachRound([numbers], ([each]) => each.mapPartition(Whole)),
  reduceAll: (numbers) => numbers.map(ToText).reduceAll(Concat),
  'keyed reduce': (numbers) => numbers.keyBy(Modulo, 3).reduce(Add),
  'allReduceSum of a round': (numbers) =>
    forEachRound([numbers.reduceAll(Add)], ([sum]) =>
      sum.map(ToArray, 2).allReduceSum().map(First),
    ),
  'the window of a round': (numbers) =>
    forEachRound([numbers.reduceAll(Add)], ([sum]) => sum.windowAll(globalWindow(), Windowed)),
  'coGroup of a round': (numbers) =>
    forEachRound([numbers.reduceAll(Add)], ([sum]) =>
      sum.keyBy(Modulo, 3).connect(sum.keyBy(Modulo, 3)).coGroup(Groups),
    ),
};

interface Rounds {
  /** The checkpoints of restarts. */
  readonly restarts?: readonly (number | null)[];
  /** What the operator has given in each. */
  readonly rounds: readonly (readonly unknown[])[];
  /** What was forwarded of the last. */
  readonly last: readonly unknown[];
}

async function run(job: Job, plot: Plot, name: string): Promise<Rounds> {
  const { results, last, states } = job.iterate({
    variables: [job.of([0])],
    data: [replay(job.of(range(12)).rebalance(2))],
    body: ([state], [data]) => {
      const numbers = data.flatMap(FailWhenArmed, plot) as DataStream<number>;
      const result = BODIES[name]!(numbers) as DataStream<unknown>;
      return {
        feedback: [state.process(NextRound)],
        outputs: {
          results: result.process(Where),
          last: result.flatMap(ForwardInputsOfLastRound),
          states: state,
        },
        criteria: state
          .map(LossUntil, plot)
          .flatMap(TerminateOnMaxIterOrTol, { maxIter: 1_000_000, tol: 0.5 }),
      };
    },
  });
  const [seen, forwarded, all] = await Promise.all([read(results), read(last), read(states)]);
  // And the one of the round that is not made any more.
  assertSame(all, range(all.length), 'each state once');
  const rounds = all.slice(1).map((): unknown[] => []);
  for (const [, value, epoch] of seen) rounds[epoch]!.push(value);
  return { rounds: rounds.map(sortedRows), last: sortedRows(forwarded) };
}

/** What a round gives: they are all alike. */
async function undisturbed(folder: string, name: string): Promise<Rounds> {
  const plot = { armed: join(folder, 'never'), failed: folder };
  const job = sessionOf(0).job('undisturbed', { parallelism: 2 });
  return run(job, { ...plot, subtask: 0 }, name);
}

async function disturbed(threads: number, folder: string, name: string): Promise<Rounds> {
  const checkpoint = { folder, everyEpochs: 7, backoffMs: 0 };
  const plot = { armed: join(folder, 'armed'), failed: join(folder, 'failed'), subtask: 1 };
  const restarts: (number | null)[] = [];
  const onRestart = (event: unknown) => restarts.push((event as RestartEvent).checkpoint);
  const onCheckpoint = () => writeFileSync(plot.armed, '');
  restartChannel.subscribe(onRestart);
  checkpointChannel.subscribe(onCheckpoint);
  try {
    const job = sessionOf(threads).job('disturbed', { parallelism: 2, checkpoint });
    return { ...(await run(job, plot, name)), restarts };
  } finally {
    restartChannel.unsubscribe(onRestart);
    checkpointChannel.unsubscribe(onCheckpoint);
  }
}

for (const threads of THREADS) {
  for (const name of Object.keys(BODIES)) {
    test(`${name} gives each round once after a restart on ${threads} threads`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'gyre-rounds-'));
      try {
        const expected = await undisturbed(folder, name);
        assert.ok(expected.last.length > 0 && expected.rounds.length > 10);
        const { rounds, last, restarts = [] } = await disturbed(threads, folder, name);
        assert.is(restarts.length, 1);
        assert.type(restarts[0], 'number', 'it has gone on from a checkpoint');
        rounds.forEach((round, i) => {
          assertSame(round, expected.rounds[0], `round ${i} of ${rounds.length}`);
        });
        assertSame(last, expected.last);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
}

test.run();
