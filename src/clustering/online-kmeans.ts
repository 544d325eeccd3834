/** OnlineKMeans: centroids that follow the points of a stream. */
import { setImmediate } from 'node:timers/promises';
import { type LearnEvent, learnChannel } from '../core/diagnostics.js';
import { DataError, InvalidParamError, ModelDataError } from '../core/errors.js';
import { double, int, oneOf, type ParamOptions, type ParamTable } from '../core/params.js';
import { JavaRandom } from '../core/random.js';
import { once } from '../engine/iterate.js';
import type { Job } from '../engine/job.js';
import { defaultSession } from '../engine/session.js';
import { ModelVersions } from '../online/model-versions.js';
import { learningCheckpoint, TrainingSource } from '../online/training-source.js';
import { checkCall } from '../stage/call.js';
import { denseColumn, requireNoNull } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { Estimator, type FitOptions, type StageOptions, sharedParams } from '../stage/stage.js';
import { requireColumn } from '../table/require-column.js';
import { Table } from '../table/table.js';
import { TableStream } from '../table/table-stream.js';
import {
  checkedVersion,
  clustersOf,
  type OnlineKMeansModelData,
  type OnlineKMeansVersion,
  tableVersion,
  versionOf,
  versionTable,
} from './online-kmeans-data.js';
import {
  type BatchPartial,
  FEATURES,
  type LearnedBatch,
  OnlineKMeansLearner,
  type OnlineKMeansLearnerParams,
  VERSIONS,
} from './online-kmeans-learner.js';
import {
  OnlineKMeansModel,
  type OnlineKMeansModelParams,
  onlineKMeansModelParams,
} from './online-kmeans-model.js';
import { batchShards } from './online-kmeans-rows.js';

const WHO = 'OnlineKMeans.fit';

/** The seed of Flink ML when none is given: the hash of its class's name. */
const DEFAULT_SEED = 861_956_550;

/** Params of {@link OnlineKMeans}. */
export interface OnlineKMeansParams extends OnlineKMeansModelParams {
  /** How batches are cut. **Default:** `'count'`: by number of rows. */
  readonly batchStrategy: 'count';
  /** Rows of a batch, >= 1; a batch gives a model version. **Default:** 32. */
  readonly globalBatchSize: number;
  /** What is left of a centroid's weight after a batch, 0 to 1. **Default:** 0: nothing. */
  readonly decayFactor: number;
  /**
   * Seed of the first centroids where no initial model is set, an integer. **Default:** 861956550,
   * the hash of Flink ML's class name.
   */
  readonly seed: number;
}

const onlineKMeansParams: ParamTable<OnlineKMeansParams> = {
  ...onlineKMeansModelParams,
  batchStrategy: oneOf(['count'], 'count'),
  globalBatchSize: int(32, { min: 1, max: 2 ** 24 }),
  decayFactor: double(0, { min: 0, max: 1 }),
  seed: int(DEFAULT_SEED),
};

/**
 * Clusters the points of a stream around k centroids that move on with every batch.
 *
 * The stream is cut into batches of exactly `globalBatchSize` rows, in order. Each row of a batch
 * is assigned to its closest centroid; cluster j then has n_j rows, and s_j is their sum. With the
 * weight w_j and the centroid c_j before, and a = `decayFactor`,
 *
 * ```text
 * w'_j = a·w_j + n_j;  c'_j = (a·w_j·c_j + s_j) / w'_j, or c_j where n_j = 0
 * ```
 *
 * With a = 0 a centroid is the mean of its rows in the last batch that had any; with a = 1, of all
 * its rows so far (MiniBatchKMeans). The rows left at the end of a stream are never learned from.
 *
 * Learning starts from the model of {@link setInitialModelData}, such as that of a `KMeans` on
 * earlier rows. Without one, the first centroids are k rows of the first batch, drawn as `KMeans`
 * draws them, with weight 0.
 *
 * A stream gives a live model at once, see {@link OnlineKMeansModel}: the model that learning starts
 * from is its first version, and every batch gives another. A table gives the model after its last
 * complete batch. Features are as for {@link KMeans}. Bit-identical models on any number of workers,
 * however the stream is cut into tables.
 *
 * Differences from Flink ML: a cluster without rows keeps its centroid, whatever the parallelism;
 * an initial model need not be set; batches are not cut by parallelism; the version goes on from
 * an initial model that has one.
 *
 * Cost per batch: O(globalBatchSize · k · dim) on the workers, large batches shared among them; one
 * copy of the rows.
 *
 * @see Sculley, Web-scale k-means clustering, 2010; OnlineKMeans of Flink ML.
 *
 * @example
 * ```ts
 * const here = [[0, 0], [0, 1], [9, 0], [9, 1]];
 * const there = [[0, 4], [0, 5], [9, 4], [9, 5]];
 * const table = Table.fromColumns({ features: [...here, ...there] }, { features: 'vector' });
 * const centroids = [Vectors.dense(1, 1), Vectors.dense(8, 1)];
 * const kmeans = new OnlineKMeans({ globalBatchSize: 4, decayFactor: 0.5 });
 * kmeans.setInitialModelData({ centroids, weights: Vectors.dense(0, 0) });
 * const model = await kmeans.fit(TableStream.from(table));
 * const way: string[] = [];
 * for await (const version of model.updates()) way.push(String(version.centroids[0]));
 * console.log(way); // [ '[1.0, 1.0]', '[0.0, 0.5]', '[0.0, 3.1666666666666665]' ]
 * const predicted = await model.transform(table);
 * console.log(predicted.column('prediction').toArray()); // [0, 0, 1, 1, 0, 0, 1, 1]
 * ```
 */
