/** Checks of vectors that hold streams: a model that learns while it predicts. */
import * as assert from 'uvu/assert';
import { DenseVector, type Session, type Table, TableStream } from '../../src/index.js';
import type { Check, RunContext } from './batch-checks.js';
import { type AnyModel, type AnyStage, type AnyStageClass, classOf } from './stages.js';
import { assertClose, assertTable, tableOf } from './tables.js';
import type { TableSpec, Vector, VersionSpec } from './vector.js';

interface OnlineModelData {
  readonly coefficient: DenseVector;
  readonly modelVersion: number;
}

interface OnlineModel extends AnyModel {
  readonly version: number;
  updates(): AsyncIterableIterator<OnlineModelData>;
  completed(): Promise<unknown>;
}

interface OnlineEstimator extends AnyStage {
  setInitialModelData(data: object): this;
}

function dataOf({ coefficient, modelVersion }: VersionSpec): OnlineModelData {
  return { coefficient: new DenseVector(Float64Array.from(coefficient)), modelVersion };
}

function assertVersion(got: OnlineModelData, expected: VersionSpec): void {
  assert.is(Number(got.modelVersion), expected.modelVersion, 'modelVersion');
  const { tolerance = 0 } = expected;
  assertClose(got.coefficient.values, expected.coefficient, tolerance, 'coefficient');
}

/** Batches, each handed out only when the test has seen what the one before did. */
class GatedBatches implements AsyncIterable<Table> {
  readonly #batches: readonly TableSpec[];
  #open: () => void = () => {};
  #gate: Promise<void> = Promise.resolve();

  constructor(batches: readonly TableSpec[]) {
    this.#batches = batches;
  }

  /** Lets the next batch through. */
  next(): void {
    this.#open();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Table> {
    for (const batch of this.#batches) {
      await this.#gate;
      this.#gate = new Promise((open) => {
        this.#open = open;
      });
      yield tableOf(batch);
    }
  }
}

/** The estimator with its first model, made from what it saved: both must survive. */
async function estimatorOf(vector: Vector, context: RunContext): Promise<OnlineEstimator> {
  const { params, initialModel } = vector;
  const initial = initialModel!.derived ?? (initialModel as VersionSpec);
  const estimator = new context.Class(params) as OnlineEstimator;
  estimator.setInitialModelData(dataOf(initial));
  const path = context.newPath();
  await estimator.save(path);
  return (await context.Class.load(path)) as OnlineEstimator;
}

/** Learns batch by batch; after each, the live model, its data and a saved copy must agree. */
async function learn(vector: Vector, context: RunContext, session: Session): Promise<void> {
  const { stream, transform, expectAfterBatch } = vector;
  const input = tableOf(transform as TableSpec);
  const batches = new GatedBatches(stream as readonly TableSpec[]);
  const estimator = await estimatorOf(vector, context);
  const model = (await estimator.fit(TableStream.from(batches), { session })) as OnlineModel;
  const updates = model.updates();
  const Model = model.constructor as unknown as AnyStageClass;
  for (const { afterBatch, expect, derivedModel } of expectAfterBatch!) {
    const { value } = await updates.next();
    assert.ok(value, `there is a version after batch ${afterBatch}`);
    assertVersion(value, derivedModel);
    const fixed = (new Model(model.params) as AnyModel).setModelData(value);
    assertTable(await fixed.transform(input, { session }), expect);
    assertTable(await model.transform(input, { session }), expect);
    const path = context.newPath();
    await model.save(path);
    const loaded = (await Model.load(path)) as OnlineModel;
    assertTable(await loaded.transform(input, { session }), expect);
    batches.next();
  }
  assert.is((await updates.next()).done, true, 'one version a batch');
  await model.completed();
  assert.is(Number(model.version), expectAfterBatch!.length);
}

/** The checks of a learning stream, on every session. */
export function streamChecks(vector: Vector, context: RunContext): Check[] {
  const { stream, modelStream, expectAfterModel, transform } = vector;
  const checks: Check[] = [];
  if (stream !== undefined) {
    const run = async () => {
      for (const session of context.sessions) await learn(vector, context, session);
    };
    checks.push(['expectAfterBatch', run]);
  }
  if (modelStream !== undefined) {
    const run = async () => {
      const model = new context.Class(vector.params) as AnyModel;
      for (const { model: version, expect } of expectAfterModel!) {
        model.setModelData(dataOf(modelStream[version - 1]!));
        assertTable(await model.transform(tableOf(transform as TableSpec)), expect);
      }
    };
    checks.push(['expectAfterModel', run]);
  }
  return checks;
}

/** The class of the model that a stream's estimator gives is needed too. */
export function needsClass(vector: Vector): string | undefined {
  if (vector.stream === undefined) return undefined;
  const name = `${vector.stage}Model`;
  return classOf(name) === undefined ? name : undefined;
}
