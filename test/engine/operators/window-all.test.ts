import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { JavaRandom } from '../../../src/core/random.js';
import type { AnyOperator, Collector } from '../../../src/engine/operator.js';
import {
  WindowAllByCount,
  type WindowInfo,
  type WindowOperator,
} from '../../../src/engine/operators/window-all.js';
import {
  LATE,
  WindowAllByEventTime,
  WindowAllByProcessingTime,
} from '../../../src/engine/operators/window-all-by-time.js';
import {
  countWindow,
  eventTimeSession,
  eventTimeTumbling,
  globalWindow,
  processingTimeSession,
  processingTimeTumbling,
  type SessionWindows,
  type TumblingWindows,
} from '../../../src/engine/operators/windows.js';
import { assertSame, range, throws } from '../support.js';
import {
  drive,
  type Emitted,
  END,
  mainValues,
  record,
  records,
  type Step,
  valuesOf,
} from './drive.js';

/** Emits its values, and where the window lies. */
class Batch implements WindowOperator<unknown, unknown> {
  window(values: readonly unknown[], out: Collector<unknown>, info: WindowInfo): void {
    out.emit({ ...info, values: [...values] });
  }
}

interface Fired extends WindowInfo {
  readonly values: readonly unknown[];
}

type TimeOptions = TumblingWindows | SessionWindows;
const byEventTime = (windows: TimeOptions) => (): AnyOperator =>
  new WindowAllByEventTime(windows, new Batch());
const byProcessingTime = (windows: TimeOptions) => (): AnyOperator =>
  new WindowAllByProcessingTime(windows, new Batch());

const fired = (emitted: readonly Emitted[]): Fired[] => mainValues(emitted) as Fired[];
const late = (emitted: readonly Emitted[]): unknown[] =>
  emitted.filter(({ tag }) => tag === LATE).map(({ value }) => value);
const batches = (emitted: readonly Emitted[]): unknown[] =>
  fired(emitted).map(({ values }) => values);

test('the global window is all records, once, at the end of the stream', () => {
  const make = () => new WindowAllByCount(globalWindow(), new Batch());
  assertSame(valuesOf(make, records([3, 1, 2])), []);
  const whole = [{ index: 0, start: 0, end: 3, values: [3, 1, 2] }];
  assertSame(valuesOf(make, [...records([3, 1, 2]), END]), whole);
  assertSame(valuesOf(make, [END]), []);
});

test('a count window fires with its last record; what does not fill one is dropped', () => {
  const make = () => new WindowAllByCount(countWindow(3), new Batch());
  const expected = [
    { index: 0, start: 0, end: 3, values: [0, 1, 2] },
    { index: 1, start: 3, end: 6, values: [3, 4, 5] },
  ];
  assertSame(valuesOf(make, records(range(6))), expected);
  assertSame(valuesOf(make, [...records(range(8)), END]), expected);
});

test('the last count window may be kept, however short', () => {
  const make = () => new WindowAllByCount(countWindow(3, { partial: 'emit' }), new Batch());
  const last = { index: 1, start: 3, end: 5, values: [3, 4] };
  assertSame(valuesOf(make, [...records(range(5)), END]).slice(1), [last]);
  assert.is(valuesOf(make, [...records(range(6)), END]).length, 2);
  assert.is(valuesOf(make, [END]).length, 0);
});

test('what a count window emits has the event time of the record that filled it', () => {
  const make = () => new WindowAllByCount(countWindow(2), new Batch());
  const emitted = drive(make, [record('a', 5), record('b', 3), record('c', 9), record('d', 11)]);
  assertSame(
    emitted.map(({ timestamp }) => timestamp),
    [3, 11],
  );
});

