import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Column, IDF, IDFModel, Table, Vectors } from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { seeded } from '../reference/random.js';
import { rejectsError, throwsError } from '../table/expect-error.js';

function tableOf(rows: readonly (readonly number[])[]): Table {
  return Table.fromColumns({ input: rows }, { input: 'vector' });
}

function sparseOf(rows: readonly (readonly number[])[]): Table {
  return Table.fromColumns({ input: rows.map((row) => Vectors.dense(row).toSparse()) });
}

test(
  'sparse vectors teach what dense ones do, over many shards too',
  readable(async () => {
    const random = seeded(451);
    const rows = Array.from({ length: 9000 }, () =>
      Array.from({ length: 6 }, (_, t) => (random.below(t + 2) === 0 ? random.unit() - 0.2 : 0)),
    );
    const counts = Array.from({ length: 6 }, (_, t) => rows.filter((row) => row[t]! > 0).length);
    for (const table of [tableOf(rows), sparseOf(rows)]) {
      const { idf, docFreq, numDocs } = (await new IDF().fit(table)).modelData;
      assert.equal([...docFreq.values], counts);
      assert.is(numDocs, 9000);
      assert.equal(
        [...idf.values],
        counts.map((df) => Math.log(9001 / (df + 1))),
      );
    }
  }),
);

test(
  'an entry below 0, NaN, -0 or a stored 0 is no occurrence; an infinity is one',
  readable(async () => {
    const rows = [[-1, Number.NaN, -0, Number.POSITIVE_INFINITY]];
    assert.equal([...(await new IDF().fit(tableOf(rows))).modelData.docFreq.values], [0, 0, 0, 1]);
    const stored = Column.sparse(
      2,
      Int32Array.of(0, 2),
      Int32Array.of(0, 1),
      Float64Array.of(0, 1),
    );
    const { docFreq } = (await new IDF().fit(Table.fromColumns({ input: stored }))).modelData;
    assert.equal([...docFreq.values], [0, 1]);
  }),
);

test(
  'minDocFreq leaves out entries that are in fewer rows: idf and docFreq are 0',
  readable(async () => {
    const model = await new IDF({ minDocFreq: 2 }).fit(
      tableOf([
        [1, 1, 0],
        [1, 0, 0],
        [0, 0, 0],
      ]),
    );
    const { idf, docFreq } = model.modelData;
    assert.equal([...docFreq.values], [2, 0, 0]);
    assert.equal([...idf.values], [Math.log(4 / 3), 0, 0]);
  }),
);

test(
  'vectors keep their form: sparse ones with their own indices, also where the weight is 0',
  readable(async () => {
    const data = { idf: Vectors.dense([2, 0, 3]), docFreq: Vectors.dense([1, 1, 1]), numDocs: 1 };
    const model = new IDFModel().setModelData(data);
    const sparse = Table.fromColumns({ input: [Vectors.sparse(3, [1, 2], [5, -1])] });
    const output = await model.transform(sparse);
    assert.is(String(output.column('output').get(0)), '(3, [1, 2], [0.0, -3.0])');
    const dense = await model.transform(tableOf([[1, Number.NaN, 4]]));
    assert.equal([...dense.column('output', 'vector').values], [2, Number.NaN, 12]);
    const narrow = Table.fromColumns({ input: Column.dense(Float32Array.of(1, 2, 0.5), 3) });
    const widened = (await model.transform(narrow)).column('output', 'vector').values;
    assert.equal([...widened], [2, 0, 1.5]);
  }),
);

test(
  'vectors of other sizes in one column cannot be, and of another size than the model are refused',
  readable(async () => {
    const model = await new IDF().fit(tableOf([[1, 2]]));
    const message = /"input" must have vectors of size 2, got 3/;
    await rejectsError(model.transform(tableOf([[1, 2, 3]])), 'ERR_GYRE_DIMENSION', message);
  }),
);

test('model data that do not fit are refused', () => {
  const set = (data: object) => () => new IDFModel().setModelData(data as never);
  const [one, two] = [Vectors.dense([1]), Vectors.dense([1, 2])];
  throwsError(set({ idf: [1], docFreq: one, numDocs: 1 }), 'ERR_GYRE_MODEL', /idf must be a dense/);
  throwsError(set({ idf: one, docFreq: two, numDocs: 1 }), 'ERR_GYRE_DIMENSION', /one size/);
  for (const numDocs of [-1, 0.5, '3']) {
    throwsError(set({ idf: one, docFreq: one, numDocs }), 'ERR_GYRE_MODEL', /numDocs must be an/);
  }
});

test.run();
