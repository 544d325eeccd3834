/** Checks of vectors whose clusters follow a stream. */
import * as assert from 'uvu/assert';
import {
  DenseVector,
  OnlineKMeans,
  type OnlineKMeansModelData,
  type OnlineKMeansVersion,
  type Session,
  TableStream,
} from '../../src/index.js';
import { assertGroups, type Check, type RunContext } from './batch-checks.js';
import type { AnyModel, AnyStage, AnyStageClass } from './stages.js';
import { assertClose, tableOf } from './tables.js';
import type { TableSpec, Vector } from './vector.js';

interface ClustersSpec {
  readonly centroids: readonly (readonly number[])[];
  readonly weights: readonly number[];
  /** Upstream code that gives it. */
  readonly from?: string;
}

type Groups = readonly (readonly number[])[];

/** What holds after a batch; after batch 0, of the model that learning starts from. */
interface AfterBatch {
  readonly afterBatch: number;
  readonly expectGroups?: Groups;
  readonly derivedModel?: ClustersSpec;
  readonly model?: Partial<ClustersSpec> & {
    readonly centroidsSortedByFirstCoordinate?: ClustersSpec['centroids'];
  };
  readonly tolerance?: number;
}

interface ClusterVector {
  readonly params: object;
  readonly initialModel?: ClustersSpec;
  readonly stream?: readonly TableSpec[];
  readonly modelStream?: readonly ClustersSpec[];
  readonly transform?: TableSpec;
  readonly expectAfterBatch?: readonly AfterBatch[];
  readonly expectAfterModel?: readonly { readonly model: number; readonly expectGroups: Groups }[];
}

interface LiveModel extends AnyModel {
  readonly version: number;
  updates(): AsyncIterableIterator<OnlineKMeansVersion>;
  completed(): Promise<unknown>;
}

interface OnlineEstimator extends AnyStage {
  setInitialModelData(data: object): this;
}

/** Numbers of Flink ML that differ in the last bits: it divides before it adds. */
const TOLERANCE = 1e-12;

export function isClusterVector({ initialModel, modelStream }: Vector): boolean {
  return 'centroids' in (initialModel ?? modelStream?.[0] ?? {});
}

/** The checks of a stream of points, or of models, on every session. */
export function clusterChecks(vector: Vector, context: RunContext): Check[] {
  const clusters = vector as unknown as ClusterVector;
  const { initialModel, stream, modelStream } = clusters;
  const onEachSession = (run: (session: Session) => Promise<void>) => async () => {
    for (const session of context.sessions) await run(session);
  };
  const learns = onEachSession((session) => learn(clusters, context, session));
  const follows = onEachSession((session) => follow(clusters, context, session));
  return [
    ...(initialModel?.from?.includes('generateRandomModelData')
      ? [['initialModel.from', () => assertRandom(initialModel)] as const]
      : []),
    ...(stream === undefined ? [] : [['expectAfterBatch', learns] as const]),
    ...(modelStream === undefined ? [] : [['expectAfterModel', follows] as const]),
  ];
}

function assertRandom({ from, centroids, weights }: ClustersSpec): void {
  const [k, dim, weight, seed] = from!.match(/[\d.]+(?=[,)])/g)!.map(Number);
  const data = OnlineKMeans.generateRandomModelData(k!, dim!, weight!, seed!);
  assertClose(flat(data), centroids.flat(), 0, 'centroids');
  assertClose(data.weights.values, weights, 0, 'weights');
}