test('100 records in event-time windows of 14 ms are 8 batches', () => {
  const steps = range(100).flatMap((i): Step[] => [record(i, i), { eventTime: i }]);
  const windows = fired(drive(byEventTime(eventTimeTumbling(14)), [...steps, END]));
  assertSame(
    windows.map(({ values }) => values.length),
    [14, 14, 14, 14, 14, 14, 14, 2],
  );
  assertSame(
    windows.flatMap(({ values }) => values),
    range(100),
  );
  assertSame(
    windows.map(({ start, end }) => [start, end]),
    range(8).map((i) => [14 * i, 14 * i + 14]),
  );
});

test('100 records that follow each other within the gap are one session', () => {
  const steps = range(100).flatMap((i): Step[] => [record(i, i), { eventTime: i }]);
  const windows = fired(drive(byEventTime(eventTimeSession(14)), [...steps, END]));
  assertSame(windows, [{ index: 0, start: 0, end: 113, values: range(100) }]);
});

test('a window fires when the watermark reaches its end, not before, with its last instant', () => {
  const make = byEventTime(eventTimeTumbling(10));
  const before = [record('a', 9), record('b', 0), { eventTime: 9.5 }];
  assertSame(valuesOf(make, before), []);
  const emitted = drive(make, [...before, { eventTime: 10 }]);
  assertSame(emitted, [
    {
      value: { index: 0, start: 0, end: 10, values: ['b', 'a'] },
      tag: null,
      timestamp: 9,
      epoch: 0,
    },
  ]);
});

test('a function may give an event time of its own, and use side outputs', () => {
  class Early implements WindowOperator<number, number> {
    window(values: readonly number[], out: Collector<number>, { start }: WindowInfo): void {
      out.emit(values.length, start);
      out.emitTo('at', out.timestamp);
    }
  }
  const make = () => new WindowAllByEventTime(eventTimeTumbling(10), new Early() as WindowOperator);
  assertSame(
    drive(make, [record(1, 25), END]).map(({ value, tag, timestamp }) => [value, tag, timestamp]),
    [
      [1, null, 20],
      [29, 'at', null],
    ],
  );
});

test('windows of times before 1970 are aligned at 0 too, and fire in order of their start', () => {
  const steps = [record('c', 0), record('b', -1), record('a', -11), record('d', 10), END];
  const windows = fired(drive(byEventTime(eventTimeTumbling(10)), steps));
  assertSame(
    windows.map(({ start, end, values }) => [start, end, ...values]),
    [
      [-20, -10, 'a'],
      [-10, 0, 'b'],
      [0, 10, 'c'],
      [10, 20, 'd'],
    ],
  );
});

test('windows are cut exactly where a quotient of large times would be rounded', () => {
  const size = 3;
  const end = 3 * 2 ** 51;
  const steps = [record('last', end - 1), record('next', end), END];
  const windows = fired(drive(byEventTime(eventTimeTumbling(size)), steps));
  assertSame(
    windows.map(({ start, values }) => [start, ...values]),
    [
      [end - size, 'last'],
      [end, 'next'],
    ],
  );
});

test('a record is late only when its window has fired', () => {
  const steps = [
    record('a', 12),
    { eventTime: 19 },
    record('b', 3), // [0, 10) is over, though it never fired
    record('c', 10), // [10, 20) is still open
    { eventTime: 20 },
    record('d', 19),
    END,
  ];
  const emitted = drive(byEventTime(eventTimeTumbling(10)), steps);
  assertSame(batches(emitted), [['c', 'a']]);
  assertSame(late(emitted), ['b', 'd']);
  assertSame(
    emitted.filter(({ tag }) => tag === LATE).map(({ timestamp }) => timestamp),
    [3, 19],
  );
});

