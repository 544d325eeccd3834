/** Outputs of jobs with checkpoints: records that wait for one, and records that do not. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointChannel } from '../../../src/core/diagnostics.js';
import { FailOnce } from '../checkpoint/fault-operators.js';
import { assertSame, closeSessions, range, sessionOf, THREADS, within } from '../support.js';
import { BEFORE, Checkpointing } from './checkpointing.js';

test.after(closeSessions);

/** Far more than are read before the first of them come out again. */
const ROWS = 5000;

async function collect<T>(output: AsyncIterable<T>): Promise<T[]> {
  const rows: T[] = [];
  for await (const row of output) rows.push(row);
  return rows;
}

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`an unconfirmed output gives again what a failed attempt gave ${on}`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gyre-output-'));
    try {
      const job = sessionOf(threads).job('outputs', { checkpoint: { folder, backoffMs: 0 } });
      const fault = { marker: join(folder, 'failed'), at: ROWS - 2, fault: 'throw' } as const;
      const numbers = job.from(new Checkpointing(job, ROWS)).gather().process(FailOnce, fault);
      const [early, confirmed] = await within(
        30_000,
        Promise.all([
          collect(numbers.output({ unconfirmed: true })),
          collect(numbers.output({ unconfirmed: false })),
        ]),
      );
      assertSame(confirmed, range(ROWS));
      const again = early.findIndex((row, i) => row !== i);
      assert.ok(again > BEFORE, `the first attempt gave ${again} records`);
      // What was on its way when the checkpoint was taken comes again with it.
      const first = early[again] as number;
      assert.ok(first <= BEFORE, `the second began with ${first}`);
      assertSame(early.slice(again), range(ROWS).slice(first));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test(`an unconfirmed output does not wait for a checkpoint, another does ${on}`, async () => {
    for (const unconfirmed of [true, false]) {
      const folder = await mkdtemp(join(tmpdir(), 'gyre-output-'));
      try {
        const job = sessionOf(threads).job('waiting', { checkpoint: { folder } });
        let durable = false;
        const onCheckpoint = () => {
          durable = true;
        };
        checkpointChannel.subscribe(onCheckpoint);
        const source = new Checkpointing(job, 48, async (checkpoint) => {
          // The reader has to have them before, where it needs no checkpoint for them.
          if (unconfirmed) await seen;
          await checkpoint();
          checkpointChannel.unsubscribe(onCheckpoint);
        });
        let onSeen = (): void => {};
        const seen = new Promise<void>((resolve) => {
          onSeen = resolve;
        });
        const before: boolean[] = [];
        const reading = async () => {
          for await (const row of job.from(source).output({ unconfirmed })) {
            before.push(durable);
            if (row === BEFORE - 1) onSeen();
          }
        };
        await within(30_000, reading());
        assert.is(before.length, 48);
        assert.is(before[0], !unconfirmed);
      } finally {
        await rm(folder, { recursive: true });
      }
    }
  });
}

test.run();