/** Learns batch by batch; after each, the live model, its data and a saved copy must agree. */
async function learn(vector: ClusterVector, context: RunContext, session: Session): Promise<void> {
  const { params, initialModel, stream, transform, expectAfterBatch } = vector;
  const { Class, newPath } = context;
  const made = new Class(params) as OnlineEstimator;
  made.setInitialModelData(dataOf(initialModel!));
  const path = newPath();
  await made.save(path);
  const estimator = await Class.load(path);
  const tables = stream!.map(tableOf);
  // The first table has no rows: it only tells the schema.
  const batches = new OnDemand([tables[0]!.slice(0, 0), ...tables]);
  batches.next();
  const model = (await estimator.fit(TableStream.from(batches), { session })) as LiveModel;
  const updates = model.updates();
  for (let batch = 0; batch <= stream!.length; batch++) {
    if (batch > 0) batches.next();
    const { value } = await updates.next();
    assert.is(value?.version, batch + 1, `the version after batch ${batch}`);
    if (batch === 0) assertClose(flat(value), initialModel!.centroids.flat(), 0, 'the first model');
    const expected = expectAfterBatch!.find(({ afterBatch }) => afterBatch === batch);
    if (expected === undefined) continue;
    assertModel(value, expected);
    const { expectGroups } = expected;
    if (expectGroups === undefined) continue;
    const input = tableOf(transform!);
    for (const form of await formsOf(model, value, newPath())) {
      assertGroups(await form.transform(input, { session }), expectGroups);
    }
  }
  assert.is((await updates.next()).done, true, 'one version a batch');
  await model.completed();
}

/** A model is given its data as a stream; each must be what it predicts with. */
async function follow(
  { params, modelStream, transform, expectAfterModel }: ClusterVector,
  { Class }: RunContext,
  session: Session,
): Promise<void> {
  const input = tableOf(transform!);
  const given = new Class(params) as LiveModel;
  const live = new Class(params) as LiveModel;
  const models = new OnDemand(modelStream!.map(dataOf));
  live.setModelData(models);
  const updates = live.updates();
  for (const { model, expectGroups } of expectAfterModel!) {
    models.next();
    await updates.next();
    given.setModelData(dataOf(modelStream![model - 1]!));
    for (const form of [given, live]) {
      assertGroups(await form.transform(input, { session }), expectGroups);
    }
  }
}

/** Items, each handed out when it is asked for. */
class OnDemand<T> implements AsyncIterable<T> {
  readonly #items: readonly T[];
  readonly #opens: (() => void)[] = [];
  readonly #gates: readonly Promise<void>[];

  constructor(items: readonly T[]) {
    this.#items = items;
    this.#gates = items.map(() => new Promise((open) => this.#opens.push(open)));
  }

  next(): void {
    this.#opens.shift()?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (const [i, item] of this.#items.entries()) {
      await this.#gates[i];
      yield item;
    }
  }
}

/** The live model, one that was given its data, and one that was saved and loaded. */
async function formsOf(
  model: LiveModel,
  version: OnlineKMeansVersion,
  path: string,
): Promise<AnyStage[]> {
  const Model = model.constructor as unknown as AnyStageClass;
  const fixed = (new Model(model.params) as AnyModel).setModelData(version);
  await model.save(path);
  return [model, fixed, await Model.load(path)];
}

function assertModel(got: OnlineKMeansVersion, expected: AfterBatch): void {
  const { tolerance = TOLERANCE, model, derivedModel } = expected;
  const { centroids, weights } = model ?? derivedModel ?? {};
  if (centroids !== undefined) assertClose(flat(got), centroids.flat(), tolerance, 'centroids');
  if (weights !== undefined) assertClose(got.weights.values, weights, tolerance, 'weights');
  const sorted = model?.centroidsSortedByFirstCoordinate;
  if (sorted === undefined) return;
  const found = got.centroids.map(({ values }) => [...values]).sort((a, b) => a[0]! - b[0]!);
  assertClose(found.flat(), sorted.flat(), tolerance, 'centroids');
}

const flat = ({ centroids }: OnlineKMeansModelData): number[] =>
  centroids.flatMap(({ values }) => [...values]);

const dataOf = ({ centroids, weights }: ClustersSpec): OnlineKMeansModelData => ({
  centroids: centroids.map((values) => new DenseVector(Float64Array.from(values))),
  weights: new DenseVector(Float64Array.from(weights)),
});
