// @timeout 240
/** Broadcast variables: whole before the first record, with event times, and over a fault. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataStream } from '../../../src/engine/stream.js';
import { FailOnce } from '../checkpoint/fault-operators.js';
import { assertSame, closeSessions } from '../support.js';
import { ChecksVariables, JoinWithVariable } from './keyed-operators.js';
import { At, Stamped, ValueModulo } from './operators.js';
import { jobOn, SETUPS, soon, upTo, where } from './support.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-scenarios-'));
test.after(() => rmSync(root, { recursive: true, force: true }));
test.after(closeSessions);

SETUPS.forEach((setup, i) => {
  const on = where(setup);

  test(`an operator has two variables with each record, which keeps its time ${on}`, async () => {
    const job = jobOn(setup, 'variables');
    const variables = { first: job.of([1]), second: job.of([1, 2, 3]) };
    const expected = { first: [1], second: [1, 2, 3] };
    const checked = job
      .of(upTo(5))
      .flatMap(At, 1000)
      .withBroadcast(variables)
      .process(ChecksVariables, expected);
    assertSame(
      await soon(checked.process(Stamped).output().toArray()),
      upTo(5).map((value) => [value, 0, 1000]),
    );
  });

  test(`a join reads one of its sides as a variable too, over a fault ${on}`, async () => {
    const marker = join(root, `${i}.failed`);
    const checkpoint = { folder: join(root, `${i}`), everyMs: 20, backoffMs: 1 };
    const job = jobOn(setup, 'join', { checkpoint });
    const source = () => job.of(upTo(40)).rebalance();
    // It fails when one of its subtasks has given 5 records.
    const failing = { marker, at: 5, fault: 'throw' as const };
    const first = source().process(FailOnce, failing) as DataStream<number>;
    const second = source();
    const joined = first
      .keyBy(ValueModulo, 1000)
      .withBroadcast({ source1: first })
      .connect(second.keyBy(ValueModulo, 1000))
      .process(JoinWithVariable, upTo(40));
    const seen = await soon(joined.gather().output().toArray());
    assert.ok(existsSync(marker), 'it failed');
    assertSame(
      (seen as number[]).sort((a, b) => a - b),
      upTo(40),
    );
  });
});

test.run();
