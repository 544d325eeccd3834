import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { once } from '../../src/engine/iterate.js';
import { Add, Burst, CountTo, Deflate, Inflate, Stubborn } from './operators.js';
import { closeSessions, range, sessionOf, within } from './support.js';

test.after(closeSessions);

/** Numbers from 0, and how many have been taken. */
class Counter implements AsyncIterable<number> {
  taken = 0;
  readonly #end: number;

  constructor(end: number) {
    this.#end = end;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    while (this.taken < this.#end) yield this.taken++;
  }
}

/** Waits until a counter has stopped for a while. */
async function settled(counter: Counter): Promise<number> {
  for (let before = -1; before !== counter.taken; ) {
    before = counter.taken;
    await sleep(40);
  }
  return counter.taken;
}

for (const threads of [0, 1, 2]) {
  const on = `${threads} threads`;

  test(`a source is not read further than buffers hold when the reader pauses, on ${on}`, async () => {
    const source = new Counter(1e6);
    // 8 KiB each: what is on the way fills windows of half a megabyte.
    const out = sessionOf(threads)
      .job('slow')
      .from(source)
      .map(Inflate, 1024)
      .map(Deflate)
      .output();
    const reader = out[Symbol.asyncIterator]();
    assert.is((await within(5000, reader.next())).value, 0);
    const early = await settled(source);
    // Small records: at most windows of records on one thread, of 16 to 40 bytes between threads.
    assert.ok(early < 60_000, `read ${early} ahead`);
    for (let i = 1; i <= 100; i++) assert.is((await reader.next()).value, i);
    await within(5000, Promise.resolve(reader.return?.()));
    const late = await settled(source);
    assert.ok(late < early + 60_000, 'reading has stopped');
  });

  test(`large records keep to windows of bytes on ${on}`, async () => {
    const source = new Counter(1e5);
    const job = sessionOf(threads).job('large');
    const out = job.from(source).map(Add, 0).map(Inflate, 100_000).output();
    const reader = out[Symbol.asyncIterator]();
    await within(5000, reader.next());
    const early = await settled(source);
    // The window before the inflation holds numbers; memory is what must not fill: 800 KB each.
    assert.ok(process.memoryUsage().arrayBuffers < 100e6);
    assert.ok(early < 60_000, `read ${early} ahead`);
    for (let i = 1; i <= 50; i++) {
      const { value } = await within(5000, reader.next());
      assert.is((value as Float64Array)[99_999], i);
    }
    await reader.return?.();
  });

  test(`an operator that refuses an input slows its producer down, on ${on}`, async () => {
    const source = new Counter(1e5);
    const job = sessionOf(threads).job('stubborn');
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    async function* gate() {
      await opened;
      yield -1;
    }
    const out = job.from(source).connect(job.from(gate())).process(Stubborn).output();
    const total = out.last();
    const early = await settled(source);
    assert.ok(early < 60_000, `read ${early} ahead`);
    open();
    assert.is(await within(20_000, total), 1e5);
  });

  test(`feedback never blocks, however much there is, on ${on}`, async () => {
    const job = sessionOf(threads).job('feedback');
    const { out } = job.iterateUnbounded({
      variables: [job.of([30_000])],
      data: [once(job.of([0]))],
      body: ([state], [data]) => {
        const next = state.connect(data).process(Burst);
        return { feedback: [next], outputs: { out: next.side<number>('done') } };
      },
    });
    assert.is(await within(20_000, out.output().last()), 30_000);
  });
}

test('an operator may emit more in one call than all buffers hold', async () => {
  for (const threads of [0, 1, 2]) {
    const job = sessionOf(threads).job('flood');
    const out = job.of([50_000]).map(Add, 0).flatMap(CountTo).rebalance().map(Add, 1).gather();
    let seen = 0;
    let sum = 0;
    for await (const value of out.output()) {
      seen++;
      sum += value;
    }
    assert.is(seen, 50_000);
    assert.is(
      sum,
      range(50_000).reduce((a, b) => a + b + 1, 0),
    );
  }
});

test.run();
