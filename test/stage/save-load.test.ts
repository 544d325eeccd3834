import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableToIPC } from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ElementwiseProduct,
  KMeans,
  KMeansModel,
  StandardScaler,
  StandardScalerModel,
  Table,
  Vectors,
} from '../../src/index.js';
import type { StageMetadata } from '../../src/stage/save.js';
import { rejectsError } from '../table/expect-error.js';

const root = mkdtempSync(join(tmpdir(), 'gyre-save-load-'));
test.after(() => rmSync(root, { recursive: true }));

let paths = 0;
const newPath = (): string => join(root, String(paths++));

const model = new KMeansModel({ k: 2 }).setModelData({
  centroids: [Vectors.dense([0, 1]), Vectors.dense([5, 6])],
  weights: Vectors.dense([3, 4]),
});

/** A saved KMeansModel in a new folder. */
async function saved(): Promise<{ path: string; metadata: string; data: string }> {
  const path = newPath();
  await model.save(path);
  return {
    path,
    metadata: join(path, 'metadata.json'),
    data: join(path, 'data', 'model.arrow'),
  };
}

/** A saved KMeansModel whose metadata was changed. */
async function withMetadata(change: (metadata: StageMetadata) => unknown): Promise<string> {
  const { path, metadata } = await saved();
  const changed = change(JSON.parse(readFileSync(metadata, 'utf8')) as StageMetadata);
  writeFileSync(metadata, typeof changed === 'string' ? changed : JSON.stringify(changed));
  return path;
}

/** A saved KMeansModel whose data was replaced by other bytes, with their true size and checksum. */
async function withData(bytes: Uint8Array): Promise<string> {
  const { path, metadata, data } = await saved();
  writeFileSync(data, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const known = JSON.parse(readFileSync(metadata, 'utf8')) as StageMetadata;
  writeFileSync(metadata, JSON.stringify({ ...known, data: { bytes: bytes.length, sha256 } }));
  return path;
}

const refuses = (path: string, message: RegExp) =>
  rejectsError(KMeansModel.load(path), 'ERR_GYRE_FORMAT', message);

test('what was saved is loaded, params and data', async () => {
  const { path } = await saved();
  const loaded = await KMeansModel.load(path);
  assert.equal(loaded.params, model.params);
  assert.equal(loaded.modelData, model.modelData);
});

test('a saved folder holds metadata.json and the data, and nothing else', async () => {
  const { path, metadata } = await saved();
  assert.equal(readdirSync(path).sort(), ['data', 'metadata.json']);
  assert.equal(readdirSync(join(path, 'data')), ['model.arrow']);
  const { className, params, formatVersion } = JSON.parse(readFileSync(metadata, 'utf8'));
  assert.is(className, 'KMeansModel');
  assert.equal(params, model.params);
  assert.is(formatVersion, 1);
});

test('a stage without data saves metadata alone', async () => {
  const path = newPath();
  await new KMeans({ k: 7, seed: -3 }).save(path);
  assert.equal(readdirSync(path), ['metadata.json']);
  assert.equal((await KMeans.load(path)).params, new KMeans({ k: 7, seed: -3 }).params);
});

test('a model without data is saved and loaded as such', async () => {
  const path = newPath();
  await new KMeansModel({ k: 4 }).save(path);
  const loaded = await KMeansModel.load(path);
  assert.is(loaded.params.k, 4);
  assert.throws(() => loaded.modelData, /it has no data/);
});

test('numbers that are not finite survive in the data', async () => {
  const path = newPath();
  const [mean, std] = [Vectors.dense([Number.NaN, -0]), Vectors.dense([Number.NaN, 5e-324])];
  await new StandardScalerModel().setModelData({ mean, std }).save(path);
  const loaded = (await StandardScalerModel.load(path)).modelData;
  assert.equal([...loaded.mean.values, ...loaded.std.values], [...mean.values, ...std.values]);
  assert.ok(Object.is(loaded.mean.get(1), -0));
});

test('folders on the way to the path are made', async () => {
  const path = join(newPath(), 'a', 'b');
  await model.save(path);
  assert.equal((await KMeansModel.load(path)).modelData, model.modelData);
});

for (const [what, make] of [
  ['folder', (path: string) => mkdirSync(path)],
  ['file', (path: string) => writeFileSync(path, 'mine')],
  ['stage', (path: string) => new KMeans().save(path)],
] as const) {
  test(`a path where there is a ${what} already is refused, and left as it is`, async () => {
    const folder = newPath();
    mkdirSync(folder);
    const path = join(folder, 'taken');
    await make(path);
    const before = what === 'file' ? readFileSync(path, 'utf8') : readdirSync(path);
    await rejectsError(model.save(path), 'ERR_GYRE_FORMAT', /taken exists already; give a new/);
    assert.equal(what === 'file' ? readFileSync(path, 'utf8') : readdirSync(path), before);
    assert.equal(readdirSync(folder), ['taken'], 'no draft is left');
  });
}

test('a path below a file is refused, and nothing is written', async () => {
  const file = newPath();
  writeFileSync(file, 'mine');
  const error = await rejectsError(
    model.save(join(file, 'model')),
    'ERR_GYRE_FORMAT',
    /cannot be written/,
  );
  assert.match((error.cause as NodeJS.ErrnoException).code!, /^E/);
  assert.is(readFileSync(file, 'utf8'), 'mine');
});

test('of two saves to one path at once, one is whole and the other says so or gives way', async () => {
  const path = newPath();
  const outcomes = await Promise.allSettled([model.save(path), model.save(path)]);
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'));
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue;
    assert.is(outcome.reason.code, 'ERR_GYRE_FORMAT');
  }
  assert.equal((await KMeansModel.load(path)).modelData, model.modelData);
  const drafts = readdirSync(root).filter((name) => name.startsWith('.'));
  assert.equal(drafts, []);
});

