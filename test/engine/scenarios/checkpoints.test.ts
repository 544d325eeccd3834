// @timeout 240
/** Iterations that fail once and go on from their last checkpoint: nothing is lost, nothing doubled. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckpointEvent, checkpointChannel } from '../../../src/core/diagnostics.js';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import { forEachRound, once, replay } from '../../../src/engine/iterate.js';
import type { Job } from '../../../src/engine/job.js';
import type { DataStream } from '../../../src/engine/stream.js';
import { FailOnce, type Fault } from '../checkpoint/fault-operators.js';
import { assertSame, closeSessions, rejects } from '../support.js';
import { maxRounds, paced } from './bodies.js';
import {
  AtMost,
  CountCallbacks,
  type EpochRecord,
  NextEpoch,
  ReduceAllRounds,
  ReduceOneRound,
  type RoundEvent,
  ValueOf,
} from './operators.js';
import {
  empty,
  heldUntil,
  jobOn,
  PER_SUBTASK,
  SETUPS,
  type Setup,
  sequence,
  soon,
  totalOf,
  upTo,
  where,
} from './support.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-scenarios-'));
test.after(() => rmSync(root, { recursive: true, force: true }));
test.after(closeSessions);

let jobs = 0;

/** A job with frequent checkpoints, and the file that says that it has failed. */
function newJob(
  setup: Setup,
  options: Partial<CheckpointOptions> = {},
): { readonly job: Job; readonly marker: string; readonly folder: string } {
  const name = `job-${jobs++}`;
  const folder = join(root, name);
  const checkpoint = { folder, everyMs: 20, restarts: 3, backoffMs: 1, ...options };
  const job = jobOn(setup, name, { checkpoint });
  return { job, marker: join(root, `${name}.failed`), folder };
}

const THROW: readonly Fault[] = ['throw'];

/** An operator that throws, and a thread that dies where there are some. */
const faultsOn = ({ threads }: Setup): readonly Fault[] =>
  threads === 0 ? THROW : ['throw', 'exit'];

/** Files are written for each checkpoint: a few setups have to do. */
const FEW: readonly Setup[] = SETUPS.filter(
  ({ threads, subtasks }) => subtasks === threads * 2 || (threads === 0 && subtasks === 4),
);

const MAX_ROUND = 4;

/** Reduces the records of all rounds; the way back fails once. */
function reduceAllRounds(job: Job, { subtasks }: Setup, sync: boolean, failing: object) {
  return job.iterateUnbounded({
    variables: [empty<EpochRecord>(job, subtasks)],
    data: [once(sequence(job, subtasks))],
    body: ([variable], [data]) => {
      const both = variable.gather().connect(data.gather());
      const reduced = both.process(ReduceAllRounds, { sync, maxRound: MAX_ROUND });
      const through = reduced.process(FailOnce, failing as never) as DataStream<EpochRecord>;
      return {
        feedback: [through.rebalance(subtasks).map(NextEpoch)],
        outputs: { events: reduced.side<RoundEvent>('events') },
      };
    },
  });
}

