/** `sinkTo` in step with checkpoints, and when calls of the sink fail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type RestartEvent, restartChannel } from '../../../src/core/diagnostics.js';
import type { CheckpointOptions } from '../../../src/engine/checkpoint/options.js';
import type { Job } from '../../../src/engine/job.js';
import { FailOnce } from '../checkpoint/fault-operators.js';
import {
  assertSame,
  closeSessions,
  range,
  rejects,
  sessionOf,
  THREADS,
  within,
} from '../support.js';
import { Checkpointing } from './checkpointing.js';
import { MemorySink, type SinkCall } from './memory-sink.js';

test.after(closeSessions);

const ROWS = 48;

/** Runs a job with a checkpoint after 24 of its rows, and says how often it began again. */
async function runWith(
  threads: number,
  build: (job: Job, folder: string) => void,
  options: Partial<CheckpointOptions> = {},
): Promise<readonly (number | null)[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gyre-sink-'));
  const restarts: (number | null)[] = [];
  const onRestart = (event: unknown) => restarts.push((event as RestartEvent).checkpoint);
  restartChannel.subscribe(onRestart);
  try {
    const checkpoint = { folder, backoffMs: 0, ...options };
    const job = sessionOf(threads).job('sink', { checkpoint });
    build(job, folder);
    await within(30_000, job.run());
  } finally {
    restartChannel.unsubscribe(onRestart);
    await rm(folder, { recursive: true });
  }
  return restarts;
}

const source = (job: Job) => job.from(new Checkpointing(job, ROWS));
const isMark = (call: string): boolean => !call.startsWith('write');

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`each checkpoint is prepared and committed ${on}`, async () => {
    const sink = new MemorySink();
    await runWith(threads, (job) => source(job).sinkTo(sink));
    assertSame(sink.visible, range(ROWS));
    assert.is(sink.overlap, 1);
    const marks = sink.calls.filter(isMark).map((call) => call.replace(/\d+/, 'n'));
    assertSame(marks, ['open', 'prepare', 'commit n', 'prepare', 'commit n', 'close']);
  });

  test(`records are written once when an operator fails ${on}`, async () => {
    for (const at of [10, 40]) {
      const sink = new MemorySink();
      const restarts = await runWith(threads, (job, folder) => {
        const fault = { marker: join(folder, 'failed'), at, fault: 'throw' } as const;
        source(job)
          .gather()
          .process(FailOnce, fault)
          .sinkTo(sink as never);
      });
      assertSame(restarts, [at < 24 ? null : 1]);
      assertSame(sink.visible, range(ROWS), `failed at ${at}`);
      assert.is(sink.overlap, 1);
      assert.is(sink.calls.filter((call) => call === 'close').length, 1);
    }
  });

  test(`records are written once when a call of the sink fails ${on}`, async () => {
    const faults: readonly (readonly [SinkCall, number])[] = [
      ['open', 1],
      ['write', 1],
      ['write', 20],
      ['write', 40],
      ['write', ROWS],
      ['commit', 1],
    ];
    for (const [call, at] of faults) {
      const sink = new MemorySink({ fails: { call, at } });
      const restarts = await runWith(threads, (job) => source(job).sinkTo(sink));
      const what = `${call} ${at}`;
      assert.is(restarts.length, 1, what);
      assertSame(sink.visible, range(ROWS), what);
      assert.is(sink.calls.at(-1), 'close', what);
      const after = sink.calls.slice(sink.calls.findLastIndex((it) => it.startsWith('open')));
      assert.is(after.filter((it) => it === 'prepare').length > 0, true, what);
    }
  });

  test(`a checkpoint whose prepare fails is given up, and the job goes on ${on}`, async () => {
    const sink = new MemorySink({ fails: { call: 'prepare', at: 1 } });
    let refused: unknown;
    const restarts = await runWith(threads, (job) => {
      const around = (checkpoint: () => Promise<unknown>) =>
        checkpoint().catch((error: unknown) => {
          refused = error;
        });
      job.from(new Checkpointing(job, ROWS, around)).sinkTo(sink);
    });
    assertSame(restarts, []);
    assert.match((refused as Error).message, /^sink of source threw: prepare 1 failed/);
    assertSame(sink.visible, range(ROWS));
  });

  test(`a failure of each call fails a job without checkpoints ${on}`, async () => {
    for (const call of ['open', 'write', 'prepare', 'commit', 'close'] as const) {
      const sink = new MemorySink({ fails: { call, at: 1 } });
      const job = sessionOf(threads).job('failing sink');
      job.of(range(10)).sinkTo(sink);
      const message = new RegExp(`^sink of source threw: ${call} 1 failed`);
      const { details, cause } = await rejects(job.run(), 'ERR_GYRE_OPERATOR', message);
      assertSame(details, { sink: 'sink of source' }, call);
      assert.is(cause!.message, `${call} 1 failed`);
      assertSame(
        sink.calls.filter((it) => it === 'close'),
        ['close'],
        call,
      );
      assertSame(sink.visible, call === 'close' ? range(10) : [], call);
      const calls = sink.calls.filter((it) => it !== 'close');
      assert.ok(
        calls.at(-1)!.startsWith(call) || call === 'close',
        `${calls.at(-1)} after ${call}`,
      );
    }
  });

  test(`a job that fails for good closes its sink, and leaves what is committed ${on}`, async () => {
    const sink = new MemorySink({ fails: { call: 'write', at: 40 } });
    const failing = runWith(threads, (job) => source(job).sinkTo(sink), { restarts: 0 });
    await rejects(failing, 'ERR_GYRE_OPERATOR', /^sink of source threw: write 40 failed/);
    assert.ok(sink.visible.length <= 24);
    assertSame(sink.visible, range(sink.visible.length));
    assert.is(sink.calls.at(-1), 'close');
  });
}

test('a state that stands for the beginning is refused', async () => {
  const sink = new MemorySink();
  const prepare = async () => undefined;
  const job = sessionOf(0).job('no state');
  job.of([1]).sinkTo({
    open: (state) => sink.open(state),
    write: (value: number) => sink.write(value),
    prepare,
    commit: (state) => sink.commit(state),
    close: () => sink.close(),
  });
  await rejects(
    job.run(),
    'ERR_GYRE_PLAN',
    /^sink of source: prepare\(\) must return what commit\(\)/,
  );
  assert.is(sink.calls.at(-1), 'close');
});

test.run();
