import { suite } from 'uvu';
import {
  ChiSqTest,
  FeatureHasher,
  KMeans,
  KMeansModel,
  OnlineLogisticRegression,
  Table,
  TableStream,
} from '../../src/index.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

const test = suite('calls');

const table = Table.fromColumns(
  {
    features: [
      [0, 1],
      [2, 3],
    ],
    label: [0, 1],
    input: [[1], [2]],
  },
  { features: 'vector', input: 'vector' },
);
const INVALID = 'ERR_GYRE_INVALID_PARAM';

test('what takes neither table nor stream says so, naming what it takes and what it got', async () => {
  const rows = [{ features: [1, 2] }] as never;
  await rejectsError(
    new KMeans().fit(rows),
    INVALID,
    /^KMeans\.fit takes a Table or a TableStream, got \[Object\]/,
  );
  const stream = TableStream.from([table]);
  await rejectsError(
    new ChiSqTest().transform(stream as never),
    INVALID,
    /^ChiSqTest\.transform takes a Table, got TableStream; await stream\.collect\(\)/,
  );
  await rejectsError(
    new OnlineLogisticRegression().fit(rows),
    INVALID,
    /^OnlineLogisticRegression\.fit takes a Table or a TableStream, got/,
  );
});

test('an option that a call does not know is refused, with those that it knows', async () => {
  const options = { sesion: 1 } as never;
  await rejectsError(
    new KMeans().fit(table, options),
    INVALID,
    /^KMeans\.fit has no option "sesion"; it has session, signal, onProgress, checkpoint\.$/,
  );
  await rejectsError(
    new OnlineLogisticRegression().fit(table, options),
    INVALID,
    /it has session, signal, onProgress, prequential, checkpoint\.$/,
  );
  const hasher = new FeatureHasher({ inputCols: ['label'] });
  throwsError(() => hasher.transform(table, options), INVALID, /^FeatureHasher\.transform has no/);
});

test('options of another kind are refused', async () => {
  const fit = (options: object) => new KMeans().fit(table, options as never);
  await rejectsError(fit({ session: {} }), INVALID, /session must be a Session, got Object/);
  await rejectsError(fit({ signal: {} }), INVALID, /signal must be an AbortSignal, got Object/);
  await rejectsError(fit({ onProgress: 1 }), INVALID, /onProgress must be a function, got 1/);
});

test('plain arrays in model data are refused by name of the type', () => {
  const data = { centroids: [[1, 2]], weights: [1] } as never;
  throwsError(() => new KMeansModel().setModelData(data), 'ERR_GYRE_MODEL', /DenseVectors/);
});

test('a list where a vector is needed is told how to become one', async () => {
  const lists = Table.fromColumns({
    features: [
      [0, 1],
      [2, 3],
    ],
  });
  const hint =
    /must be vector or sparseVector, got float64\[\]; give a schema: { features: 'vector' }/;
  await rejectsError(new KMeans().fit(lists), 'ERR_GYRE_SCHEMA', hint);
});

test.run();
