// @timeout 120
/** Models that one process publishes and others follow. */
import { spawn } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WarningEvent } from '../../src/core/diagnostics.js';
import { JavaRandom } from '../../src/core/random.js';
import {
  DenseVector,
  type OnlineKMeansModel,
  OnlineLogisticRegressionModel,
  type OnlineLogisticRegressionModelData,
  Session,
  StandardScalerModel,
  Vectors,
  watchModel,
  watchModelData,
  watchVersions,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { rejectsError } from '../table/expect-error.js';
import { Batches, digest, LEARNERS, sparseRows, streamOf } from './learners.js';

const SEED = Number(process.env.GYRE_SEED ?? 20_261_122);
const KILLS = Number(process.env.GYRE_KILLS ?? 3);
const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

const root = mkdtempSync(join(tmpdir(), 'gyre-models-'));
test.after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const warnings: string[] = [];
channel('gyre:warning').subscribe((event) => warnings.push((event as WarningEvent).message));

const version = (modelVersion: number): OnlineLogisticRegressionModelData => ({
  modelVersion,
  coefficient: Vectors.dense([modelVersion, 2 * modelVersion]),
});

async function* versions(...numbers: number[]) {
  for (const number of numbers) yield version(number);
}

const modelOf = (...numbers: number[]) =>
  new OnlineLogisticRegressionModel().setModelData(versions(...numbers));

it('each version is published, or every n-th and the last, and old ones go', async () => {
  for (const [options, expected] of [
    [{}, [4, 5, 6]],
    [{ keep: 9 }, [0, 1, 2, 3, 4, 5, 6]],
    [{ keep: 9, every: 4 }, [0, 4, 6]],
  ] as const) {
    const folder = newFolder();
    const publication = await modelOf(0, 1, 2, 3, 4, 5, 6).publishTo(folder, options);
    await publication.completed;
    assert.is(publication.version, 6);
    const names = expected.map((number) => `version-${String(number).padStart(12, '0')}`);
    assert.equal(readdirSync(folder).sort(), names);
  }
});

it('a model follows a folder that is not there yet, until it is stopped', async () => {
  const folder = newFolder();
  const watching = watchModel(folder, { pollMs: 10 });
  const model = new OnlineLogisticRegressionModel({ predictionCol: 'p' }).setModelData(version(3));
  await (await model.publishTo(folder)).completed;
  const follower = (await watching) as OnlineLogisticRegressionModel;
  assert.ok(follower instanceof OnlineLogisticRegressionModel);
  assert.is(follower.version, 3);
  assert.is(follower.params.predictionCol, 'p');
  const updates = follower.updates();
  const next = updates.next();
  await (await modelOf(4, 5).publishTo(folder)).completed;
  const { value } = await next;
  assert.ok(value!.modelVersion > 3, String(value!.modelVersion));
  await updates.return?.();
  await follower.stop();
  await (await modelOf(6).publishTo(folder)).completed;
  assert.ok(follower.version < 6);
});

it('centroids are published and followed, too', async () => {
  const learner = LEARNERS['k-means from a model']!;
  const folder = newFolder();
  const session = new Session({ threads: 0 });
  const model = await learner.fit(streamOf(learner, new Batches(learner.batches)), { session });
  await (await model.publishTo(folder, { every: 20 })).completed;
  const follower = (await watchModel(folder, { pollMs: 10 })) as OnlineKMeansModel;
  assert.is(follower.version, learner.versions);
  assert.is(digest(follower.modelData), digest(model.modelData));
  await follower.stop();
  await session.close();
});

it('the data of a folder are a stream for setModelData', async () => {
  const folder = newFolder();
  await (await modelOf(1, 2).publishTo(folder)).completed;
  const data = watchModelData<OnlineLogisticRegressionModelData>(folder, { pollMs: 5 });
  const model = new OnlineLogisticRegressionModel().setModelData(data);
  assert.is((await model.snapshot()).modelVersion, 2);
  await model.stop();
});

it('a broken version is skipped with a warning, and the one before is used', async () => {
  const folder = newFolder();
  await (await modelOf(1, 2).publishTo(folder)).completed;
  writeFileSync(join(folder, 'version-000000000002', 'data', 'model.arrow'), 'half of it');
  mkdirSync(join(folder, 'version-000000000009'));
  mkdirSync(join(folder, '.version-000000000010-draft'));
  warnings.length = 0;
  const model = await watchModel(folder, { pollMs: 5 });
  assert.is(model.version, 1);
  assert.is(warnings.filter((text) => /version-0+[29] was skipped/.test(text)).length, 2);
  await (await modelOf(10).publishTo(folder)).completed;
  for (let i = 0; model.version !== 10 && i < 2000; i++) await new Promise(setImmediate);
  assert.is(model.version, 10);
  await model.stop();
  assert.not(
    readdirSync(folder).some((name) => name.startsWith('.')),
    'drafts are removed',
  );
});

it('a folder holds one training: the same version of another one is refused', async () => {
  const folder = newFolder();
  await (await modelOf(1, 2, 3).publishTo(folder)).completed;
  // The same again, as after a resume: nothing happens.
  warnings.length = 0;
  const again = await modelOf(2, 3, 4).publishTo(folder);
  await again.completed;
  assert.is(again.version, 4);
  assert.is(warnings.filter((text) => /holds version 3 already/.test(text)).length, 1);
  const other = new OnlineLogisticRegressionModel().setModelData({
    modelVersion: 4,
    coefficient: new DenseVector(Float64Array.of(4, 9)),
  });
  await rejectsError(other.publishTo(folder), 'ERR_GYRE_FORMAT', /version 4 of another model/);
  const invalid = { every: 0 };
  await rejectsError(other.publishTo(folder, invalid), 'ERR_GYRE_INVALID_PARAM', /every must be/);
});

it('publishing can be stopped while the model learns on', async () => {
  const folder = newFolder();
  let end!: () => void;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* slow() {
    yield version(1);
    await ended;
    yield version(2);
  }
  const model = new OnlineLogisticRegressionModel().setModelData(slow());
  const publication = await model.publishTo(folder);
  await publication.stop();
  end();
  await model.completed();
  assert.is(model.version, 2);
  assert.equal(readdirSync(folder), ['version-000000000001']);
});

it('an abort ends the wait for a first version, and a batch model has no versions', async () => {
  const controller = new AbortController();
  const watching = watchModel(newFolder(), { signal: controller.signal });
  controller.abort();
  await rejectsError(watching, 'ERR_GYRE_ABORTED', /watchModel was aborted/);
  const folder = newFolder();
  mkdirSync(folder);
  const [mean, std] = [Vectors.dense([1]), Vectors.dense([2])];
  const scaler = new StandardScalerModel().setModelData({ mean, std });
  await scaler.save(join(folder, 'version-000000000001'));
  await rejectsError(watchModel(folder), 'ERR_GYRE_INVALID_PARAM', /got a StandardScalerModel/);
  for await (const model of watchVersions(folder)) {
    assert.ok(model instanceof StandardScalerModel);
    break;
  }
});

it('versions are read while they are replaced and removed as fast as can be', async () => {
  const folder = newFolder();
  const count = 200;
  const publication = await modelOf(...Array(count).keys()).publishTo(folder, { keep: 1 });
  const follow = async () => {
    let last = -1;
    for await (const model of watchVersions(folder, { pollMs: 1 })) {
      const { version } = model as OnlineLogisticRegressionModel;
      assert.ok(version > last, `${version} after ${last}`);
      last = version;
      if (last === count - 1) break;
    }
  };
  await Promise.all([1, 2, 3, 4].map(follow));
  await publication.completed;
});

it('a process serves what another one learns, through kills of that one', async () => {
  const learner = LEARNERS['logistic regression']!;
  const session = new Session({ threads: 0 });
  const expected = new Map<number, string>();
  const undisturbed = await learner.fit(streamOf(learner, new Batches(learner.batches)), {
    session,
  });
  for await (const data of undisturbed.updates()) {
    const { modelVersion } = data as OnlineLogisticRegressionModelData;
    expected.set(modelVersion, digest(data));
  }
  const random = new JavaRandom(SEED);
  const [models, checkpoints] = [newFolder(), newFolder()];
  const program = fileURLToPath(new URL('./publisher.js', import.meta.url));
  const start = () =>
    spawn(process.execPath, [program, models, checkpoints], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
  let child = start();
  const follower = (await watchModel(models, { pollMs: 20 })) as OnlineLogisticRegressionModel;
  const rows = sparseRows(5, 9);
  let [killed, last, seen] = [0, 0, 0];
  let killAt = 1 + random.nextInt(6);
  for await (const data of follower.updates()) {
    const why = `seed ${SEED}: version ${data.modelVersion} after ${last}, ${killed} kills`;
    assert.ok(data.modelVersion > last, why);
    assert.is(digest(data), expected.get(data.modelVersion), why);
    const served = await follower.transform(rows, { session });
    assert.ok(Number(served.column('modelVersion').get(0)) >= data.modelVersion, why);
    last = data.modelVersion;
    seen++;
    if (last === learner.versions) break;
    if (killed === KILLS || last < killAt) continue;
    // In the middle of whatever it does, which is publishing most of the time.
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    killed++;
    killAt = last + 1 + random.nextInt(6);
    child = start();
  }
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdin.end();
  assert.is(await ended, 0);
  assert.is(killed, KILLS);
  assert.ok(seen > KILLS);
  await follower.stop();
  await session.close();
});

test.run();