test('a record between two sessions makes them one; exactly the gap apart belongs together', () => {
  const make = byEventTime(eventTimeSession(10));
  const apart = [record('a', 0), record('c', 15), END];
  assertSame(batches(drive(make, apart)), [['a'], ['c']]);
  const joined = [record('a', 0), record('c', 15), record('b', 7), END];
  assertSame(fired(drive(make, joined)), [
    { index: 0, start: 0, end: 25, values: ['a', 'b', 'c'] },
  ]);
  const touching = [record('a', 0), record('b', 10), END];
  assertSame(batches(drive(make, touching)), [['a', 'b']]);
  const backwards = [record('b', 10), record('a', 0), END];
  assertSame(batches(drive(make, backwards)), [['a', 'b']]);
  const beyond = [record('a', 0), record('b', 10.5), END];
  assertSame(batches(drive(make, beyond)), [['a'], ['b']]);
});

test('a late record that reaches an open session is not late', () => {
  const steps = [
    record('b', 10),
    { eventTime: 18 },
    record('a', 5), // [5, 15) is over by itself, but touches [10, 20)
    record('z', -6), // [-6, 4) touches none
    { eventTime: 20 },
    record('y', 10),
    END,
  ];
  const emitted = drive(byEventTime(eventTimeSession(10)), steps);
  assertSame(batches(emitted), [['a', 'b']]);
  assertSame(late(emitted), ['z', 'y']);
});

test('a record without event time fails windows by event time', () => {
  const make = byEventTime(eventTimeTumbling(10));
  throws(() => drive(make, [record(1)]), 'ERR_GYRE_DATA', /^driven: windows by event time need/);
  throws(() => drive(make, [record(1, Infinity)]), 'ERR_GYRE_DATA', /got Infinity; give/);
});

/** Sessions and windows from scratch, at every watermark: what the operator must agree with. */
function expectedByEventTime(windows: TimeOptions, steps: readonly Step[]): unknown[][] {
  let open: { at: number; value: unknown }[] = [];
  let over = Number.NEGATIVE_INFINITY;
  const [batched, tooLate]: [unknown[][], unknown[]] = [[], []];
  const cut = (all: typeof open): { end: number; of: typeof open }[] => {
    const cuts: { end: number; of: typeof open }[] = [];
    for (const one of all.toSorted((a, b) => a.at - b.at)) {
      const last = cuts.at(-1);
      if ('gapMs' in windows) {
        if (last !== undefined && one.at <= last.end) last.of.push(one);
        else cuts.push({ end: 0, of: [one] });
        cuts.at(-1)!.end = one.at + windows.gapMs;
      } else {
        const end = (Math.floor(one.at / windows.sizeMs) + 1) * windows.sizeMs;
        if (last?.end === end) last.of.push(one);
        else cuts.push({ end, of: [one] });
      }
    }
    return cuts;
  };
  for (const step of steps) {
    if ('record' in step) {
      const one = { at: step.at!, value: step.record };
      const mine = cut([...open, one]).find(({ of }) => of.includes(one))!;
      if (mine.end <= over && mine.of.length === 1) tooLate.push(one.value);
      else open.push(one);
      continue;
    }
    over = Math.max(over, 'eventTime' in step ? step.eventTime : Number.POSITIVE_INFINITY);
    for (const { end, of } of cut(open)) {
      if (end > over) continue;
      batched.push(of.map(({ value }) => value));
      open = open.filter((one) => !of.includes(one));
    }
  }
  return [batched, tooLate];
}

for (const windows of [eventTimeTumbling(7), eventTimeSession(3), eventTimeSession(8)]) {
  test(`${JSON.stringify(windows)} agree with windows made from scratch`, () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new JavaRandom(seed);
      let watermark = -40;
      const steps = range(40).map((i): Step => {
        if (random.nextInt(5) > 0) return record(i, watermark - 6 + random.nextInt(40));
        watermark += random.nextInt(12);
        return { eventTime: watermark };
      });
      const emitted = drive(byEventTime(windows), [...steps, END]);
      const expected = expectedByEventTime(windows, [...steps, END]);
      assertSame([batches(emitted), late(emitted)], expected, `seed ${seed}`);
    }
  });
}