export class OnlineKMeans extends Estimator<OnlineKMeansParams, OnlineKMeansModel> {
  static readonly className = 'OnlineKMeans';
  static readonly params: ParamTable<OnlineKMeansParams> = onlineKMeansParams;
  #initial: OnlineKMeansVersion | null = null;

  /** Loads an estimator that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineKMeans> {
    return loadAs(OnlineKMeans, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<OnlineKMeansParams>, data: Table | null): OnlineKMeans {
    const estimator = new OnlineKMeans(params);
    if (data === null) return estimator;
    return estimator.setInitialModelData(tableVersion('OnlineKMeans.load', data));
  }

  /**
   * A model to start from that knows nothing: entries of the centroids are uniform in [0, 1).
   * Centroids far from all points never move: for other data, start from a `KMeans`, or from none.
   *
   * @param k, dim Number of centroids and their size, >= 1. @param weight Of each centroid, >= 0.
   * @param seed An integer.
   * @see KMeansModelData.generateRandomModelData of Flink ML: the same numbers.
   */
  static generateRandomModelData(
    k: number,
    dim: number,
    weight: number,
    seed: number,
  ): OnlineKMeansModelData {
    const who = 'OnlineKMeans.generateRandomModelData';
    for (const [name, value] of Object.entries({ k, dim })) {
      if (Number.isSafeInteger(value) && value >= 1) continue;
      throw new InvalidParamError(`${who}: ${name} must be an integer >= 1, got ${value}.`);
    }
    if (!Number.isSafeInteger(seed)) {
      throw new InvalidParamError(`${who}: seed must be an integer, got ${seed}.`);
    }
    const random = new JavaRandom(seed);
    const centroids = Float64Array.from({ length: k * dim }, () => random.nextDouble());
    const weights = new Float64Array(k).fill(weight);
    return checkedVersion(who, versionOf({ k, dim, centroids, weights }, 1), k);
  }

  /**
   * Starts from a model: its centroids and weights; its version counts on.
   *
   * @param data k centroids, one weight for each.
   * @throws DimensionMismatchError `ERR_GYRE_DIMENSION`, ModelDataError `ERR_GYRE_MODEL`.
   */
  setInitialModelData(data: OnlineKMeansModelData): this {
    const who = 'OnlineKMeans.setInitialModelData';
    const { k } = this.params;
    const initial = checkedVersion(who, data, k);
    if (initial.centroids.length !== k) {
      throw new ModelDataError(
        `${who}: there must be k = ${k} centroids, got ${initial.centroids.length}.`,
        { details: { k, got: initial.centroids.length } },
      );
    }
    this.#initial = initial;
    return this;
  }

  /**
   * Learns from a stream, or from a table as one batch after the other. `onProgress` reports
   * batches; `loss` is the mean squared distance (euclidean) or distance (manhattan) of the rows of
   * a batch to the centroids before they moved; there is none for cosine.
   *
   * @returns For a stream, the live model at once; for a table, the model when it is learned.
   * @throws SchemaError, DataError, DimensionMismatchError: of a stream they come from the model's
   *   `completed()`, `snapshot()` and `transform()`.
   * @throws CheckpointError `ERR_GYRE_CHECKPOINT` for a checkpoint of a stream that cannot begin again.
   */
  override async fit(
    input: Table | TableStream,
    options: FitOptions = {},
  ): Promise<OnlineKMeansModel> {
    checkCall(WHO, input, 'table or stream', options, ['checkpoint']);
    return input instanceof Table ? this.fitTable(input, options) : this.#learn(input, options);
  }

  protected override async fitTable(table: Table, options: FitOptions): Promise<OnlineKMeansModel> {
    const { featuresCol, globalBatchSize } = this.params;
    vectorsOf(table, featuresCol);
    if (table.numRows < globalBatchSize) {
      throw new DataError(
        `${WHO}: the table must have the rows of a batch, globalBatchSize = ${globalBatchSize}, ` +
          `got ${table.numRows}.`,
        { details: { globalBatchSize, rows: table.numRows } },
      );
    }
    return this.#learn(TableStream.from(table), options).completed();
  }

  protected override savedData(): Table | null {
    return this.#initial === null ? null : versionTable(this.#initial);
  }