test('a folder that is not there, or has no metadata, is refused, naming the file', async () => {
  const none = newPath();
  await refuses(none, /metadata\.json: there is no such file; expected a saved stage\.$/);
  assert.is(existsSync(none), false);
  const { path, metadata } = await saved();
  rmSync(metadata);
  await refuses(path, /metadata\.json: there is no such file/);
  const file = newPath();
  writeFileSync(file, '{}');
  await refuses(file, /metadata\.json: there is no such file/);
});

test('metadata that is a folder is refused', async () => {
  const { path, metadata } = await saved();
  rmSync(metadata);
  mkdirSync(metadata);
  await refuses(path, /metadata\.json: it must be a file\.$/);
});

test('huge metadata is refused before it is read', async () => {
  const { path, metadata } = await saved();
  truncateSync(metadata, 2 ** 33);
  await refuses(path, /it must have at most 33554432 bytes, got 8589934592\.$/);
});

test('params as large as a vector of a million entries come back, and more is refused when saved', async () => {
  const vector = (size: number) =>
    Vectors.dense(Array.from({ length: size }, (_, i) => 1 / (i + 1)));
  const scalingVec = vector(1_000_000);
  const path = newPath();
  await new ElementwiseProduct({ scalingVec }).save(path);
  const { params } = await ElementwiseProduct.load(path);
  const bits = (values: Float64Array) => Buffer.from(values.buffer, 0, values.byteLength);
  const read = params.scalingVec.toDense().values;
  assert.is(Buffer.compare(bits(read), bits(scalingVec.values)), 0);
  const larger = new ElementwiseProduct({ scalingVec: vector(2_000_000) });
  const none = newPath();
  await rejectsError(larger.save(none), 'ERR_GYRE_FORMAT', /^ElementwiseProduct\.save: the params/);
  assert.not(existsSync(none));
});

test('metadata that is not a JSON object is refused', async () => {
  for (const text of ['', 'not json', '{"className": "KMeansModel"', '\u0000']) {
    const error = await refuses(await withMetadata(() => text), /it must be JSON\.$/);
    assert.instance(error.cause, SyntaxError);
  }
  for (const text of ['null', '3', '"KMeansModel"']) {
    await refuses(await withMetadata(() => text), /it must be a JSON object\.$/);
  }
  await refuses(await withMetadata(() => '[]'), /metadata\.json: /);
});

