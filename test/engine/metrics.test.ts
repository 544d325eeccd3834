import diagnostics from 'node:diagnostics_channel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  BackpressureEvent,
  CheckpointEvent,
  EpochEvent,
  RestartEvent,
} from '../../src/core/diagnostics.js';
import { replay } from '../../src/engine/iterate.js';
import type { Job } from '../../src/engine/job.js';
import type { JobMetrics, OperatorMetrics } from '../../src/engine/job-metrics.js';
import type { JobProgress } from '../../src/engine/job-watch.js';
import { FailOnce, GATE, Gated, TakesMemory } from './metrics-operators.js';
import { Add, CountDown, IsEven, Repeat, TerminateOnMaxIter, ThrowAt, Trace } from './operators.js';
import { assertSame, closeSessions, range, rejects, sessionOf, throws, within } from './support.js';

const test = suite('metrics');
test.after(closeSessions);

const THREADS = [0, 1, 2];
const WAIT_MS = 20_000;

const named = (metrics: JobMetrics, name: string): OperatorMetrics => {
  const found = metrics.operators.filter((operator) => operator.name === name);
  assert.is(found.length, 1, `operators with the name ${name}`);
  return found[0]!;
};

const counts = (metrics: JobMetrics, name: string): number[] => {
  const { recordsIn, recordsOut } = named(metrics, name);
  return [recordsIn, recordsOut];
};

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Looks at a job until it is as wanted. */
async function until(job: Job, wanted: (metrics: JobMetrics) => boolean): Promise<JobMetrics> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const metrics = job.metrics();
    if (wanted(metrics)) return metrics;
    if (performance.now() > deadline) throw new Error(`never: ${JSON.stringify(metrics)}`);
    await sleep(2);
  }
}

/** Messages of a channel, from the subscription to `stop`. */
function listenTo<T>(name: string, onMessage: (message: T) => void = () => {}) {
  const messages: T[] = [];
  const listen = (message: unknown) => {
    messages.push(message as T);
    onMessage(message as T);
  };
  diagnostics.subscribe(name, listen);
  return { messages, stop: () => diagnostics.unsubscribe(name, listen) };
}

function newGate(job: Job): { open(): void } {
  const buffer = new SharedArrayBuffer(4);
  const word = new Int32Array(buffer);
  job.buffer(GATE, buffer);
  const open = () => {
    Atomics.store(word, 0, 1);
    Atomics.notify(word, 0);
  };
  return { open };
}

