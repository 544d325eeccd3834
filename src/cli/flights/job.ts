/** The job of `gyre demo flights`: features in, predictions and a model out. */
import {
  FeatureHasher,
  OnlineLogisticRegression,
  type Session,
  type Table,
  TableStream,
} from '../../index.js';
import { FEATURE_COLUMNS, FlightFeatures, type FlightLog } from './features.js';
import { type Measures, PrequentialEvaluation, type Totals } from './prequential.js';
import { flightStream, Stopwatch } from './stream.js';

/** What the job is told. */
export interface FlightsJob {
  readonly file: string;
  /** How many flights to take, from the first on. */
  readonly rows: number;
  readonly batchSize: number;
  readonly alpha: number;
  readonly beta: number;
  /** Makes all features before the learning starts, so that its time is its own. */
  readonly preload: boolean;
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Called after every batch of predictions. */
  readonly onBatch: (evaluation: PrequentialEvaluation, modelVersion: number) => void;
}

/** Seconds, by what they were spent on. */
export interface FlightsTimes {
  /** Decoding the file. */
  readonly reading: number;
  /** Making dictionary columns of it. */
  readonly features: number;
  readonly hashing: number;
  /** The rest: learning, predicting, and measuring the predictions. */
  readonly learning: number;
  readonly total: number;
}

/** What the job gives. */
export interface FlightsResult {
  readonly totals: Totals;
  readonly windows: readonly Measures[];
  /** Of every flight, in order. */
  readonly probabilities: Float64Array;
  readonly labels: Uint8Array;
  readonly log: FlightLog;
  readonly modelVersion: number;
  readonly seconds: FlightsTimes;
}

/** Slots of the hashed features. */
const NUM_FEATURES = 262_144;
/** Windows of the learning curve, at most, and the fewest flights of one. */
const WINDOWS = 180;
const MIN_WINDOW_ROWS = 1000;

/** Predicts every flight before it is learned from. */
export async function runFlights(job: FlightsJob): Promise<FlightsResult> {
  const start = performance.now();
  const flights = new FlightFeatures(job.rows);
  const [reading, making, hashing] = [new Stopwatch(), new Stopwatch(), new Stopwatch()];
  const read = reading.time(flightStream(job.file, job.rows, job.signal));
  const made = making.time(read.map((table) => flights.transform(table)));
  const hasher = new FeatureHasher({
    inputCols: FEATURE_COLUMNS,
    numFeatures: NUM_FEATURES,
    outputCol: 'features',
  });
  const { session, signal } = job;
  let stream = hashing.time(hasher.transform(made, { session, signal }).map(learned));
  if (job.preload) stream = await preloaded(stream);

  const windowRows = Math.max(MIN_WINDOW_ROWS, Math.ceil(job.rows / WINDOWS));
  const evaluation = new PrequentialEvaluation(job.rows, windowRows);
  const modelVersion = await learn(job, stream, evaluation);
  const total = (performance.now() - start) / 1000;
  return {
    totals: evaluation.finish(modelVersion),
    windows: evaluation.windows,
    probabilities: evaluation.probabilities,
    labels: evaluation.labels,
    log: flights.log,
    modelVersion,
    seconds: {
      reading: reading.seconds,
      features: making.seconds - reading.seconds,
      hashing: hashing.seconds - making.seconds,
      learning: total - hashing.seconds,
      total,
    },
  };
}

/** The columns that the estimator reads; the others need not stay in memory. */
const learned = (table: Table): Table => table.select(['features', 'label']);

async function preloaded(stream: TableStream): Promise<TableStream> {
  const tables: Table[] = [];
  for await (const table of stream) tables.push(table);
  return TableStream.from(tables);
}

/** Returns the version of the model at the end. */
async function learn(
  { batchSize, alpha, beta, session, signal, onBatch }: FlightsJob,
  stream: TableStream,
  evaluation: PrequentialEvaluation,
): Promise<number> {
  const estimator = new OnlineLogisticRegression({
    featuresCol: 'features',
    labelCol: 'label',
    globalBatchSize: batchSize,
    alpha,
    beta,
  });
  const model = await estimator.fit(stream, { session, signal, prequential: true });
  for await (const { modelVersion, probabilities, labels } of model.predictions()) {
    evaluation.add(modelVersion, probabilities, labels);
    onBatch(evaluation, modelVersion);
  }
  await model.completed();
  return model.version;
}
