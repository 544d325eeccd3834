/** `windowAll` on whole jobs: what each kind of windows calls the operator with. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WindowInfo } from '../../../src/engine/operators/window-all.js';
import {
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
  type Windows,
} from '../../../src/engine/operators/windows.js';
import { assertSame, closeSessions, range, rejects, THREADS, throws } from '../support.js';
import { All } from './operators.js';
import { follow, gated, newJob, read } from './support.js';
import { type Fired, OwnTime, Windowed, Witness } from './timed-operators.js';

test.after(closeSessions);

const fired = (...rows: readonly Fired[]): readonly Fired[] => rows;

for (const threads of THREADS) {
  const on = `on ${threads} threads`;

  test(`the global window has all records ${on}`, async () => {
    const job = newJob(threads);
    const [all, none] = [job.of(range(300)), job.of([])];
    const seen = await Promise.all([
      read(all.windowAll(globalWindow(), Windowed)),
      read(none.windowAll(globalWindow(), Windowed)),
    ]);
    assertSame(seen, [fired([0, 0, 300, range(300)]), []]);
  });

  test(`count windows drop what does not fill one, or give it ${on}`, async () => {
    const job = newJob(threads);
    const numbers = job.of(range(7));
    const seen = await Promise.all([
      read(numbers.windowAll(countWindow(3), Windowed)),
      read(numbers.windowAll(countWindow(3, { partial: 'emit' }), Windowed)),
    ]);
    const full = fired([0, 0, 3, [0, 1, 2]], [1, 3, 6, [3, 4, 5]]);
    assertSame(seen, [full, [...full, [2, 6, 7, [6]]]]);
  });

  test(`windows gather the records of all subtasks ${on}`, async () => {
    const job = newJob(threads);
    const windows = job.of(range(60)).rebalance(3).filter(All).windowAll(countWindow(20), Windowed);
    const seen = await read(windows);
    assertSame(
      seen.map(([index, start, end]) => [index, start, end]),
      [
        [0, 0, 20],
        [1, 20, 40],
        [2, 40, 60],
      ],
    );
    const values = seen.flatMap((row) => row[3] as number[]);
    assertSame(
      values.sort((a, b) => a - b),
      range(60),
    );
  });

  test(`tumbling windows by event time fire in order, each value in its own ${on}`, async () => {
    const job = newJob(threads);
    const times = [12, 3, 25, 19, 8, 31, -1];
    const windows = job
      .of(times)
      .assignTimestamps(OwnTime, undefined, { delayMs: 40 })
      .windowAll(eventTimeTumbling(10), Windowed);
    const [seen, emitted] = await Promise.all([read(windows), read(windows.process(Witness))]);
    const expected = fired(
      [0, -10, 0, [-1]],
      [1, 0, 10, [3, 8]],
      [2, 10, 20, [12, 19]],
      [3, 20, 30, [25]],
      [4, 30, 40, [31]],
    );
    assertSame(seen, expected);
    const stamps = emitted.filter(([kind]) => kind === 'record').map((row) => row[3]);
    assertSame(stamps, [-1, 9, 19, 29, 39], 'the last instant of each window');
  });

  test(`records that come after their window has fired go to the side output ${on}`, async () => {
    const job = newJob(threads);
    const windows = job
      .of([1, 2, 11, 3, 12, 4, 21])
      .assignTimestamps(OwnTime)
      .windowAll(eventTimeTumbling(10), Windowed);
    const [seen, late] = await Promise.all([read(windows), read(windows.side<number>('late'))]);
    assertSame(seen, fired([0, 0, 10, [1, 2]], [1, 10, 20, [11, 12]], [2, 20, 30, [21]]));
    assertSame(late, [3, 4]);
  });

  test(`sessions by event time end with a gap, and merge ${on}`, async () => {
    const job = newJob(threads);
    const windows = job
      .of([1, 4, 20, 12, 9, 40])
      .assignTimestamps(OwnTime, undefined, { delayMs: 15 })
      .windowAll(eventTimeSession(5), Windowed);
    assertSame(
      await read(windows),
      fired([0, 1, 17, [1, 4, 9, 12]], [1, 20, 25, [20]], [2, 40, 45, [40]]),
    );
  });

  for (const windows of [processingTimeTumbling(20), processingTimeSession(20)]) {
    test(`${windows.kind} fire while the stream goes on, and at its end ${on}`, async () => {
      const job = newJob(threads);
      const { source, release } = gated([1, 2, 3], [4]);
      // The window of 3 fires although nothing comes after it.
      const seen = await follow(job.from(source).windowAll(windows, Windowed), (_, row) => {
        if (row[3].includes(3)) release();
      });
      assertSame(
        seen.flatMap((row) => row[3]),
        [1, 2, 3, 4],
      );
      assert.ok(seen.length >= 2, 'the last has a window of its own');
      seen.forEach(([index, start, end, values], i) => {
        assert.is(index, i);
        assert.ok(end - start >= 20 && values.length > 0, `window [${start}, ${end})`);
        assert.ok(i === 0 || start >= seen[i - 1]![2], 'windows do not overlap');
        if (windows.kind === 'ProcessingTimeTumblingWindows')
          assertSame([start % 20, end - start], [0, 20]);
      });
    });
  }

  test(`windows by event time refuse records without one ${on}`, async () => {
    const job = newJob(threads);
    await rejects(
      read(job.of([1]).windowAll(eventTimeTumbling(10), Windowed)),
      'ERR_GYRE_DATA',
      /^Windowed: windows by event time need a time with every record, got NaN/,
    );
  });
}

test('a function is called with values, collector and info', async () => {
  const numbers = newJob(0).of(range(4));
  const windows = numbers.windowAll(countWindow(2), (values, out, { index }: WindowInfo) => {
    out.emit(`${index}: ${values.join(' ')}`);
  });
  assertSame(await read(windows), ['0: 0 1', '1: 2 3']);
});

test('what are no windows is refused while the job is built', () => {
  const numbers = newJob(0).of([1]);
  const cut = (windows: unknown) => () => numbers.windowAll(windows as Windows, Windowed);
  const invalid = 'ERR_GYRE_INVALID_PARAM';
  throws(
    cut(undefined),
    invalid,
    /^Windows must have a kind that is one of .*, got undefined; make/,
  );
  throws(cut({ kind: 'Hopping' }), invalid, /got Hopping; make them with countWindow\(100\)/);
  throws(cut({ kind: 'CountTumblingWindows' }), invalid, /^CountTumblingWindows.size /);
  throws(
    () => countWindow(0),
    invalid,
    /^CountTumblingWindows.size must be an integer >= 1, got 0/,
  );
  throws(
    () => eventTimeSession(1.5),
    invalid,
    /^EventTimeSessionWindows.gapMs must be .*, got 1.5/,
  );
});

test('windowAll by time is refused inside an iteration while it is built', () => {
  const byTime = [
    eventTimeTumbling(1),
    eventTimeSession(1),
    processingTimeTumbling(1),
    processingTimeSession(1),
  ];
  for (const windows of byTime) {
    const job = newJob(0);
    const build = () =>
      job.iterate({
        variables: [job.of([1])],
        body: ([numbers]) => {
          const cut = numbers.windowAll(windows, Windowed);
          return { feedback: [numbers], outputs: { cut } };
        },
      });
    const message = new RegExp(`^built in: windowAll\\(${windows.kind}\\) is by time, which`);
    throws(build, 'ERR_GYRE_PLAN', message);
  }
});

test.run();