/** Gives some records, then waits for `resume`, then gives the rest. */
class PausedSource {
  readonly #records: number;
  readonly #pauseAt: number;
  #next = 0;
  resume: () => void = () => {};
  readonly #resumed = new Promise<void>((resolve) => {
    this.resume = resolve;
  });

  constructor(records: number, pauseAt: number) {
    this.#records = records;
    this.#pauseAt = pauseAt;
  }

  position(): number {
    return this.#next;
  }

  seek(position: unknown): void {
    this.#next = position as number;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    while (this.#next < this.#records) {
      if (this.#next === this.#pauseAt) await this.#resumed;
      yield this.#next++;
    }
  }
}

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-metrics-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`a job that was not started has zeros ${on}`, () => {
    const job = sessionOf(threads).job('idle');
    job.of([1, 2]).map(Add, 1).output();
    const metrics = job.metrics();
    assertSame(
      [metrics.job, metrics.state, metrics.attempt, metrics.threads, metrics.elapsedMs],
      ['idle', 'created', 0, threads, 0],
    );
    assertSame(
      metrics.operators.map(({ kind, recordsIn, recordsOut }) => [kind, recordsIn, recordsOut]),
      [
        ['source', 0, 0],
        ['operator', 0, 0],
        ['sink', 0, 0],
      ],
    );
    assert.is(metrics.rings.length, (threads + 1) * threads);
    assert.ok(metrics.rings.every(({ capacity, occupancy }) => capacity > 0 && occupancy === 0));
    assert.is(metrics.memory.length, threads + 1);
  });

  test(`records of operators are counted exactly ${on}`, async () => {
    const job = sessionOf(threads).job('counts');
    const numbers = job.of(range(100)).rebalance(3);
    const even = numbers.filter(IsEven, undefined, { name: 'even' });
    even.flatMap(Repeat, undefined, { name: 'repeat' }).output();
    numbers.map(Add, 1, { name: 'add' }).broadcast().process(Trace, undefined, { name: 'all' });
    await job.run();
    const metrics = job.metrics();
    assert.is(metrics.state, 'done');
    assert.is(metrics.rows, 100);
    assertSame(counts(metrics, 'even'), [100, 50]);
    assertSame(counts(metrics, 'repeat'), [50, sum(range(100).filter((x) => x % 2 === 0))]);
    const { parallelism } = named(metrics, 'all');
    assertSame(counts(metrics, 'add'), [100, 100 * parallelism], 'a broadcast counts each');
    assertSame(counts(metrics, 'all'), [100 * parallelism, 0], 'nobody reads what it emits');
    assertSame(
      named(metrics, 'all').subtasks.map(({ recordsIn }) => recordsIn),
      range(parallelism).map(() => 100),
    );
    for (const { name, recordsIn, recordsOut, subtasks } of metrics.operators) {
      assert.is(sum(subtasks.map((subtask) => subtask.recordsIn)), recordsIn, name);
      assert.is(sum(subtasks.map((subtask) => subtask.recordsOut)), recordsOut, name);
    }
  });

  test(`what operators send is what operators get, keyed and in loops ${on}`, async () => {
    const job = sessionOf(threads).job('conserved', { parallelism: 2 });
    const records = range(60).map((i) => ({ user: `u${i % 7}`, count: 1 + (i % 5) }));
    const keyed = job.of(records).keyBy('user').process(Trace, undefined, { name: 'keyed' });
    keyed.output();
    const { left } = job.iterate({
      variables: [job.of(range(20)).rebalance(2)],
      data: [replay(job.of([1, 2, 3]).rebalance(2))],
      body: ([numbers], [data]) => {
        const next = numbers.flatMap(CountDown, undefined, { name: 'count down' });
        const seen = data.connect(numbers.broadcast()).process(Trace, undefined, { name: 'seen' });
        return { feedback: [next], outputs: { left: seen } };
      },
    });
    left.output();
    await job.run();
    const metrics = job.metrics();
    assert.is(named(metrics, 'keyed').recordsIn, 60);
    const total = (key: 'recordsIn' | 'recordsOut') => sum(metrics.operators.map((o) => o[key]));
    assert.is(total('recordsIn'), total('recordsOut'));
    // The number x goes round x - 1 times.
    const fedBack = sum(range(20).map((x) => Math.max(x - 1, 0)));
    assertSame(counts(metrics, 'count down'), [20 + fedBack, fedBack]);
    const ofKind = (kind: string) => metrics.operators.find((operator) => operator.kind === kind)!;
    assertSame([ofKind('tail').recordsIn, ofKind('tail').recordsOut], [fedBack, fedBack]);
    assert.is(ofKind('head').recordsIn, 20 + fedBack);
    assertSame([ofKind('aligner').recordsIn, ofKind('aligner').recordsOut], [0, 0]);
    const [loop] = metrics.loops;
    assertSame([ofKind('replay').recordsIn, ofKind('replay').recordsOut], [3, 3 * loop!.epoch]);
    assert.is(ofKind('head').loop, 0);
    assert.is(named(metrics, 'keyed').loop, null);
  });

  test(`epochs of a loop are counted, with the time that each took ${on}`, async () => {
    const rounds = 40;
    const job = sessionOf(threads).job('rounds');
    const { numbers } = job.iterate({
      variables: [job.of([1, 2])],
      body: ([variable]) => {
        const next = variable.map(Add, 1);
        const criteria = next.process(TerminateOnMaxIter, rounds);
        return { feedback: [next], outputs: { numbers: next }, criteria };
      },
    });
    numbers.output();
    await job.run();
    const { loop, epoch, epochsPerSecond, latency } = job.metrics().loops[0]!;
    assert.is(loop, 0);
    assert.is(epoch, rounds, 'the last one finds no criteria');
    assert.ok(epochsPerSecond > 0);
    const { count, p50Us, p90Us, p99Us, maxUs, buckets } = latency;
    assert.is(count, rounds, 'from each epoch but the first to the one before');
    assert.is(sum(buckets.map((bucket) => bucket.count)), rounds);
    assert.ok(0 < p50Us && p50Us <= p90Us && p90Us <= p99Us && p99Us <= maxUs);
  });

  test(`a failed job keeps what it counted before ${on}`, async () => {
    const job = sessionOf(threads).job('failing');
    const added = job.of(range(50)).map(Add, 0, { name: 'add', parallelism: 1 });
    const thrown = added.map(ThrowAt, { at: 30, how: 'error' }, { parallelism: 1 });
    await rejects(thrown.output().toArray(), 'ERR_GYRE_OPERATOR', /ThrowAt/);
    await job.run().catch(() => {});
    const metrics = job.metrics();
    assert.is(metrics.state, 'failed');
    assert.is(named(metrics, 'ThrowAt').recordsIn, 31);
    assertSame(job.metrics(), metrics, 'nothing changes any more');
  });

  test(`memory that an operator took is seen while and after it ran ${on}`, async () => {
    const bytes = 1 << 20;
    const source = new PausedSource(2, 1);
    const job = sessionOf(threads).job('memory');
    job.from<number>(source).process(TakesMemory, bytes, { parallelism: 1 }).output();
    const running = job.run();
    const during = await until(job, ({ memory }) => memory[0]!.arenaUsed >= bytes);
    assert.ok(during.memory[0]!.heapUsed > 0);
    source.resume();
    await within(WAIT_MS, running);
    for (const [endpoint, memory] of job.metrics().memory.entries()) {
      assert.is(memory.endpoint, endpoint);
      assert.ok(memory.arenaUsed <= memory.arenaPeak && memory.arenaPeak <= memory.arenaLimit);
      assertSame([memory.spilledMemory, memory.spilledDisk], [0, 0]);
    }
    const { arenaUsed, arenaPeak } = job.metrics().memory[0]!;
    assert.ok(arenaPeak >= bytes && arenaUsed < bytes, `${arenaUsed} of ${arenaPeak}`);
  });

  test(`an output that is not read is seen as blocked ${on}`, async () => {
    const job = sessionOf(threads).job('unread', { progressMs: 2 });
    const events = listenTo<BackpressureEvent>('gyre:backpressure');
    const reader = job.of(range(200)).map(Add, 0).output()[Symbol.asyncIterator]();
    await reader.next();
    const blocked = await until(job, (metrics) => named(metrics, 'output of Add').blockedMs > 10);
    const { name } = named(blocked, 'output of Add');
    while ((await reader.next()).done !== true);
    await job.run();
    events.stop();
    const told = events.messages.filter((event) => event.operator === name);
    assert.ok(told.length > 0);
    const final = named(job.metrics(), name);
    assert.ok(final.blockedMs >= named(blocked, name).blockedMs);
    assert.is(sum(told.map((event) => event.blocked)), final.blocked);
    const ms = sum(told.map((event) => event.blockedMs));
    assert.ok(Math.abs(ms - final.blockedMs) < 1e-6 * final.blockedMs + 1e-6);
    assertSame([told[0]!.job, told[0]!.subtask], ['unread', 0]);
  });

  test(`checkpoints are counted, with their size and pause ${on}`, () =>
    inFolder(async (folder) => {
      const source = new PausedSource(20, 10);
      const job = sessionOf(threads).job('checkpointed', { checkpoint: { folder } });
      const output = job.from<number>(source).map(Add, 1, { name: 'add' }).output();
      const events = listenTo<CheckpointEvent>('gyre:checkpoint');
      const reading = output.toArray();
      assert.is(job.metrics().checkpoints.lastId, null);
      await until(job, (metrics) => named(metrics, 'add').recordsIn === 10);
      await job.checkpoint();
      const id = await job.checkpoint();
      events.stop();
      const { checkpoints } = job.metrics();
      const { bytes, pauseMs } = events.messages[1]!;
      assertSame([checkpoints.completed, checkpoints.failed, checkpoints.lastId], [2, 0, id]);
      assertSame([checkpoints.lastBytes, checkpoints.lastPauseMs], [bytes, pauseMs]);
      assert.ok(checkpoints.lastDurationMs > 0);
      source.resume();
      await within(WAIT_MS, reading);
      await job.run();
      assertSame(job.metrics().checkpoints, checkpoints);
    }));

  test(`a restart is seen in state and attempt, and counters begin again ${on}`, () =>
    inFolder(async (folder) => {
      const job = sessionOf(threads).job('restarted', {
        checkpoint: { folder, restarts: 1, backoffMs: 1 },
      });
      newGate(job);
      const numbers = job.of(range(30)).map(FailOnce, 20, { name: 'fail once', parallelism: 1 });
      const seen: JobMetrics[] = [];
      const restarts = listenTo<RestartEvent>('gyre:restart', () => seen.push(job.metrics()));
      const output = await within(WAIT_MS, numbers.output().toArray());
      restarts.stop();
      await job.run();
      assert.is(output.length, 30);
      assertSame(
        seen.map(({ state, attempt }) => [state, attempt]),
        [['restarting', 0]],
      );
      assertSame(counts(seen[0]!, 'fail once')[0], 21);
      const metrics = job.metrics();
      assertSame([metrics.state, metrics.attempt], ['done', restarts.messages[0]!.attempt]);
      assertSame(counts(metrics, 'fail once'), [30, 30], 'there was no checkpoint to go on from');
      assert.is(metrics.rows, 30);
    }));

  test(`onProgress is told of rounds and rows, and at the end of the job ${on}`, async () => {
    const told: JobProgress[] = [];
    const source = new PausedSource(8, 4);
    const job = sessionOf(threads).job('progress', {
      progressMs: 2,
      onProgress: (progress) => {
        told.push(progress);
        if (progress.rows === 4 && told.length > 3) source.resume();
      },
    });
    const { left } = job.iterate({
      variables: [job.from<number>(source)],
      body: ([numbers]) => {
        const next = numbers.flatMap(CountDown);
        return { feedback: [next], outputs: { left: next } };
      },
    });
    left.output();
    await within(WAIT_MS, job.run());
    const last = told.at(-1)!;
    assert.ok(told.length > 4);
    assertSame(
      [last.job, last.rows, last.epochs, last.checkpoint],
      ['progress', 8, [job.metrics().loops[0]!.epoch], null],
    );
    for (const [i, { elapsedMs, rows }] of told.entries()) {
      assert.ok(i === 0 || (elapsedMs > told[i - 1]!.elapsedMs && rows >= told[i - 1]!.rows));
    }
    const calls = told.length;
    await sleep(10);
    assert.is(told.length, calls, 'nothing is told after the end');
  });

  test(`what onProgress throws fails the job ${on}`, async () => {
    const session = sessionOf(threads);
    const failure = new RangeError('enough');
    const onProgress = () => {
      throw failure;
    };
    const during = session.job('during', { onProgress, progressMs: 2 });
    during.from<number>(new PausedSource(2, 1)).map(Add, 1).output();
    const atEnd = session.job('at the end', { onProgress, progressMs: 2 ** 30 });
    atEnd.of([1]).map(Add, 1).output();
    for (const job of [during, atEnd]) {
      const error = await within(
        WAIT_MS,
        job.run().then(
          () => null,
          (reason: unknown) => reason,
        ),
      );
      assert.is(error, failure, job.name);
      assert.is(job.metrics().state, 'failed', job.name);
    }
  });

  test(`the last epoch of a loop is published ${on}`, async () => {
    const events = listenTo<EpochEvent>('gyre:epoch');
    const job = sessionOf(threads).job('published', { progressMs: 1 });
    const { left } = job.iterate({
      variables: [job.of([9])],
      body: ([numbers]) => {
        const next = numbers.flatMap(CountDown);
        return { feedback: [next], outputs: { left: next } };
      },
    });
    left.output();
    await job.run();
    events.stop();
    const { messages } = events;
    assertSame(messages.at(-1), {
      job: 'published',
      loop: 0,
      epoch: job.metrics().loops[0]!.epoch,
    });
    assert.ok(messages.every(({ epoch }, i) => i === 0 || epoch > messages[i - 1]!.epoch));
  });

  if (threads === 0) continue;

  test(`rings fill up before a consumer that is stuck, and never over ${on}`, async () => {
    const job = sessionOf(threads).job('stuck', { progressMs: 2 });
    const gate = newGate(job);
    const events = listenTo<BackpressureEvent>('gyre:backpressure');
    const texts = job.of(range(1500).map(() => 'x'.repeat(1000)));
    const lengths = texts.map(Gated, undefined, { parallelism: 1, name: 'gated' });
    const reading = lengths.output().toArray();
    try {
      const stuck = await until(job, (m) => named(m, 'source').blockedMs > 10);
      const ring = stuck.rings.find(({ from, to }) => from === threads && to === 0)!;
      assert.ok(ring.occupancy > 100_000, `occupancy ${ring.occupancy}`);
      assert.ok(stuck.rings.every(({ capacity, occupancy }) => occupancy <= capacity));
      assert.is(named(stuck, 'source').subtasks[0]!.endpoint, threads);
      assert.is(named(stuck, 'gated').subtasks[0]!.endpoint, 0);
    } finally {
      gate.open();
    }
    assert.is((await within(WAIT_MS, reading)).length, 1500);
    await job.run();
    events.stop();
    const metrics = job.metrics();
    assertSame(counts(metrics, 'gated'), [1500, 1500]);
    assert.ok(named(metrics, 'source').blocked > 0);
    assert.ok(events.messages.some(({ operator }) => operator === 'source'));
    // Room is given back by the eighth.
    const rest = metrics.rings.filter(({ capacity, occupancy }) => occupancy > capacity / 8);
    assertSame(rest, []);
  });
}

test('progressMs and onProgress are checked', () => {
  const session = sessionOf(0);
  throws(() => session.job('bad', { progressMs: 0 }), 'ERR_GYRE_INVALID_PARAM', /bad.progressMs/);
  const onProgress = 'often' as never;
  throws(() => session.job('bad', { onProgress }), 'ERR_GYRE_INVALID_PARAM', /bad.onProgress/);
});

test.run();