test('thousands of sessions that merge backwards are one, in order', () => {
  const count = 5000;
  // Every second record first, each a session; then those between, from the last to the first.
  const apart = range(count).map((i) => record(i * 2, i * 20));
  const between = range(count - 1)
    .reverse()
    .map((i) => record(i * 2 + 1, i * 20 + 10));
  const operator = new WindowAllByEventTime(eventTimeSession(10), new Batch());
  const out = { timestamp: 0, values: [] as Fired[] };
  const collector = {
    ...out,
    emit: (value: Fired) => void out.values.push(value),
  } as unknown as Collector & { timestamp: number };
  operator.open({ name: 'many' } as never);
  for (const step of [...apart, ...between]) {
    const { record: value, at } = step as { record: unknown; at: number };
    collector.timestamp = at;
    operator.process(value, collector);
  }
  operator.onInputEnd(0, collector);
  assert.is(out.values.length, 1);
  assertSame(out.values[0]!.values, range(2 * count - 1));
});

for (const timersSurvive of [false, true]) {
  const kept = timersSurvive ? 'timers that are kept' : 'timers of its own';

  test(`a processing-time window fires with the clock, after a restore with ${kept}`, () => {
    const steps: Step[] = [
      { now: 1000 },
      ...records(['a', 'b']),
      { now: 1099 },
      record('c'),
      { now: 1100 },
      record('d'),
      { now: 1350 },
      record('e'),
      { now: 1400 },
    ];
    const make = byProcessingTime(processingTimeTumbling(100));
    const expected = [
      { index: 0, start: 1000, end: 1100, values: ['a', 'b', 'c'] },
      { index: 1, start: 1100, end: 1200, values: ['d'] },
      { index: 2, start: 1300, end: 1400, values: ['e'] },
    ];
    assertSame(valuesOf(make, steps, { timersSurvive }), expected);
  });

  test(`a processing-time session ends after silence, after a restore with ${kept}`, () => {
    const steps: Step[] = [
      { now: 0 },
      record('a'),
      { now: 60 },
      record('b'),
      { now: 159 },
      record('c'),
      { now: 258 },
      { now: 259 },
      { now: 260 },
      record('d'),
      { now: 1000 },
    ];
    const make = byProcessingTime(processingTimeSession(100));
    const expected = [
      { index: 0, start: 0, end: 259, values: ['a', 'b', 'c'] },
      { index: 1, start: 260, end: 360, values: ['d'] },
    ];
    assertSame(valuesOf(make, steps, { timersSurvive }), expected);
    assertSame(valuesOf(make, steps.slice(0, -3), { timersSurvive }), expected.slice(0, 1));
    assertSame(valuesOf(make, steps.slice(0, -4), { timersSurvive }), []);
  });
}

test('processing-time windows that are open at the end of the stream fire then', () => {
  for (const windows of [processingTimeTumbling(100), processingTimeSession(100)]) {
    const steps: Step[] = [{ now: 5 }, ...records([1, 2]), END, { now: 500 }];
    assertSame(batches(drive(byProcessingTime(windows), steps)), [[1, 2]]);
  }
});

test('100 records with pauses after the 50th and the 100th are two bursts, and none is lost', () => {
  const steps: Step[] = range(100).flatMap((i): Step[] => [
    { now: i + (i < 50 ? 0 : 1000) },
    record(i),
  ]);
  const sessions = batches(drive(byProcessingTime(processingTimeSession(100)), [...steps, END]));
  assertSame(sessions, [range(50), range(50).map((i) => i + 50)]);
  const tumbling = batches(drive(byProcessingTime(processingTimeTumbling(100)), [...steps, END]));
  assertSame(tumbling.flat(), range(100));
  assert.ok(tumbling.length > 1);
});

