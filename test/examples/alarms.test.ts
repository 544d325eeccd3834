// @timeout 120
/**
 * examples/alarms: which alarms there are depends on when verdicts arrive; what has to hold in
 * every run is tested here.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  moveOf,
  type Quake,
  type Threshold,
  type TuningParams,
  type Verdict,
  watchQuakes,
} from '../../examples/alarm-loop.js';
import { JavaRandom } from '../../src/core/random.js';
import { assertSame, closeSessions, sessionOf } from '../engine/support.js';

test.after(closeSessions);

const SEED = 20_260_211;
const PARAMS: TuningParams = { start: 2, target: 0.5, step: 0.1 };
const NETS = ['ak', 'ci', 'nc'];

/** Quakes of 0 to 10, of which those from 6 on are felt: the right threshold is known. */
function quakes(count: number): Quake[] {
  const random = new JavaRandom(SEED);
  return Array.from({ length: count }, (_, i) => {
    const magnitude = 10 * random.nextDouble();
    return { net: NETS[i % 3]!, magnitude, felt: magnitude >= 6 ? 1 : 0 };
  });
}

async function* slowly(all: readonly Quake[]): AsyncGenerator<Quake> {
  for (const quake of all) {
    yield quake;
    await new Promise((done) => setImmediate(done));
  }
}

async function watch(
  threads: number,
  all: readonly Quake[],
  params = PARAMS,
): Promise<{ verdicts: Verdict[]; thresholds: Threshold[] }> {
  const job = sessionOf(threads).job('alarms');
  const streams = watchQuakes(job, job.from(slowly(all)), params);
  const [verdicts, thresholds] = await Promise.all([
    streams.verdicts.output().toArray(),
    streams.thresholds.output().toArray(),
  ]);
  return { verdicts, thresholds };
}

for (const threads of [0, 1, 2, 3]) {
  test(`each alarm has one verdict, which moves the threshold, on ${threads} workers`, async () => {
    const { verdicts, thresholds } = await watch(threads, quakes(1500));
    assert.ok(verdicts.length > 100, `${verdicts.length} verdicts`);
    assert.is(thresholds.length, verdicts.length);
    for (const { quake, threshold, confirmed } of verdicts) {
      assert.ok(quake.magnitude >= threshold, `${quake.magnitude} below ${threshold}`);
      assert.is(confirmed, quake.felt > 0);
    }
    for (const net of NETS) {
      const [ours, moved] = [verdicts, thresholds].map((of) => of.filter((v) => v.net === net)) as [
        Verdict[],
        Threshold[],
      ];
      const sum = ours.reduce((total, verdict) => total + moveOf(verdict, PARAMS), PARAMS.start);
      const last = moved.at(-1)!;
      assert.ok(Math.abs(last.value - sum) < 1e-9, `${net}: ${last.value}, expected ${sum}`);
      assertSame(
        moved.map((each) => each.verdicts),
        ours.map((_, i) => i + 1),
      );
    }
  });
}

test('a threshold is used from the verdict on that has moved it', async () => {
  const { verdicts, thresholds } = await watch(2, quakes(1500));
  for (const net of NETS) {
    const known = [PARAMS.start, ...thresholds.filter((t) => t.net === net).map((t) => t.value)];
    const used = new Set(verdicts.filter((v) => v.net === net).map((v) => v.threshold));
    for (const threshold of used) assert.ok(known.includes(threshold), `${net}: ${threshold}`);
    assert.ok(used.size > 1, `${net}: only ${used.size} thresholds were used`);
  }
});

test('thresholds come to where the target says', async () => {
  // On one thread verdicts arrive before the next quake.
  const { thresholds } = await watch(0, quakes(6000), { ...PARAMS, start: 0 });
  for (const net of NETS) {
    const late = thresholds.filter((t) => t.net === net).slice(-300);
    const mean = late.reduce((sum, { value }) => sum + value, 0) / late.length;
    // Half of the alarms are of magnitude 6 and more where the threshold is 2.
    assert.ok(mean > 1.2 && mean < 2.8, `${net}: ${mean}, seed ${SEED}`);
  }
});

test.run();
