import diagnostics from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { EpochEvent } from '../../src/core/diagnostics.js';
import { type JobMetrics, metricsBefore } from '../../src/engine/job-metrics.js';
import { JobWatch } from '../../src/engine/job-watch.js';
import { assertSame } from './support.js';

const test = suite('job watch');

const idle = metricsBefore({ name: 'watched', nodes: [], loops: [] }, 0);
const { latency } = metricsBefore(
  {
    name: 'loop',
    nodes: [],
    loops: [{ id: 0, bounded: true, headParallelism: 1, criteriaHead: null }],
  },
  0,
).loops[0]!;

const after = (epoch: number, attempt = 0): JobMetrics => ({
  ...idle,
  attempt,
  loops: [{ loop: 0, epoch, epochsPerSecond: 0, latency }],
});

/** A watch without `onProgress`, and how often it has looked. */
function newWatch(metrics: () => JobMetrics) {
  const looks = { count: 0 };
  const counted = () => {
    looks.count++;
    return metrics();
  };
  const fail = (error: unknown) => {
    throw error;
  };
  const watch = new JobWatch({ metrics: counted, onProgress: undefined, progressMs: 1, fail });
  return { watch, looks };
}

test('nobody watches: the counters are not looked at', async () => {
  const { watch, looks } = newWatch(() => idle);
  watch.start();
  await sleep(20);
  watch.look();
  watch.stop();
  assert.is(looks.count, 0);
});

test('a subscriber that comes later is told, and nothing after the end', async () => {
  const { watch, looks } = newWatch(() => idle);
  const listen = () => {};
  watch.start();
  diagnostics.subscribe('gyre:backpressure', listen);
  try {
    while (looks.count === 0) await sleep(1);
    watch.stop();
    const { count } = looks;
    await sleep(20);
    assert.is(looks.count, count);
  } finally {
    diagnostics.unsubscribe('gyre:backpressure', listen);
  }
});

test('an epoch is published once, the last of several, and again in a new attempt', () => {
  const events: EpochEvent[] = [];
  const listen = (message: unknown) => events.push(message as EpochEvent);
  const states = [after(-1), after(0), after(0), after(5), after(2, 1)];
  let next = 0;
  const { watch } = newWatch(() => states[next++]!);
  diagnostics.subscribe('gyre:epoch', listen);
  try {
    for (const _ of states) watch.look();
  } finally {
    diagnostics.unsubscribe('gyre:epoch', listen);
  }
  assertSame(
    events.map(({ epoch }) => epoch),
    [0, 5, 2],
  );
});

test.run();