  #learn(stream: TableStream, options: FitOptions): OnlineKMeansModel {
    const { k, globalBatchSize } = this.params;
    if (this.#initial === null && globalBatchSize < k) {
      throw new InvalidParamError(
        `${WHO}: globalBatchSize must be at least k = ${k} where no initial model is set, got ` +
          `${globalBatchSize}.`,
        { details: { k, globalBatchSize } },
      );
    }
    const session = options.session ?? defaultSession();
    const checkpoint = learningCheckpoint(WHO, stream, options.checkpoint, session);
    const source = new TrainingSource(
      stream,
      (table, firstRow) => this.#cut(table, firstRow),
      true,
    );
    const job = session.job(WHO, { signal: options.signal, checkpoint });
    const initial = this.#initial && clustersOf(this.#initial);
    const learned = learnBatches(job, source, { who: WHO, ...this.params, initial });
    // Another process may have learned more than the initial model: the job knows where it begins.
    const resumes = checkpoint?.resume === true;
    const isNew = resumes ? source.begun : Promise.resolve(true);
    const versions = new ModelVersions({
      versions: this.#versions(job, learned, isNew, options),
      stop: () => source.stop(),
    });
    // Known without the learners: it need not be waited for.
    if (!resumes) versions.latest = this.#initial;
    return OnlineKMeansModel.live(sharedParams(this.params, onlineKMeansModelParams), versions);
  }

  /** Rows in tables that fit a ring; where learners share batches, none has rows of two. */
  *#cut(table: Table, firstRow: number): Generator<Table> {
    const { featuresCol, globalBatchSize, k } = this.params;
    requireNoNull(WHO, featuresCol, vectorsOf(table, featuresCol), firstRow);
    const column = denseColumn(WHO, table, featuresCol);
    const { dim, length } = column;
    const most = Math.max(1, Math.floor(CHUNK_BYTES / (8 * Math.max(dim, 1))));
    const isShared = batchShards(globalBatchSize, k, dim) > 1;
    for (let start = 0; start < length; ) {
      const room = isShared ? globalBatchSize - ((firstRow + start) % globalBatchSize) : most;
      const end = Math.min(length, start + Math.min(room, most));
      yield Table.over(new Map([[FEATURES, column.slice(start, end)]]));
      start = end;
    }
  }

  /**
   * The model that learning starts from, then one a batch; each once, though a job that begins again
   * at a checkpoint learns some of them once more.
   */
  async *#versions(
    job: Job,
    learned: AsyncIterable<LearnedBatch>,
    isNew: Promise<boolean>,
    options: StageOptions,
  ): AsyncGenerator<OnlineKMeansVersion> {
    const batches = learned[Symbol.asyncIterator]();
    try {
      let next = batches.next();
      next.catch(() => {});
      // A job that fails early never says where it begins.
      if (this.#initial !== null && (await Promise.race([isNew, next.then(() => false)]))) {
        // Whoever reads the versions in the turn in which `fit` resolves is to see this one, too.
        await setImmediate();
        yield this.#initial;
      }
      let last = -1;
      for (let result = await next; result.done !== true; result = await next) {
        const { batch } = result.value;
        if (batch > last) yield this.#version(result.value, options);
        last = Math.max(last, batch);
        next = batches.next();
      }
      // Then the workers are free: who waits for the last version may want them.
      await job.run();
    } finally {
      await batches.return?.();
    }
  }

  #version(
    { batch, loss, ...clusters }: LearnedBatch,
    { onProgress }: StageOptions,
  ): OnlineKMeansVersion {
    const modelVersion = (this.#initial?.version ?? 1) + batch;
    if (batch > 0) {
      const rows = batch * this.params.globalBatchSize;
      if (learnChannel.hasSubscribers) {
        learnChannel.publish({ job: WHO, modelVersion, rows, loss } satisfies LearnEvent);
      }
      onProgress?.({ epoch: batch, rows, ...(!Number.isNaN(loss) && { loss }) });
    }
    return versionOf(clusters, modelVersion);
  }
}

/** Bytes of a table of rows, so that several fit a ring. */
const CHUNK_BYTES = 1 << 18;

/** The loop: learners that share batches send sums to each other through the feedback edge. */
function learnBatches(
  job: Job,
  source: AsyncIterable<Table>,
  params: OnlineKMeansLearnerParams,
): AsyncIterable<LearnedBatch> {
  const { versions } = job.iterateUnbounded({
    variables: [job.of<BatchPartial>([]).rebalance()],
    data: [once(job.from(source).broadcast())],
    body: ([partials], [rows]) => {
      const learners = rows.connect(partials.broadcast()).process(OnlineKMeansLearner, params);
      return {
        feedback: [learners],
        outputs: { versions: learners.side<LearnedBatch>(VERSIONS).gather() },
      };
    },
  });
  // A version is the same whenever it is learned: it need not wait for a checkpoint.
  return versions.output({ unconfirmed: true });
}

const vectorsOf = (table: Table, name: string) =>
  requireColumn(WHO, table, name, ['vector', 'sparseVector']);
