import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once, replay } from '../../src/engine/iterate.js';
import { TerminateOnMaxIter } from '../../src/engine/operators/terminate.js';
import { Session } from '../../src/engine/session.js';
import { Burst, BurstSum, RoundSum } from './spill-operators.js';
import { rejects, within } from './support.js';

/** What sessions of so many threads need at the least, and a little. */
const MIN_BYTES = [1 << 24, 48 << 20, 64 << 20] as const;
const RECORD_FLOATS = 4096;
const RECORDS = 1000;
const ROUNDS = 3;

/** A session with little memory, and where its records go then. */
function tightSession(threads: number): { session: Session; spillFolder: string } {
  const spillFolder = mkdtempSync(join(tmpdir(), 'gyre-test-spill-'));
  const maxBytes = MIN_BYTES[threads]!;
  return { session: new Session({ threads, memory: { maxBytes, spillFolder } }), spillFolder };
}

/** 32 MB of records, made when they are read. */
const records = {
  *[Symbol.iterator](): Iterator<Float64Array> {
    for (let i = 0; i < RECORDS; i++) yield new Float64Array(RECORD_FLOATS).fill(i);
  },
};
const SUM = ((RECORDS * (RECORDS - 1)) / 2) * RECORD_FLOATS;

for (const threads of [0, 1, 2]) {
  const on = `${threads} threads`;

  test(`what is replayed goes to disk when memory is full, on ${on}`, async () => {
    const { session, spillFolder } = tightSession(threads);
    let wasOnDisk = false;
    const look = setInterval(() => {
      wasOnDisk ||= readdirSync(spillFolder).length > 0;
    }, 5);
    try {
      const job = session.job('replayed');
      const { sums } = job.iterate({
        variables: [job.of([0])],
        data: [replay(job.from(records))],
        body: ([round], [data]) => {
          const sum = data.connect(round.broadcast()).process(RoundSum);
          return {
            feedback: [sum.gather()],
            outputs: { sums: sum.side<number>('sum') },
            criteria: sum.flatMap(TerminateOnMaxIter, { maxIter: ROUNDS }),
          };
        },
      });
      const [seen] = await within(120_000, Promise.all([sums.output().toArray(), job.run()]));
      const total = seen.reduce((a, b) => a + b, 0);
      assert.is(total, SUM * ROUNDS);
      assert.ok(wasOnDisk, 'nothing was on disk');
      assert.is(readdirSync(spillFolder).length, 0, 'files are left');
    } finally {
      clearInterval(look);
      await session.close();
      rmSync(spillFolder, { recursive: true });
    }
  });

  test(`feedback that comes faster than it is taken is kept in order, on ${on}`, async () => {
    const { session, spillFolder } = tightSession(threads);
    try {
      const job = session.job('burst');
      const { sums } = job.iterateUnbounded({
        variables: [job.of<Float64Array>([])],
        data: [once(job.of([RECORDS]))],
        body: ([back], [start]) => {
          const burst = start.connect(back).process(Burst, { floats: RECORD_FLOATS });
          return { feedback: [burst], outputs: { sums: back.process(BurstSum) } };
        },
      });
      const [seen] = await within(120_000, Promise.all([sums.output().toArray(), job.run()]));
      assert.equal(seen, [SUM]);
      assert.is(readdirSync(spillFolder).length, 0, 'files are left');
    } finally {
      await session.close();
      rmSync(spillFolder, { recursive: true });
    }
  });

  test(`a job that fails leaves no files, on ${on}`, async () => {
    const { session, spillFolder } = tightSession(threads);
    try {
      const job = session.job('burst');
      const { sums } = job.iterateUnbounded({
        variables: [job.of<Float64Array>([])],
        data: [once(job.of([RECORDS]))],
        body: ([back], [start]) => {
          const params = { floats: RECORD_FLOATS, failsAt: RECORDS / 2 };
          const burst = start.connect(back).process(Burst, params);
          return { feedback: [burst], outputs: { sums: back.process(BurstSum) } };
        },
      });
      await rejects(sums.output().toArray(), 'ERR_GYRE_OPERATOR', /planned/);
      assert.is(readdirSync(spillFolder).length, 0, 'files are left');
    } finally {
      await session.close();
      rmSync(spillFolder, { recursive: true });
    }
  });
}

test.run();