test('a clock that is set back opens no window again', () => {
  const steps: Step[] = [{ now: 150 }, record('a'), { now: 210 }, { now: 120 }, record('b'), END];
  assertSame(
    fired(drive(byProcessingTime(processingTimeTumbling(100)), steps)).map((w) => [
      w.start,
      w.values,
    ]),
    [
      [100, ['a']],
      [200, ['b']],
    ],
  );
});

test('one timer waits at a time, however many records a session has', () => {
  const asked: number[] = [];
  const operator = new WindowAllByProcessingTime(processingTimeSession(100), new Batch());
  let now = 0;
  operator.open({ now: () => now, setTimer: (time: number) => void asked.push(time) } as never);
  for (now = 0; now < 50; now++) operator.process(now, null as never);
  assertSame(asked, [100]);
});

test('processing-time windows agree with windows made from scratch', () => {
  for (const windows of [processingTimeTumbling(7), processingTimeSession(5)]) {
    for (let seed = 0; seed < 40; seed++) {
      const random = new JavaRandom(seed);
      let now = 1000;
      const steps: Step[] = [{ now }];
      const timed: Step[] = [];
      for (let i = 0; i < 30; i++) {
        if (random.nextInt(2) === 0) {
          now += random.nextInt(9);
          steps.push({ now });
          timed.push({ eventTime: now });
        } else {
          steps.push(record(i));
          timed.push(record(i, now));
        }
      }
      const emitted = drive(byProcessingTime(windows), [...steps, END], {
        timersSurvive: seed % 2 > 0,
      });
      assertSame([batches(emitted), []], expectedByEventTime(windows, [...timed, END]), `${seed}`);
    }
  }
});

test('every window fires once, though the end comes as the end of the input and of time', () => {
  const time = Number.POSITIVE_INFINITY;
  const makes: (() => AnyOperator)[] = [
    () => new WindowAllByCount(globalWindow(), new Batch()),
    byEventTime(eventTimeTumbling(10)),
    byEventTime(eventTimeSession(10)),
    byProcessingTime(processingTimeTumbling(10)),
  ];
  for (const make of makes) {
    for (const ends of [
      [END, { eventTime: time }],
      [{ eventTime: time }, END],
    ]) {
      assertSame(batches(drive(make, [record(1, 0), record(2, 5), ...ends])), [[1, 2]]);
    }
  }
});

/** A user's operator with state: numbers its windows and hears of epochs and of its life. */
class Numbered implements WindowOperator<number, unknown> {
  readonly #log: string[];
  #windows = 0;

  constructor(log: string[]) {
    this.#log = log;
  }

  open(): void {
    this.#log.push('open');
  }

  window(values: readonly number[], out: Collector<unknown>): void {
    this.#windows++;
    out.emit(`window ${this.#windows}: ${values.join(' ')}`);
  }

  onEpochEnd(epoch: number, out: Collector<unknown>): void {
    out.emit(`epoch ${epoch} after ${this.#windows}`);
  }

  onIterationEnd(out: Collector<unknown>): void {
    out.emit(`over after ${this.#windows}`);
  }

  snapshot(): unknown {
    return this.#windows;
  }

  restore(state: unknown): void {
    this.#windows = state as number;
  }

  close(): void {
    this.#log.push('close');
  }
}

test("the user's operator keeps its state, hears of epochs, is opened and closed", () => {
  const log: string[] = [];
  const make = () => new WindowAllByCount(countWindow(2), new Numbered(log) as WindowOperator);
  const steps: Step[] = [
    ...records([1, 2, 3]),
    { epochEnd: 0 },
    ...records([4, 5]),
    { epochEnd: 1 },
    { iterationEnd: true },
    END,
  ];
  assertSame(valuesOf(make, steps), [
    'window 1: 1 2',
    'epoch 0 after 1',
    'window 2: 3 4',
    'epoch 1 after 2',
    'over after 2',
  ]);
  // Once without a cut, and twice for each of the ten cuts.
  assertSame(log, Array(21).fill(['open', 'close']).flat());
});

test.run();