for (const setup of FEW) {
  const on = where(setup);
  const { subtasks } = setup;
  const each = subtasks * PER_SUBTASK;
  const value = totalOf(subtasks);
  const over = { event: 'end', round: -1, value: -1 };

  // Of 16,000 records on four subtasks.
  for (const of16000 of [1000, 4000, 8000, 15_900]) {
    const at = (of16000 * subtasks) / 4;
    for (const fault of of16000 === 4000 ? faultsOn(setup) : THROW) {
      const how = `a fault (${fault}) at record ${at}`;

      test(`${how} changes nothing in synchronous rounds ${on}`, async () => {
        const { job, marker } = newJob(setup);
        const { events } = reduceAllRounds(job, setup, true, { marker, at, fault });
        const seen = await soon(events.output().toArray());
        assert.ok(existsSync(marker), 'it failed');
        const rounds = upTo(MAX_ROUND + 1).map((round) => ({ event: 'epochEnd', round, value }));
        assertSame(seen, [...rounds, over]);
      });

      test(`${how} changes nothing where rounds overlap ${on}`, async () => {
        const { job, marker } = newJob(setup);
        const { events } = reduceAllRounds(job, setup, false, { marker, at, fault });
        const seen = await soon(events.output().toArray());
        assert.ok(existsSync(marker), 'it failed');
        assertSame(seen.at(-1), over);
        for (const round of upTo(MAX_ROUND + 1)) {
          const own = seen.filter((event) => event.round === round);
          assert.is(own.length, each, `round ${round}`);
          assert.is(own.at(-1)!.value, value, `round ${round}`);
        }
        assert.is(seen.length, (MAX_ROUND + 1) * each + 1);
      });
    }
  }

  for (const of16000 of [1000, 4000, 8000]) {
    const at = (of16000 * subtasks) / 4;
    for (const fault of of16000 === 4000 ? faultsOn(setup) : THROW) {
      test(`a fault (${fault}) at replayed record ${at} changes no round ${on}`, async () => {
        const { job, marker } = newJob(setup);
        const { events } = job.iterate({
          variables: [job.of([0])],
          data: [replay(sequence(job, subtasks).map(ValueOf))],
          body: ([round], [data]) => {
            const failing = { marker, at, fault };
            const options = { parallelism: 1 };
            const through = data.process(FailOnce, failing, options) as DataStream<number>;
            const reduced = forEachRound([round, through] as const, ([r, d]) =>
              r.connect(d).process(ReduceOneRound),
            );
            const next = reduced.filter(AtMost, MAX_ROUND - 1);
            return {
              feedback: [next],
              outputs: { events: reduced.side<RoundEvent>('events') },
              criteria: next,
            };
          },
        });
        const seen = await soon(events.output().toArray());
        assert.ok(existsSync(marker), 'it failed');
        const expected = upTo(MAX_ROUND).map((round) => ({ event: 'end', round, value }));
        assertSame(seen, expected);
      });
    }
  }

  for (const fault of faultsOn(setup)) {
    test(`each callback is counted once over a fault (${fault}) ${on}`, async () => {
      const { job, marker } = newJob(setup, { everyEpochs: 3 });
      const [cut, committed] = [`${marker}.cut`, `${marker}.committed`];
      const onCheckpoint = (event: unknown) => {
        const isOurs = (event as CheckpointEvent).job === job.name;
        if (isOurs && existsSync(cut)) writeFileSync(committed, '');
      };
      checkpointChannel.subscribe(onCheckpoint);
      try {
        const { counts } = job.iterate({
          variables: [job.of([1])],
          body: ([v]) => {
            const counted = v.process(CountCallbacks, { marker, cut, committed, fault });
            return { feedback: [counted], outputs: { counts: counted.side<number[]>('counts') } };
          },
        });
        const [seen] = await soon(counts.output().toArray());
        assert.ok(existsSync(marker), 'it failed, after a checkpoint');
        assert.ok(seen!.length >= 6, `${seen!.length} callbacks`);
        assertSame(
          seen,
          seen!.map(() => 1),
        );
      } finally {
        checkpointChannel.unsubscribe(onCheckpoint);
      }
    });
  }

  test(`checkpoints that are asked for at any time of a fast loop become durable ${on}`, async () => {
    const { job } = newJob(setup, { everyMs: undefined });
    job.iterateUnbounded({
      variables: [job.of([1])],
      // Goes round and round, until the job is cancelled.
      body: ([v]) => ({ feedback: [v], outputs: {} }),
    });
    const running = job.run();
    await turn();
    try {
      for (let last = 0, i = 0; i < 10; i++) {
        const id = await soon(job.checkpoint());
        assert.ok(id > last, `${id} after ${last}`);
        last = id;
      }
    } finally {
      job.cancel();
      await soon(running);
    }
  });

  test(`a checkpoint that cannot be written holds the job up no further ${on}`, async () => {
    const { job, folder } = newJob(setup, { everyMs: undefined });
    const data = heldUntil(upTo(10));
    const source = rewindable(data.source);
    const { out } = job.iterate({
      variables: [job.of([1])],
      data: [once(job.from(source))],
      body: ([v], [d]) => ({
        feedback: [paced(v)],
        outputs: { out: d },
        criteria: maxRounds(v, 5),
      }),
    });
    const values = out.output().toArray();
    await turn();
    try {
      await soon(job.checkpoint());
      rmSync(folder, { recursive: true });
      writeFileSync(folder, 'in the way');
      await rejects(job.checkpoint(), 'ERR_GYRE_CHECKPOINT', /./);
      rmSync(folder);
      assert.type(await soon(job.checkpoint()), 'number');
    } finally {
      data.release();
    }
    assertSame(await soon(values), upTo(10));
  });
}

/** A job starts at the end of the turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Says that it could begin again; these tests never ask it to. */
function rewindable<T>(source: AsyncIterable<T>) {
  return {
    [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
    position: () => 0,
    seek() {},
  };
}

test.run();
