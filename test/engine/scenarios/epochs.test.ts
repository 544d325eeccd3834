/** When an epoch is over for a subtask: which channels it waits for, and who hears of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { END_EPOCH } from '../../../src/engine/frame.js';
import { channelsOf } from '../../../src/engine/plan.js';
import { type Scheduler, Subtask } from '../../../src/engine/subtask.js';
import { Add } from '../operators.js';
import { assertSame, closeSessions, sessionOf, throws } from '../support.js';
import { maxRounds } from './bodies.js';
import { Harness, NODE } from './harness.js';
import { SpreadEpochs, TraceOfSubtask } from './operators.js';
import { jobOn, SETUPS, soon, upTo, where } from './support.js';

test.after(closeSessions);

/** Keeps the epochs that it hears of. */
class Listener extends Subtask {
  readonly heard: number[] = [];

  constructor(scheduler: Scheduler) {
    super(NODE, 0, scheduler);
  }

  protected override onRecord(): void {}

  protected override onBound(epoch: number): void {
    this.heard.push(epoch);
  }
}

// Input 0 has 2 channels, input 1 has 3.
const TWO_AND_THREE = [0, 0, 1, 1, 1].map((input) => ({ input }));

test('an input that has ended is not waited for', () => {
  const driven = new Harness((scheduler) => new Listener(scheduler), TWO_AND_THREE);
  driven.end(0).end(1);
  const counts = [2, 3, 4].map((channel) => driven.watermark(channel, 3).subtask.heard.length);
  // No epoch is left out on the way to 3.
  assertSame(counts, [0, 0, 4]);
  assertSame(driven.subtask.heard, [0, 1, 2, 3]);
});

test('an epoch is over with the last channel of the last input, and heard of once', () => {
  const driven = new Harness((scheduler) => new Listener(scheduler), TWO_AND_THREE);
  for (const channel of [4, 2, 0, 3]) driven.watermark(channel, 0);
  assertSame(driven.subtask.heard, []);
  driven.watermark(1, 0);
  assertSame(driven.subtask.heard, [0]);
  for (const channel of upTo(5)) driven.watermark(channel, 1);
  assertSame(driven.subtask.heard, [0, 1]);
});

test('a channel that is ahead does not hurry the others', () => {
  const driven = new Harness((scheduler) => new Listener(scheduler), [{ input: 0 }, { input: 0 }]);
  driven.watermark(0, 0).watermark(0, 1).watermark(0, 2);
  driven.watermark(1, 0);
  assertSame(driven.subtask.heard, [0]);
  driven.watermark(1, END_EPOCH);
  assertSame(driven.subtask.heard, [0, 1, 2]);
  driven.watermark(0, END_EPOCH);
  assertSame(driven.subtask.heard, [0, 1, 2, END_EPOCH]);
});

test('epochs of a channel must not go back', () => {
  const driven = new Harness((scheduler) => new Listener(scheduler), [{ input: 0 }]);
  driven.watermark(0, 2);
  throws(() => driven.watermark(0, 1), 'ERR_GYRE_ITERATION', /must not go back, got 1 after 2/);
});

test('a cut keeps how far each channel is', () => {
  const before = new Harness((scheduler) => new Listener(scheduler), TWO_AND_THREE);
  before.watermark(0, 0).end(1).watermark(2, 0).watermark(3, 1);
  const after = new Harness((scheduler) => new Listener(scheduler), TWO_AND_THREE);
  after.restore(before.save()).run();
  assertSame(after.subtask.heard, []);
  assertSame(after.watermark(4, 1).subtask.heard, [0]);
  assertSame(after.watermark(0, 1).watermark(2, 1).subtask.heard, [0, 1]);
});

test('a chained input has one channel, a union those of all its parts', () => {
  const job = sessionOf(0).job('channels');
  const of = (p: number) => job.of([1]).map(Add, 1, { parallelism: p });
  const chained = of(1).map(Add, 1, { parallelism: 1, name: 'chained' });
  of(4)
    .union(of(2))
    .gather()
    .connect(of(2).union(of(3)).gather())
    .process(TraceOfSubtask);
  of(10).map(Add, 1, { parallelism: 1, name: 'ten' });
  chained.output();
  const plan = job.graph.plan();
  const channels = channelsOf(plan, 0);
  const countsOf = (name: string): number[] => {
    const { id } = plan.nodes.find((node) => node.name === name)!;
    const own = channels.filter(({ edge }) => edge.to === id);
    return [0, 1].map((input) => own.filter(({ edge }) => edge.input === input).length);
  };
  assertSame(countsOf('chained'), [1, 0]);
  assertSame(countsOf('TraceOfSubtask'), [6, 5]);
  assertSame(countsOf('ten'), [10, 0]);
});

const ROUNDS = 100;

for (const setup of SETUPS) {
  test(`all subtasks behind all outputs hear of all epochs, in order ${where(setup)}`, async () => {
    const job = jobOn(setup, 'epochs everywhere');
    const outputs = job.iterate({
      variables: [job.of([1])],
      body: ([v]) => {
        const spread = v.process(SpreadEpochs);
        const [a, b, c] = ['a', 'b', 'c'].map((tag) => spread.side<number>(tag));
        return {
          feedback: [v],
          outputs: {
            one: spread.process(TraceOfSubtask, undefined, { parallelism: 1 }),
            two: spread.rebalance(2).process(TraceOfSubtask),
            four: spread.broadcast(4).process(TraceOfSubtask),
            sideOne: a!.process(TraceOfSubtask, undefined, { parallelism: 1 }),
            sideTwo: b!.rebalance(2).process(TraceOfSubtask),
            sideFour: c!.broadcast(4).process(TraceOfSubtask),
          },
          criteria: maxRounds(v, ROUNDS),
        };
      },
    });
    const names = Object.keys(outputs) as (keyof typeof outputs)[];
    const seen = await soon(
      Promise.all(names.map((name) => outputs[name].gather().output().toArray())),
    );
    const expected = [...upTo(ROUNDS).map((epoch) => `e${epoch}`), 'end'];
    names.forEach((name, i) => {
      const subtasks = /four/i.test(name) ? 4 : /two/i.test(name) ? 2 : 1;
      for (const subtask of upTo(subtasks)) {
        const own = seen[i]!.filter((text) => text.startsWith(`${subtask}: `));
        const callbacks = own.map((text) => text.slice(3)).filter((text) => !text.startsWith('r'));
        assertSame(callbacks, expected, `${name}, subtask ${subtask}`);
      }
      assert.ok(
        seen[i]!.every((text) => Number.parseInt(text, 10) < subtasks),
        name,
      );
    });
  });
}

test.run();