test('another class is refused, naming both', async () => {
  const path = newPath();
  await new KMeans().save(path);
  await refuses(path, /className must be KMeansModel, got "KMeans"\.$/);
  for (const className of [undefined, null, 3, ['KMeansModel'], { toString: 'KMeansModel' }]) {
    const changed = await withMetadata((metadata) => ({ ...metadata, className }));
    await refuses(changed, /className must be a string, got /);
  }
});

test('a later or senseless format version is refused', async () => {
  for (const formatVersion of [2, 1.5, 0, -1, '1', null, undefined, 1e99]) {
    const path = await withMetadata((metadata) => ({ ...metadata, formatVersion }));
    await refuses(path, /formatVersion must be at most 1, got /);
  }
});

test('params that are no object are refused', async () => {
  for (const params of [undefined, null, 3, 'k', [], [1]]) {
    const path = await withMetadata((metadata) => ({ ...metadata, params }));
    await refuses(path, /params must be an object, got /);
  }
});

test('unknown and invalid params are refused as a constructor refuses them', async () => {
  const refusesParams = async (params: string, message: RegExp) => {
    const path = await withMetadata((metadata) =>
      JSON.stringify({ ...metadata, params: 'HERE' }).replace('"HERE"', params),
    );
    await rejectsError(KMeansModel.load(path), 'ERR_GYRE_INVALID_PARAM', message);
  };
  await refusesParams('{ "nope": 1 }', /^KMeansModel has no param "nope"; it has /);
  await refusesParams('{ "k": 1 }', /^KMeansModel\.k must be an integer >= 2, got 1\.$/);
  await refusesParams('{ "k": "2" }', /^KMeansModel\.k must be an integer >= 2, got "2"\.$/);
  await refusesParams('{ "__proto__": { "k": 3 } }', /has no param "__proto__"/);
  await refusesParams('{ "constructor": 3 }', /has no param "constructor"/);
  await refusesParams('{ "toString": 3 }', /has no param "toString"/);
  assert.is(({} as Record<string, unknown>).k, undefined);
});

test('__proto__ beside the known fields of metadata changes nothing', async () => {
  const path = await withMetadata((metadata) =>
    JSON.stringify(metadata).replace('{', '{ "__proto__": { "className": "KMeans", "k": 9 }, '),
  );
  assert.equal((await KMeansModel.load(path)).params, model.params);
  assert.is(({} as Record<string, unknown>).className, undefined);
});

test('data that metadata does not describe is refused', async () => {
  for (const data of [undefined, 3, 'x', {}, { bytes: 5 }, { bytes: 5, sha256: 7 }]) {
    const path = await withMetadata((metadata) => ({ ...metadata, data }));
    await refuses(path, /data must be null or \{ bytes, sha256 \}\.$/);
  }
});

test('data that is missing, or a folder, is refused', async () => {
  const missing = await saved();
  rmSync(missing.data);
  await refuses(missing.path, /model\.arrow: there is no such file/);
  const folder = await saved();
  rmSync(folder.data);
  mkdirSync(folder.data);
  await refuses(folder.path, /model\.arrow: it must be a file\.$/);
});

test('a size that metadata lies about is refused', async () => {
  for (const bytes of [0, 1, -1, 1e9, '5', null, undefined, Number.MAX_VALUE]) {
    const path = await withMetadata((metadata) => ({
      ...metadata,
      data: { ...metadata.data, bytes },
    }));
    await refuses(path, /model\.arrow: it must have .* bytes, got \d+\.$/);
  }
});

test('data too large to be read is refused', async () => {
  const { path, metadata, data } = await saved();
  const bytes = 2 ** 32;
  truncateSync(data, bytes);
  const known = JSON.parse(readFileSync(metadata, 'utf8')) as StageMetadata;
  writeFileSync(metadata, JSON.stringify({ ...known, data: { ...known.data, bytes } }));
  await refuses(path, /model\.arrow: /);
});

test('data that was cut off anywhere is refused', async () => {
  const { data } = await saved();
  const whole = readFileSync(data);
  for (const bytes of [0, 1, 8, 100, whole.length - 1]) {
    const broken = await saved();
    truncateSync(broken.data, bytes);
    await refuses(broken.path, new RegExp(`must have ${whole.length} bytes, got ${bytes}\\.$`));
  }
});

