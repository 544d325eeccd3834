/** Event time: with records, and as watermarks, over several subtasks. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataStream } from '../../../src/engine/stream.js';
import { assertSame, closeSessions, range, THREADS } from '../support.js';
import { All, IsOdd, Modulo, Negate, Twice } from './operators.js';
import { follow, gated, newJob, read } from './support.js';
import { OwnTime, OwnWatermarks, type Seen, Witness } from './timed-operators.js';

test.after(closeSessions);

const END = ['time', 0, null];

/** What each subtask saw, in order. */
function bySubtask(seen: readonly Seen[]): Seen[][] {
  const rows: Seen[][] = [];
  for (const row of seen) {
    rows[row[1]] ??= [];
    rows[row[1]]!.push(row);
  }
  return rows;
}

/** On each subtask time rises, ends with the stream, and no record is from before it. */
function assertInOrder(seen: readonly Seen[], subtasks: number, what: string): void {
  const rows = bySubtask(seen);
  assert.is(rows.length, subtasks, what);
  for (const own of rows) {
    let now = Number.NEGATIVE_INFINITY;
    for (const [kind, subtask, value, time] of own) {
      const at = (kind === 'time' ? value : time) as number;
      assert.ok(kind === 'time' ? at > now : at >= now, `${what}: ${kind} ${at} on ${subtask}`);
      if (kind === 'time') now = at;
    }
    assert.is(own.at(-1)![0], 'time', what);
    assert.is(now, Number.POSITIVE_INFINITY, what);
  }
}

for (const threads of THREADS) {
  const on = `on ${threads} threads`;
  const times = (job: ReturnType<typeof newJob>, subtasks: number): DataStream<number> =>
    job.of(range(90)).rebalance(subtasks).assignTimestamps(OwnTime);

  test(`watermarks follow the latest time by the delay, in steps ${on}`, async () => {
    const job = newJob(threads);
    const options = { delayMs: 2, stepMs: 3 };
    const seen = await read(
      job
        .of([10, 12, 13, 11, 17])
        .assignTimestamps(OwnTime, undefined, options)
        .gather()
        .process(Witness),
    );
    assertSame(seen, [
      ['record', 0, 10, 10],
      ['time', 0, 8],
      ['record', 0, 12, 12],
      ['record', 0, 13, 13],
      ['time', 0, 11],
      ['record', 0, 11, 11],
      ['record', 0, 17, 17],
      ['time', 0, 15],
      END,
    ]);
  });

  test(`records keep their time through map, flatMap and filter ${on}`, async () => {
    const job = newJob(threads);
    const stamped = job.of([1, 2, 3]).assignTimestamps(OwnTime);
    const seen = await read(
      stamped.map(Negate).flatMap(Twice).filter(IsOdd).gather().process(Witness),
    );
    assertSame(
      seen.filter(([kind]) => kind === 'record'),
      [1, 1, 3, 3].map((value) => ['record', 0, -value, value]),
    );
    assertSame(
      seen.filter(([kind]) => kind === 'time'),
      [['time', 0, 1], ['time', 0, 2], ['time', 0, 3], END],
    );
  });

  test(`an operator gives times and watermarks itself ${on}`, async () => {
    const job = newJob(threads);
    const seen = await read(job.of([5, 4, 9]).gather().process(OwnWatermarks, 1).process(Witness));
    assertSame(seen, [
      ['record', 0, 5, 5],
      ['time', 0, 4],
      ['record', 0, 4, 4],
      ['record', 0, 9, 9],
      ['time', 0, 8],
      END,
    ]);
  });

  test(`time is the least of all channels through every partitioner ${on}`, async () => {
    for (const subtasks of [1, 2, 3]) {
      const ways: Record<string, (stream: DataStream<number>) => DataStream<number>> = {
        forward: (stream) => stream.filter(All),
        rebalance: (stream) => stream.rebalance(subtasks),
        broadcast: (stream) => stream.broadcast(subtasks),
        keyBy: (stream) => stream.keyBy(Modulo, 7),
      };
      for (const [name, way] of Object.entries(ways)) {
        const job = newJob(threads);
        const witness = way(times(job, 2)).process(Witness, undefined, {
          parallelism: name === 'forward' ? 2 : subtasks,
        });
        const seen = await read(witness);
        const copies = name === 'broadcast' ? subtasks : 1;
        assert.is(seen.filter(([kind]) => kind === 'record').length, 90 * copies, name);
        assertInOrder(seen, name === 'forward' ? 2 : subtasks, name);
      }
    }
  });

  test(`time is the least of both streams after union and connect ${on}`, async () => {
    const ways = {
      union: (a: DataStream<number>, b: DataStream<number>) => a.union(b).gather(),
      connect: (a: DataStream<number>, b: DataStream<number>) => a.gather().connect(b.gather()),
    };
    for (const [name, way] of Object.entries(ways)) {
      const job = newJob(threads);
      const { source, release } = gated<number>([], [50]);
      const fast = job.of([60, 70, 100]).assignTimestamps(OwnTime);
      const slow = job.from(source).assignTimestamps(OwnTime);
      // Nothing is over before the slow one says so, and then only what it says.
      const seen = await follow(way(fast, slow).process(Witness), (_, row) => {
        if (row[2] === 100) release();
      });
      const records = [60, 70, 100, 50].map((at) => ['record', 0, at, at]);
      assertSame(seen, [...records, ['time', 0, 50], END], name);
      const again = newJob(threads);
      const both = way(times(again, 2), times(again, 3));
      assertInOrder(await read(both.process(Witness)), 1, name);
    }
  });

  test(`a stream that has ended holds nobody's time ${on}`, async () => {
    const job = newJob(threads);
    const { source, release } = gated([5, 6], []);
    const open = job.from(source).assignTimestamps(OwnTime);
    const both = open.union(job.of<number>([])).gather().process(Witness);
    const seen = await follow(both, (_, row) => {
      if (row[0] === 'time' && row[2] === 6) release();
    });
    assertSame(
      seen.filter(([kind]) => kind === 'record'),
      [5, 6].map((at) => ['record', 0, at, at]),
    );
    assertSame(seen.slice(-2), [['time', 0, 6], END]);
  });
}

test.run();
