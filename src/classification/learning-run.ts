/**
 * An online learning job, seen from the main thread: it feeds the learners with what the stream
 * gives, asks them for the model, and puts the parts that they own together.
 */
import { ModelDataError } from '../core/errors.js';
import { once } from '../engine/iterate.js';
import type { Job } from '../engine/job.js';
import type { DataStream } from '../engine/stream.js';
import { deferred } from '../online/deferred.js';
import type { LiveVersions } from '../online/live-versions.js';
import type { TrainingSource } from '../online/training-source.js';
import { VersionReaders } from '../online/version-readers.js';
import { DenseVector } from '../table/vector.js';
import { FtrlLearner } from './ftrl-learner.js';
import {
  EVERY_VERSION,
  FINAL,
  type FtrlParams,
  type LearnerProgress,
  type Margins,
  type ModelPart,
  PARTS,
  PREDICTIONS,
  PROGRESS,
  type PrequentialBatch,
} from './ftrl-messages.js';
import { LearnerSource } from './learner-source.js';
import type { OnlineLogisticRegressionModelData } from './online-logistic-regression-model.js';

type ModelData = OnlineLogisticRegressionModelData;

/** What a run needs beside its job. */
export interface LearningRunOptions {
  /** Tables of the learners' columns. */
  readonly rows: TrainingSource;
  readonly params: FtrlParams;
  readonly initial: ModelData | null;
  /** Called as learning goes on. */
  readonly onProgress: (progress: LearnerProgress) => void;
}

export class LearningRun implements LiveVersions<ModelData> {
  /** The newest model that has arrived here. */
  latest: ModelData | null;
  /** Version of the model that the learners have. */
  version: number;
  /** Settles when the learners have ended. */
  readonly completed: Promise<void>;
  readonly #source: LearnerSource;
  readonly #predictions: AsyncIterable<PrequentialBatch> | null;
  /** By request and version: the parts that have come, by their first feature. */
  readonly #parts = new Map<string, Map<number, ModelPart>>();
  readonly #readers = new VersionReaders<ModelData>();
  readonly #watchers: ((data: ModelData) => void)[] = [];
  readonly #initialVersion: number;
  /** Newest version that readers and watchers have. */
  #told: number;
  #news = deferred<void>();
  #ended = false;

  constructor(job: Job, { rows, params, initial, onProgress }: LearningRunOptions) {
    this.latest = initial;
    this.#initialVersion = initial?.modelVersion ?? 0;
    this.version = this.#initialVersion;
    this.#told = this.#initialVersion;
    this.#source = new LearnerSource(rows);
    const outputs = buildLearners(job, this.#source, params);
    // Outputs must be asked for before the job starts, whoever reads them later. A job that begins
    // again at a checkpoint gives once more, to the bit, what it gave after that: what comes out
    // need not wait for a checkpoint, and is told by its version from what was there before.
    const unconfirmed = { unconfirmed: true };
    this.#predictions = params.prequential
      ? onceEach(outputs.predictions.output(unconfirmed)[Symbol.asyncIterator]())
      : null;
    const parts = outputs.parts.output(unconfirmed);
    const progress = outputs.progress.output(unconfirmed);
    const readParts = async () => {
      for await (const part of parts) await this.#addPart(part);
    };
    const readProgress = async () => {
      for await (const batches of progress) {
        if (batches.modelVersion < this.version) continue;
        this.version = batches.modelVersion;
        onProgress(batches);
      }
    };
    this.completed = this.#complete(Promise.all([readParts(), readProgress(), job.run()]));
    this.completed.catch(() => {});
  }

  get current(): ModelData | null {
    return this.latest;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get news(): Promise<void> {
    return this.#news.promise;
  }

  predictions(): AsyncIterable<PrequentialBatch> {
    if (this.#predictions === null) throw noPredictions();
    return this.#predictions;
  }

  /** The model after the batches that have been delivered; waits for the first version. */
  async newest(): Promise<ModelData | null> {
    if (!this.#ended) {
      const answer = await this.#source.request();
      if (answer !== null) return answer;
    }
    await this.completed;
    return this.latest;
  }

  updates(): AsyncIterableIterator<ModelData> {
    this.#source.requestEveryVersion();
    return this.#readers.read(this.completed);
  }

  watch(onVersion: (data: ModelData) => void): void {
    this.#source.requestEveryVersion();
    this.#watchers.push(onVersion);
  }

  async stop(): Promise<void> {
    this.#source.stop();
    await this.completed;
  }

  /** Completes a model when the part of the last learner comes. */
  async #addPart(part: ModelPart): Promise<void> {
    const { request, modelVersion } = part;
    const key = `${request}/${modelVersion}`;
    const parts = this.#parts.get(key) ?? new Map<number, ModelPart>();
    this.#parts.set(key, parts);
    parts.set(part.lo, part);
    if (parts.size < part.parts) return;
    this.#parts.delete(key);
    // Nothing was learned: what there is, is the initial model.
    if (modelVersion === this.#initialVersion) return;
    const known = this.latest?.modelVersion ?? -1;
    // After a new beginning, versions come that were there before.
    const data = modelVersion === known ? this.latest! : assemble([...parts.values()]);
    if (modelVersion > known) this.latest = data;
    this.version = Math.max(this.version, modelVersion);
    // Also of those, a snapshot is never older than one before.
    this.#source.answer(request, this.latest!);
    // The wish for every version finds no way to the learners when the rows have ended: who has it
    // gets the final one.
    const isForAll = request === EVERY_VERSION || request === FINAL;
    if (isForAll && modelVersion > this.#told) await this.#tell(data);
  }

  async #tell(data: ModelData): Promise<void> {
    this.#told = data.modelVersion;
    for (const watcher of this.#watchers) watcher(data);
    this.#wake();
    await this.#readers.put(data);
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
    this.#parts.clear();
    this.#source.end(error);
    this.#readers.end();
    this.#wake();
  }

  #wake(): void {
    const { resolve } = this.#news;
    this.#news = deferred();
    resolve();
  }
}

/** Why a model has no predictions. */
export function noPredictions(): ModelDataError {
  return new ModelDataError(
    'OnlineLogisticRegressionModel.predictions: fit the model with { prequential: true }.',
  );
}

/** Predictions of each version once: a job that begins again makes some of them once more. */
async function* onceEach(
  batches: AsyncIterator<PrequentialBatch>,
): AsyncGenerator<PrequentialBatch, undefined> {
  let last = -1;
  try {
    for (;;) {
      const { done, value } = await batches.next();
      if (done) return undefined;
      if (value.modelVersion <= last) continue;
      last = value.modelVersion;
      yield value;
    }
  } finally {
    await batches.return?.();
  }
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
function buildLearners(job: Job, source: LearnerSource, params: FtrlParams): LearnerOutputs {
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
