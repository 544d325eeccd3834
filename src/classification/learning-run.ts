/**
 * An online learning job, seen from the main thread: it feeds the learners with what the stream
 * gives, asks them for the model, and puts the parts that they own together.
 */
import { ModelDataError } from '../core/errors.js';
import { once } from '../engine/iterate.js';
import type { Job } from '../engine/job.js';
import type { DataStream } from '../engine/stream.js';
import type { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';
import {
  EVERY_VERSION,
  FtrlLearner,
  type FtrlParams,
  type LearnerInput,
  type LearnerProgress,
  type Margins,
  type ModelPart,
  type ModelRequest,
  PARTS,
  PREDICTIONS,
  PROGRESS,
  type PrequentialBatch,
} from './ftrl-learner.js';
import type { OnlineLogisticRegressionModelData } from './online-logistic-regression-model.js';

type ModelData = OnlineLogisticRegressionModelData;

/** Number of the final model, which learners send by themselves. */
const FINAL = 0;

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  // It may be that nobody waits for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/** Rows of a stream with the wishes of the main thread between them. */
class LearnerSource implements AsyncIterable<LearnerInput> {
  readonly #chunks: AsyncIterator<Table>;
  readonly #requests: ModelRequest[] = [];
  #wake: (() => void) | null = null;
  #stopped = false;

  constructor(chunks: AsyncIterable<Table>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  request(snapshot: number): void {
    this.#requests.push({ snapshot });
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<LearnerInput> {
    try {
      let next: Promise<IteratorResult<Table>> | null = null;
      for (;;) {
        while (this.#requests.length > 0) yield this.#requests.shift()!;
        if (this.#stopped) return;
        next ??= this.#chunks.next();
        const result = await Promise.race([next, this.#called()]);
        if (result === null) continue;
        next = null;
        if (result.done) return;
        yield result.value;
      }
    } finally {
      await this.#chunks.return?.();
    }
  }

  /** Resolves with null when there is a request, or the source is stopped. */
  #called(): Promise<null> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve(null);
      };
      if (this.#requests.length > 0 || this.#stopped) this.#wake();
    });
  }
}

/** Versions for a reader, one at a time: whoever puts waits until it is taken. */
class UpdateQueue {
  readonly #queue: ModelData[] = [];
  #reader = deferred<void>();
  #taken = deferred<void>();
  #end: { readonly error: unknown } | null = null;
  #left = false;

  async put(data: ModelData): Promise<void> {
    if (this.#left) return;
    this.#queue.push(data);
    this.#reader.resolve();
    await this.#taken.promise;
  }

  end(error: unknown): void {
    this.#end = { error };
    this.#reader.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ModelData> {
    try {
      for (;;) {
        const data = this.#queue.shift();
        if (data !== undefined) {
          this.#taken.resolve();
          this.#taken = deferred();
          yield data;
        } else if (this.#end !== null) {
          if (this.#end.error !== null) throw this.#end.error;
          return;
        } else {
          this.#reader = deferred();
          await this.#reader.promise;
        }
      }
    } finally {
      this.#left = true;
      this.#taken.resolve();
    }
  }
}

/** What a run needs beside its job. */
export interface LearningRunOptions {
  /** Tables of the learners' columns. */
  readonly chunks: AsyncIterable<Table>;
  readonly params: FtrlParams;
  readonly initial: ModelData | null;
  /** Called as learning goes on, with all rows so far. */
  readonly onProgress: (progress: LearnerProgress, rows: number) => void;
}

export class LearningRun {
  /** The newest model that has arrived here. */
  latest: ModelData | null;
  /** Version of the model that the learners have. */
  version: number;
  /** Settles when the learners have ended. */
  readonly completed: Promise<void>;
  readonly #source: LearnerSource;
  readonly #predictions: AsyncIterable<PrequentialBatch> | null;
  readonly #waiting = new Map<number, Deferred<ModelData>>();
  readonly #parts = new Map<string, ModelPart[]>();
  readonly #updates = new UpdateQueue();
  readonly #initialVersion: number;
  #asked = FINAL;
  #ended = false;

  constructor(job: Job, { chunks, params, initial, onProgress }: LearningRunOptions) {
    this.latest = initial;
    this.#initialVersion = initial?.modelVersion ?? 0;
    this.version = this.#initialVersion;
    this.#source = new LearnerSource(chunks);
    const outputs = buildLearners(job, this.#source, params);
    // Outputs must be asked for before the job starts, whoever reads them later.
    const predictions = params.prequential
      ? outputs.predictions.output()[Symbol.asyncIterator]()
      : null;
    this.#predictions = predictions && { [Symbol.asyncIterator]: () => predictions };
    const parts = outputs.parts.output();
    const progress = outputs.progress.output();
    const readParts = async () => {
      for await (const part of parts) await this.#addPart(part);
    };
    const readProgress = async () => {
      let rows = 0;
      for await (const batch of progress) {
        this.version = batch.modelVersion;
        rows += batch.rows;
        onProgress(batch, rows);
      }
    };
    this.completed = this.#complete(Promise.all([readParts(), readProgress(), job.run()]));
    this.completed.catch(() => {});
  }

  predictions(): AsyncIterable<PrequentialBatch> {
    if (this.#predictions !== null) return this.#predictions;
    throw new ModelDataError(
      'OnlineLogisticRegressionModel.predictions: fit the model with { prequential: true }.',
    );
  }

  /** The model after the batches that have been delivered; waits for the first version. */
  async snapshot(): Promise<ModelData> {
    if (this.#ended) {
      await this.completed;
      return this.#requireLatest();
    }
    const number = ++this.#asked;
    const wish = deferred<ModelData>();
    this.#waiting.set(number, wish);
    this.#source.request(number);
    return wish.promise;
  }

  updates(): AsyncIterableIterator<ModelData> {
    if (!this.#ended) this.#source.request(EVERY_VERSION);
    return this.#updates[Symbol.asyncIterator]();
  }

  async stop(): Promise<void> {
    this.#source.stop();
    await this.completed;
  }

  /** Completes a model when the part of the last learner comes. */
  async #addPart(part: ModelPart): Promise<void> {
    const key = `${part.snapshot}/${part.modelVersion}`;
    const parts = this.#parts.get(key) ?? [];
    this.#parts.set(key, parts);
    parts.push(part);
    if (parts.length < part.parts) return;
    this.#parts.delete(key);
    // Nothing was learned: what there is, is the initial model.
    if (part.modelVersion === this.#initialVersion) return;
    const data = assemble(parts);
    this.latest = data;
    if (part.snapshot === EVERY_VERSION) await this.#updates.put(data);
    this.#waiting.get(part.snapshot)?.resolve(data);
    this.#waiting.delete(part.snapshot);
  }

  async #complete(running: Promise<unknown>): Promise<void> {
    try {
      await running;
      this.#end(null);
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  /** Answers those who wait: with the final model, or with why there is none. */
  #end(error: unknown): void {
    this.#ended = true;
    this.#updates.end(error);
    for (const wish of this.#waiting.values()) {
      if (error !== null) wish.reject(error);
      else if (this.latest !== null) wish.resolve(this.latest);
      else wish.reject(noModel());
    }
    this.#waiting.clear();
  }

  #requireLatest(): ModelData {
    if (this.latest === null) throw noModel();
    return this.latest;
  }
}

function noModel(): ModelDataError {
  return new ModelDataError(
    'OnlineLogisticRegressionModel: the stream ended before a batch was complete, so there is no ' +
      'model; use a smaller globalBatchSize or set an initial model.',
  );
}

function assemble(parts: readonly ModelPart[]): ModelData {
  const [{ size, modelVersion }] = parts as readonly [ModelPart];
  const whole = (field: 'coefficient' | 'z' | 'n') => {
    const values = new Float64Array(size);
    for (const part of parts) values.set(part[field], part.lo);
    return new DenseVector(values);
  };
  return { coefficient: whole('coefficient'), z: whole('z'), n: whole('n'), modelVersion };
}

interface LearnerOutputs {
  readonly parts: DataStream<ModelPart>;
  readonly predictions: DataStream<PrequentialBatch>;
  readonly progress: DataStream<LearnerProgress>;
}

/** The loop: learners send margins to each other through the feedback edge. */
function buildLearners(
  job: Job,
  source: AsyncIterable<LearnerInput>,
  params: FtrlParams,
): LearnerOutputs {
  return job.iterateUnbounded({
    variables: [job.of<Margins>([]).rebalance()],
    data: [once(job.from(source).broadcast())],
    body: ([margins], [rows]) => {
      const learners = rows.connect(margins.broadcast()).process(FtrlLearner, params);
      return {
        feedback: [learners],
        outputs: {
          parts: learners.side<ModelPart>(PARTS).gather(),
          predictions: learners.side<PrequentialBatch>(PREDICTIONS).gather(),
          progress: learners.side<LearnerProgress>(PROGRESS).gather(),
        },
      };
    },
  });
}
