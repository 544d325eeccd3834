/** One operator for each round, driven by hand: lives, states, and a cut amid several rounds. */
import { test } from 'uvu';
import { END_EPOCH } from '../../../src/engine/frame.js';
import type { KeyOf } from '../../../src/engine/keys.js';
import type {
  AnyOperator,
  Collector,
  KeyedState,
  OperatorContext,
} from '../../../src/engine/operator.js';
import type { ThreadContext } from '../../../src/engine/operator-runner.js';
import { PerRoundSubtask } from '../../../src/engine/operator-subtask.js';
import { openSpace } from '../cache/support.js';
import { assertSame } from '../support.js';
import { Harness, NODE, type Saved } from './harness.js';
import { upTo } from './support.js';

const opened = openSpace();
test.after(() => opened.end());

const KEY = { name: 'keyBy(test)', field: null, code: null, params: null };

/** A subtask of so many inputs, of one channel each, that makes its operators by `make`. */
async function perRound(
  make: () => AnyOperator,
  inputs = 1,
  keyOf: KeyOf | null = null,
): Promise<Harness<PerRoundSubtask>> {
  const operator = {
    kind: 'process' as const,
    code: null,
    params: null,
    wrapper: null,
    inputs,
    variables: [],
  };
  const node = { ...NODE, operator, lifecycle: 'perRound' as const };
  const source = { make, inPlace: false, synchronous: true, space: opened.space };
  const driven = new Harness(
    (scheduler) => new PerRoundSubtask(node, 0, scheduler, source),
    upTo(inputs).map((input) => ({ input, key: keyOf === null ? null : KEY })),
  );
  const keys = new Map(keyOf === null ? [] : upTo(inputs).map((edge) => [edge, keyOf] as const));
  const thread = { buffers: {}, keys, stopped: () => false };
  await driven.subtask.open(thread as unknown as ThreadContext);
  return driven;
}

for (const inputs of [1, 2]) {
  test(`the life of two rounds of an operator with ${inputs} inputs`, async () => {
    const log: string[] = [];
    let instances = 0;
    const make = (): AnyOperator => {
      const own = `#${instances++}`;
      const note = (what: string) => void log.push(`${own} ${what}`);
      note('made');
      return {
        open: () => note('open'),
        process: (value, out) => {
          note(`record ${String(value)} of ${out.input}`);
          out.emit(value);
        },
        snapshot: () => note('snapshot'),
        onEpochEnd: (epoch) => note(`epoch ${epoch}`),
        onIterationEnd: () => note('iteration'),
        onInputEnd: (input) => note(`input ${input}`),
        onEventTime: (time) => note(`time ${time}`),
        close: () => note('close'),
      };
    };
    const driven = await perRound(make, inputs);
    driven.record(0, 5, 1, 2).record(inputs - 1, 6, 2, 3);
    driven.save();
    for (const channel of upTo(inputs)) driven.watermark(channel, 1);
    for (const channel of upTo(inputs)) driven.watermark(channel, END_EPOCH);
    const before = log.length;
    for (const channel of upTo(inputs)) driven.end(channel);
    assertSame(log.slice(before), [], 'nothing is left for the end');
    const ends = (own: string) => [
      ...upTo(inputs).map((input) => `${own} input ${input}`),
      `${own} time Infinity`,
      `${own} close`,
    ];
    assertSame(log, [
      ...['#0 made', '#0 open', '#0 record 5 of 0'],
      ...['#1 made', '#1 open', `#1 record 6 of ${inputs - 1}`],
      ...['#0 snapshot', '#1 snapshot'],
      ...['#0 epoch 1', ...ends('#0')],
      ...['#1 iteration', ...ends('#1')],
    ]);
    // No epoch is left out: that of 0 is over with that of 1.
    const watermarks = ['wm(0)', 'wm(1)', 'wm(END)', 'end'];
    assertSame(driven.sent(), ['rec(5,e1,t2)', 'rec(6,e2,t3)', ...watermarks]);
  });
}

test('what a round emits in its callbacks has its epoch', async () => {
  const make = (): AnyOperator => ({
    process: () => {},
    onEpochEnd: (_epoch, out) => out.emit('callback'),
    onIterationEnd: (out) => out.emit('last'),
    onInputEnd: (_input, out) => out.emit('end'),
  });
  const driven = await perRound(make);
  driven.record(0, 1, 0).watermark(0, 0).record(0, 1, 1).watermark(0, END_EPOCH);
  assertSame(driven.sent(), [
    ...['rec(callback,e0)', 'rec(end,e0)', 'wm(0)'],
    ...['rec(last,e1)', 'rec(end,e1)', 'wm(END)'],
  ]);
});

test('a cut amid several rounds gives each its own state again', async () => {
  let instances = 0;
  const states: Record<number, unknown> = {};
  /** The i-th instance keeps nothing when i is even, and 0 .. i - 1 when it is odd. */
  const make = (): AnyOperator => {
    const index = instances++;
    let own: unknown = { index, values: index % 2 === 0 ? [] : upTo(index) };
    return {
      process: (_value, out) => {
        states[out.epoch] = own;
      },
      snapshot: () => own,
      restore: (state) => {
        own = state;
      },
    };
  };
  const before = await perRound(make);
  for (const epoch of upTo(5)) before.record(0, 100 + epoch, epoch);
  before.watermark(0, 0);
  const saved: Saved = before.save();
  const after = (await perRound(make)).restore(saved).run();
  for (const epoch of Object.keys(states)) delete states[Number(epoch)];
  for (const epoch of [1, 2, 3, 4]) after.record(0, 0, epoch);
  assertSame(states, {
    1: { index: 1, values: [0] },
    2: { index: 2, values: [] },
    3: { index: 3, values: [0, 1, 2] },
    4: { index: 4, values: [] },
  });
  // Epoch 0 was over before the cut, so the next that is over is epoch 1.
  after.sent();
  assertSame(after.watermark(0, 1).sent(), ['wm(1)']);
});

/** Keeps a number of its own, and one of the key; `set` writes both, `get` emits both. */
class Keeps {
  readonly #keyed: boolean;
  #own = -1;
  #state: KeyedState<number> | null = null;

  constructor(keyed: boolean) {
    this.#keyed = keyed;
  }

  open(context: OperatorContext): void {
    if (this.#keyed) this.#state = context.state('own');
  }

  process(value: unknown, out: Collector): void {
    if (value === 'set') {
      this.#own = 10;
      this.#state?.set(10);
    } else {
      out.emit([this.#own, this.#state?.get() ?? -1].join(' '));
    }
  }
}

for (const keyed of [false, true]) {
  test(`states of rounds are apart ${keyed ? 'with' : 'without'} keys`, async () => {
    const driven = await perRound(
      () => new Keeps(keyed) as AnyOperator,
      1,
      keyed ? () => 10 : null,
    );
    const get = (epoch: number): string => driven.record(0, 'get', epoch).sent().at(-1)!;
    const set = (epoch: number) => driven.record(0, 'set', epoch);
    const full = keyed ? '10 10' : '10 -1';
    set(0);
    assertSame([get(0), get(1)], [`rec(${full},e0)`, 'rec(-1 -1,e1)']);
    set(1);
    assertSame([get(1)], [`rec(${full},e1)`]);
    driven.watermark(0, 0);
    // A round that is over begins anew; no iteration does that, only this test.
    assertSame([get(0), get(1)], ['rec(-1 -1,e0)', `rec(${full},e1)`]);
    driven.watermark(0, 1);
    assertSame([get(0), get(1)], ['rec(-1 -1,e0)', 'rec(-1 -1,e1)']);
  });
}

test.run();
