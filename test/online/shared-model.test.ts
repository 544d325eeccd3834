/** Models that threads share: whole versions, in order, without messages. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  attachModel,
  Column,
  countWindow,
  DenseVector,
  OnlineKMeansModel,
  OnlineLogisticRegressionModel,
  type OnlineLogisticRegressionModelData,
  OnlineStandardScaler,
  OnlineStandardScalerModel,
  Table,
  TableStream,
  Vectors,
} from '../../src/index.js';
import { SharedModel } from '../../src/online/shared-model.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { expectedAt, type Seen } from './shared-reader.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);

function version(modelVersion: number, size: number): OnlineLogisticRegressionModelData {
  const values = Float64Array.from({ length: size }, (_, i) => expectedAt(modelVersion, i));
  return { modelVersion, coefficient: new DenseVector(values) };
}

const reader = new URL('./shared-reader.js', import.meta.url);

for (const size of [1, 7, 2000]) {
  it(`threads see whole versions only, and none after a later one, ${size} numbers`, async () => {
    const random = seeded(SEED + size);
    const model = new OnlineLogisticRegressionModel().setModelData(version(0, size));
    const handle = await model.share();
    const newest = new Int32Array(new SharedArrayBuffer(8));
    const workers = [0, 1].map((at) => new Worker(reader, { workerData: { handle, newest, at } }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const answers = workers.map((worker) => once(worker, 'message') as Promise<[Seen]>);
    const versions = Array.from({ length: 512 }, (_, i) => version(i + 1, size));
    async function* bursts() {
      // In bursts, so that readers are overtaken in the middle of a copy; they see the last version of
      // every other burst, whatever else the machine does.
      let i = 0;
      for (let burst = 0; i < versions.length; burst++) {
        for (let left = 1 + random.below(40); left > 0 && i < versions.length; left--) {
          yield versions[i++]!;
        }
        do {
          await new Promise((resolve) => setTimeout(resolve, random.below(3)));
        } while (burst % 2 === 0 && newest.some((_, at) => Atomics.load(newest, at) < i));
      }
    }
    await model.setModelData(bursts()).completed();
    const seen = (await Promise.all(answers)).map(([each]) => each);
    const text = `seed ${SEED}: ${JSON.stringify(seen)}`;
    for (const each of seen) {
      assert.equal([each.last, each.backwards, each.torn], [512, 0, 0], text);
      assert.ok(each.versions > 5, text);
    }
  });
}

it('the newest version lies still while the next one is written', () => {
  const shared = SharedModel.of([0, new Float64Array(3)]);
  assert.is(shared.read(), null);
  shared.publish([1, Float64Array.of(1, 1, 1)]);
  assert.equal([...shared.read()!.numbers], [1, 1, 1, 1]);
  // A slot that is being written: the stamp is odd. The other one is whole.
  const words = new Int32Array(shared.buffer);
  const stamp = 128 / 4;
  shared.publish([2, Float64Array.of(2, 2, 2)]);
  words[stamp + (shared.buffer.byteLength - 128) / 8]! -= 1;
  assert.equal([...shared.read()!.numbers], [2, 2, 2, 2]);
});

it('publications are counted round the 32 bits of their number', () => {
  const shared = SharedModel.of([0]);
  const words = new Int32Array(shared.buffer);
  words[16] = 2 ** 31 - 2;
  const numbers = new Set<number>();
  for (let i = 0; i < 4; i++) {
    shared.publish([i]);
    assert.equal([...shared.read()!.numbers], [i]);
    numbers.add(shared.published);
  }
  words[16] = -1;
  shared.publish([7]);
  assert.equal([...shared.read()!.numbers], [7]);
  assert.ok(!numbers.has(0) && shared.published !== 0);
  assert.is(numbers.size, 4);
});

it('a shared scaler does what the one it follows does, and waits for the next', async () => {
  let controller!: ReadableStreamDefaultController<Table>;
  const source = new ReadableStream<Table>({
    start(given) {
      controller = given;
    },
  });
  const rows = (...values: number[]) => Table.fromColumns({ input: Column.dense(values, 1) });
  const scaler = new OnlineStandardScaler({ windows: countWindow(2), withMean: true });
  const model = await scaler.fit(TableStream.from(source));
  const sharing = model.share();
  controller.enqueue(rows(1, 3));
  // As it arrives in another thread: the buffer is the same, all else a copy.
  const handle = structuredClone(await sharing);
  const follower = OnlineStandardScalerModel.fromShared(handle);
  assert.is(follower.version, 0);
  assert.is(follower.timestamp, Number.POSITIVE_INFINITY);
  const updates = follower.updates();
  const next = updates.next();
  controller.enqueue(rows(5, 7));
  const { value } = await next;
  assert.is(value?.version, 1);
  const input = rows(10, 20);
  const servable = follower.toServable();
  assert.equal(servable.transform(input).toRows(), (await model.transform(input)).toRows());
  assert.is(await model.share(), await sharing);
  controller.close();
  assert.is((await updates.next()).done, true);
  await follower.completed();
  const other = await attachModel(handle);
  assert.ok(other instanceof OnlineStandardScalerModel);
  assert.is(other.version, 1);
});

it('a version that was given away stays as it is while later ones predict', async () => {
  const model = new OnlineLogisticRegressionModel().setModelData(version(1, 4));
  const follower = OnlineLogisticRegressionModel.fromShared(await model.share());
  const servable = follower.toServable({ schema: { features: 'vector' } });
  const predictedBy = () => Number(servable.transform({ features: [1, 0, 0, 0] })?.modelVersion);
  const kept = new Map<number, OnlineLogisticRegressionModelData>();
  for (let number = 2; number < 12; number++) {
    model.setModelData(version(number, 4));
    assert.is(predictedBy(), number);
    if (number % 3 === 0) kept.set(number, follower.modelData);
  }
  assert.is(kept.size, 3);
  for (const [number, { modelVersion, coefficient }] of kept) {
    assert.is(modelVersion, number);
    assert.equal([...coefficient.values], [...version(number, 4).coefficient.values]);
  }
});

it('shared centroids predict in a follower with the version that they are of', async () => {
  const at = (number: number) => ({
    centroids: [Vectors.dense([number]), Vectors.dense([-number])],
    weights: Vectors.dense([1, 2]),
    version: number,
  });
  const params = { modelVersionCol: 'by' };
  const model = new OnlineKMeansModel(params).setModelData(at(1));
  const handle = structuredClone(await model.share());
  const follower = OnlineKMeansModel.fromShared(handle);
  const rows = Table.fromColumns({ features: [[5], [-5]] }, { features: 'vector' });
  for (const number of [1, -2, 3]) {
    const next = { ...at(number), version: Math.abs(number) };
    model.setModelData(next);
    const predicted = follower.toServable().transform(rows);
    assert.equal([...predicted.column('prediction').toArray()], number > 0 ? [0, 1] : [1, 0]);
    assert.equal(predicted.column('by').toArray().map(Number), [next.version, next.version]);
    assert.equal(follower.modelData, next);
  }
  const other = { ...handle, className: 'OnlineStandardScalerModel' };
  throwsError(() => OnlineKMeansModel.fromShared(other), 'ERR_GYRE_MODEL', /got one of OnlineSt/);
  const wide = Table.fromColumns({ features: [[5, 1]] }, { features: 'vector' });
  await rejectsError(
    follower.transform(wide),
    'ERR_GYRE_DIMENSION',
    /^OnlineKMeansModel\.transform: column "features" must have vectors of size 1, got 2/,
  );
});

it('a stopped follower keeps its version', async () => {
  const model = new OnlineLogisticRegressionModel().setModelData(version(3, 4));
  const follower = OnlineLogisticRegressionModel.fromShared(await model.share());
  const waiting = follower.completed();
  model.setModelData(version(4, 4));
  await follower.stop();
  await waiting;
  model.setModelData(version(5, 4));
  assert.is(follower.version, 4);
});

it('what is not shared memory of the class, or of another size, is refused', async () => {
  const model = new OnlineLogisticRegressionModel();
  await rejectsError(model.share(), 'ERR_GYRE_MODEL', /it has no data yet/);
  model.setModelData(version(1, 4));
  const handle = await model.share();
  throwsError(
    () => OnlineStandardScalerModel.fromShared(handle),
    'ERR_GYRE_MODEL',
    /the handle must be of OnlineStandardScalerModel, got one of OnlineLogisticRegressionModel/,
  );
  const buffer = new SharedArrayBuffer(100);
  throwsError(
    () => OnlineLogisticRegressionModel.fromShared({ ...handle, buffer }),
    'ERR_GYRE_FORMAT',
    /must be memory that a model shares, got one of 100 bytes/,
  );
  throwsError(
    () => model.setModelData(version(2, 5)),
    'ERR_GYRE_DIMENSION',
    /must have one size, 5 numbers, got 6/,
  );
  assert.is(model.version, 1);
  const unknown = { ...handle, className: 'toString' };
  await rejectsError(attachModel(unknown), 'ERR_GYRE_INVALID_PARAM', /no online model "toString"/);
});

test.run();
