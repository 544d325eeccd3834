/** Counts the bytes that each way through the library copies, on the calling thread. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Column,
  KMeans,
  LogisticRegression,
  MinMaxScaler,
  OneHotEncoder,
  OnlineStandardScaler,
  PipelineModel,
  readArrow,
  readParquet,
  Session,
  StandardScaler,
  StringIndexer,
  Table,
  TableStream,
  writeArrow,
  writeParquet,
} from '../../src/index.js';
import { float64 } from '../../src/table/buffers.js';
import { answer } from './ask.js';
import { copiedBytes } from './count-copies.js';
import { FITS, inputOf } from './fits.js';

/** Bytes that a way copies for each row. */
export interface CopiedPerRow {
  readonly way: string;
  /** Of a row where the data came from. */
  readonly rowBytes: number;
  readonly copied: number;
}

export interface CopiesParams {
  readonly rows: number;
}

const FEATURES = 16;
const VECTOR_BYTES = 8 * FEATURES;
const STRING_BYTES = 12;
const CATEGORIES = 50;

await answer(async ({ rows }: CopiesParams): Promise<CopiedPerRow[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'gyre-growth-'));
  const session = new Session({ threads: 0, inlineWork: 0 });
  const options = { session };
  const counted: CopiedPerRow[] = [];
  const count = async <T>(
    way: string,
    rowBytes: number,
    work: () => T | Promise<T>,
  ): Promise<T> => {
    // Code, buffers and samples that a first call makes are not copied for every row.
    const result = await work();
    counted.push({ way, rowBytes, copied: (await copiedBytes(work)) / rows });
    return result;
  };
  try {
    const whole = inputOf(FITS.StandardScaler!, rows, FEATURES) as Table;
    const table = whole.select(['features']);
    const { values } = table.column('features', 'vector');
    const strings = inputOf(FITS['StringIndexer, 1000 labels']!, rows, 1) as Table;
    const scaling = { inputCol: 'features', outputCol: 'scaled' };

    await count('Table.fromColumns of typed arrays', VECTOR_BYTES, () =>
      Table.fromColumns({ features: Column.dense(values, FEATURES) }),
    );
    const arrow = await count('table.toArrow()', VECTOR_BYTES, () => table.toArrow());
    await count('Table.fromArrow', VECTOR_BYTES, () => Table.fromArrow(arrow));

    const scaler = await count('StandardScaler.fit', VECTOR_BYTES, () =>
      new StandardScaler(scaling).fit(table, options),
    );
    await count('StandardScalerModel.transform', VECTOR_BYTES, () =>
      scaler.transform(table, options),
    );
    const minMax = await new MinMaxScaler({ inputCol: 'scaled', outputCol: 'unit' }).fit(
      await scaler.transform(table, options),
      options,
    );
    const pipeline = new PipelineModel([scaler, minMax]);
    await count('pipeline of two scalers', VECTOR_BYTES, () => pipeline.transform(table, options));
    const kmeans = await count('KMeans.fit, 10 rounds', VECTOR_BYTES, () =>
      new KMeans({ k: 10, maxIter: 10 }).fit(table, options),
    );
    await count('KMeansModel.transform', VECTOR_BYTES, () => kmeans.transform(table, options));
    const regression = await count('LogisticRegression.fit, 10 rounds', VECTOR_BYTES + 8, () =>
      new LogisticRegression({ solver: 'lbfgs', maxIter: 10, reg: 0.01 }).fit(whole, options),
    );
    await count('LogisticRegressionModel.transform', VECTOR_BYTES, () =>
      regression.transform(table, options),
    );

    const names = { inputCols: ['c'], outputCols: ['i'] };
    const indexer = await count('StringIndexer.fit of UTF-8', STRING_BYTES, () =>
      new StringIndexer(names).fit(strings, options),
    );
    await count('StringIndexerModel.transform of UTF-8', STRING_BYTES, () =>
      indexer.transform(strings, options),
    );
    const x = float64(rows).map((_, row) => row % CATEGORIES);
    const indices = Table.fromColumns({ x });
    const oneHot = await new OneHotEncoder({ inputCols: ['x'], outputCols: ['v'] }).fit(
      indices,
      options,
    );
    await count('OneHotEncoderModel.transform', 8, () => oneHot.transform(indices, options));

    const batches = () => TableStream.from([table.slice(0, rows / 2), table.slice(rows / 2, rows)]);
    await count('StandardScaler.fit of a stream', VECTOR_BYTES, () =>
      new StandardScaler(scaling).fit(batches(), options),
    );
    await count('OnlineStandardScaler.fit of a stream', VECTOR_BYTES, async () => {
      const model = await new OnlineStandardScaler(scaling).fit(batches(), options);
      await model.completed();
    });
    await count('transform of a stream', VECTOR_BYTES, () =>
      drain(scaler.transform(batches(), options)),
    );
    const [ipc, parquet] = [join(folder, 'data.arrow'), join(folder, 'data.parquet')];
    await count('writeArrow', VECTOR_BYTES, () => writeArrow(ipc, table));
    await count('readArrow', VECTOR_BYTES, () => drain(readArrow(ipc)));
    const numbers = Table.fromColumns({ x });
    await count('writeParquet, numbers', 8, () => writeParquet(parquet, numbers));
    await count('readParquet, numbers', 8, () => drain(readParquet(parquet)));
    const servable = scaler.toServable({ schema: { features: 'vector' } });
    await count('a served table', VECTOR_BYTES, () => servable.transform(table));
  } finally {
    await session.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return counted;
});

async function drain(stream: TableStream): Promise<void> {
  for await (const _ of stream);
}
