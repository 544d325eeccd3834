// @timeout 120
/**
 * examples/online-training: against the model computed plainly, with and without workers that die.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dataFile } from '../../examples/data.js';
import { Lines } from '../../examples/lines.js';
import { learnWeather, type Weather } from '../../examples/weather-model.js';
import { assertSame, closeSessions, sessionOf } from '../engine/support.js';

const FOLDER = mkdtempSync(join(tmpdir(), 'gyre-online-training-'));
test.after(async () => {
  await closeSessions();
  rmSync(FOLDER, { recursive: true });
});

const FILE = dataFile('seattle-weather.csv');

/** Remembers where it was read again from; and what happens is not left to chance. */
class Watched extends Lines {
  readonly seeks: number[] = [];
  /** Called after so many lines; the next is read when it is done. */
  pauses: Readonly<Record<number, () => Promise<unknown>>> = {};

  override async *[Symbol.asyncIterator](): AsyncGenerator<readonly string[]> {
    let count = 0;
    for await (const line of { [Symbol.asyncIterator]: () => super[Symbol.asyncIterator]() }) {
      yield line;
      await this.pauses[++count]?.();
    }
  }

  override seek(position: unknown): void {
    this.seeks.push(position as number);
    super.seek(position);
  }
}

interface Learned {
  readonly models: Weather[];
  readonly seeks: readonly number[];
  readonly crashes: number;
}

/** A checkpoint is there after 400 lines, and a crash before version 100 comes before the end. */
async function learn(threads: number, crashAt: number | null): Promise<Learned> {
  const checkpoint = { folder: FOLDER, everyRows: 200, backoffMs: 1 };
  const job = sessionOf(threads).job(`weather ${threads} ${crashAt}`, { checkpoint });
  const crashes = new Int32Array(new SharedArrayBuffer(4));
  job.buffer('crashes', crashes.buffer as SharedArrayBuffer);
  const lines = new Watched(FILE);
  const hasCrashed = async () => {
    while (crashes[0] === 0) await sleep(1);
  };
  lines.pauses = {
    // It fails with an attempt that fails.
    400: () => job.checkpoint().catch(() => {}),
    ...(crashAt !== null && crashAt < 100 && { 1200: hasCrashed }),
  };
  const models: Weather[] = [];
  for await (const model of learnWeather(job, job.from(lines), crashAt).output()) {
    models.push(model);
  }
  return { models, seeks: lines.seeks, crashes: crashes[0]! };
}

/** Steps of gradient descent, one for each ten days. */
function plainly(): { weights: number[]; error: number }[] {
  const rows = readFileSync(FILE, 'utf8').trimEnd().split('\n').slice(1);
  const days = rows.map((row) => row.split(',').slice(1, 5).map(Number));
  const pairs = days.slice(1).map(([, high], i) => {
    const [rain, top, low, wind] = days[i] as [number, number, number, number];
    return { x: [1, rain / 10, top / 10, low / 10, wind / 5], y: high! };
  });
  let weights = [0, 0, 0, 0, 0];
  return Array.from({ length: Math.floor(pairs.length / 10) }, (_, batch) => {
    const part = pairs.slice(10 * batch, 10 * batch + 10);
    const errors = part.map(({ x, y }) => x.reduce((sum, v, j) => sum + v * weights[j]!, -y));
    weights = weights.map((w, j) => {
      return w - 0.1 * (part.reduce((sum, { x }, i) => sum + errors[i]! * x[j]!, 0) / 10);
    });
    return { weights, error: errors.reduce((sum, e) => sum + Math.abs(e), 0) / 10 };
  });
}

test('each version is the last one and a step, on any number of workers', async () => {
  const expected = plainly();
  for (const threads of [0, 2]) {
    const { models } = await learn(threads, null);
    assert.is(models.length, expected.length);
    models.forEach(({ version, weights, error }, i) => {
      assert.is(version, i + 1);
      const { weights: wanted, error: wrong } = expected[i]!;
      assert.ok(Math.abs(error - wrong) < 1e-9, `version ${version}: error ${error}, ${wrong}`);
      weights.forEach((w, j) => {
        assert.ok(Math.abs(w - wanted[j]!) < 1e-9, `version ${version}: ${w}, ${wanted[j]}`);
      });
    });
  }
});

test('a worker that dies changes nothing, and the job goes on from a checkpoint', async () => {
  const undisturbed = await learn(2, null);
  assertSame(undisturbed.seeks, []);
  for (const crashAt of [1, 77, 146]) {
    const { models, seeks, crashes } = await learn(2, crashAt);
    assert.is(crashes, 2, `version ${crashAt}: one crash, and made once more`);
    assertSame(models, undisturbed.models, `crash at version ${crashAt}`);
    // A source that had ended when the checkpoint was taken is not read again.
    if (crashAt < 100) assert.is(seeks.length, 1, `crash at ${crashAt}: ${seeks}`);
    if (crashAt === 77) assert.ok(seeks[0]! > 0, 'began at the beginning');
  }
});

test.run();