test('a flipped bit anywhere in the data is refused', async () => {
  const { data } = await saved();
  const whole = readFileSync(data);
  for (let at = 0; at < whole.length; at += 61) {
    const broken = await saved();
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << (at % 8);
    writeFileSync(broken.data, bytes);
    await refuses(broken.path, /its checksum differs from metadata\.json\.$/);
  }
});

test('data that is no Arrow file is refused, also with a true checksum', async () => {
  for (const text of ['', 'ARROW1', 'ARROW1\0\0', 'PK\u0003\u0004 not an Arrow file at all']) {
    await refuses(await withData(Buffer.from(text)), /./);
  }
});

test('data of other columns, types, rows or with null is refused', async () => {
  const vectors = [[1, 2]];
  const tables = [
    Table.fromColumns({ centroid: vectors }, { centroid: 'vector' }),
    Table.fromColumns({ centroid: vectors, weight: ['a'] }, { centroid: 'vector' }),
    Table.fromColumns({ centroid: ['a'], weight: [1] }),
    Table.fromColumns({ centroid: [], weight: [] }, { centroid: 'vector', weight: 'float64' }),
    Table.fromColumns({ centroid: [[1], null], weight: [1, 2] }, { centroid: 'vector' }),
    Table.fromColumns({ centroid: [null, [1]], weight: [1, 2] }, { centroid: 'vector' }),
    Table.fromColumns({ centroid: [[1], [2]], weight: [1, null] }, { centroid: 'vector' }),
    Table.fromColumns({ centroid: [[1], [2], [3]], weight: [1, 2, 3] }, { centroid: 'vector' }),
  ];
  for (const [i, table] of tables.entries()) {
    const path = await withData(tableToIPC(table.toArrow(), 'file'));
    const [outcome] = await Promise.allSettled([KMeansModel.load(path)]);
    assert.is(outcome.status, 'rejected', `table ${i}`);
    const { code, stack } = (outcome as PromiseRejectedResult).reason;
    assert.is(code, 'ERR_GYRE_FORMAT', `table ${i}: ${stack}`);
  }
});

test('data of another stage under the right class name is refused', async () => {
  const other = newPath();
  const [mean, std] = [Vectors.dense([1]), Vectors.dense([1])];
  await new StandardScalerModel().setModelData({ mean, std }).save(other);
  const bytes = readFileSync(join(other, 'data', 'model.arrow'));
  await refuses(await withData(bytes), /must have centroid and weight columns/);
});

test('the data of a scaler must be one row without null, of one size', async () => {
  const types = { mean: 'vector', std: 'vector' } as const;
  for (const columns of [
    { mean: [], std: [] },
    { mean: [[1], [1]], std: [[1], [1]] },
    { mean: [null], std: [[1]] },
    { mean: [[1]], std: [null] },
    { mean: [[1]], std: [[1, 2]] },
    { mean: [[1]], std: [[-1]] },
  ]) {
    const bytes = tableToIPC(Table.fromColumns(columns, types).toArrow(), 'file');
    const path = await withData(bytes);
    const metadata = join(path, 'metadata.json');
    const known = JSON.parse(readFileSync(metadata, 'utf8')) as StageMetadata;
    const className = 'StandardScalerModel';
    writeFileSync(metadata, JSON.stringify({ ...known, className, params: {} }));
    await rejectsError(StandardScalerModel.load(path), 'ERR_GYRE_FORMAT', /.+/);
  }
});

test('loading does not change the folder', async () => {
  const { path, metadata, data } = await saved();
  const before = [readFileSync(metadata, 'hex'), readFileSync(data, 'hex')];
  await KMeansModel.load(path);
  await rejectsError(StandardScaler.load(path), 'ERR_GYRE_FORMAT', /className must be/);
  assert.equal([readFileSync(metadata, 'hex'), readFileSync(data, 'hex')], before);
  assert.equal(readdirSync(path).sort(), ['data', 'metadata.json']);
});

test.run();
