import { join } from 'node:path';
import * as arrow from 'apache-arrow';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  MinHashLSH,
  readArrow,
  readCsv,
  readJsonLines,
  type Schema,
  Session,
  SQLTransformer,
  Table,
  TableStream,
  Vectors,
  writeArrow,
  writeCsv,
  writeJsonLines,
  writeParquet,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { tempFolder } from '../io/temp-folder.js';
import { rejectsError, throwsError } from './expect-error.js';

const folder = tempFolder('vector-lists');
const SCHEMA: Schema = { id: 'int32', dense: 'vector[]', sparse: 'sparseVector[]' };

const { dense, sparse } = Vectors;
const ROWS = [
  { id: 1, dense: [dense(1, 2), dense(3, 4)], sparse: [sparse(9, [2], [7])] },
  { id: 2, dense: [], sparse: [sparse(9, [], []), null, sparse(9, [0, 8], [0, -1.5])] },
  { id: 3, dense: null, sparse: null },
  { id: 4, dense: [null, dense(5, 6)], sparse: [] },
  { id: 5, dense: [dense(7, 8)], sparse: [sparse(9, [8], [1])] },
];
const table = Table.fromRows(ROWS, SCHEMA);

const it = (name: string, body: () => void | Promise<void>) => test(name, readable(body));

function same(got: Table, expected: Table = table): void {
  assert.equal(got.schema, expected.schema);
  assert.equal(got.toRows(), expected.toRows());
}

it('schemas name lists of vectors, and rows are read back as they were given', () => {
  assert.equal(table.schema, SCHEMA);
  assert.equal(table.toRows(), ROWS);
  assert.equal(Table.empty(SCHEMA).schema, SCHEMA);
  throwsError(
    () => Table.fromRows(ROWS, { ...SCHEMA, dense: 'vector[][]' as never }),
    'ERR_GYRE_SCHEMA',
    /unknown type "vector\[\]\[\]"; types are .*, sparseVector, and any of these with \[\] after it/,
  );
});

it('lists of vectors are told from their values', () => {
  const told = Table.fromColumns({
    dense: [[dense(1, 2)], [], null],
    sparse: [[sparse(3, [1], [1])], [sparse(3, [], [])], []],
    mixed: [[dense(1, 2)], [sparse(2, [1], [1])], []],
  });
  assert.equal(told.schema, { dense: 'vector[]', sparse: 'sparseVector[]', mixed: 'vector[]' });
  assert.equal(told.column('mixed').get(1), [dense(0, 1)]);
  throwsError(() => Column.from([[[[1]]]]), 'ERR_GYRE_SCHEMA', /lists hold scalars or vectors/);
});

it('arrays in lists are vectors where the type says so', () => {
  const column = Column.from(
    [
      [
        [1, 2],
        [3, 4],
      ],
      [],
    ],
    'vector[]',
  );
  assert.equal(column.toArray(), [[dense(1, 2), dense(3, 4)], []]);
});

it('vectors of a column have one size, also in lists', () => {
  for (const rows of [[[dense(1, 2), dense(1)]], [[dense(1, 2)], [dense(1)]]]) {
    throwsError(
      () => Column.from(rows),
      'ERR_GYRE_DIMENSION',
      /elements of lists: row 1 has a vector/,
    );
  }
  const parts = [[[dense(1, 2)]], [[dense(1)]]].map((v) => Table.fromColumns({ v }));
  throwsError(() => Table.concat(parts), 'ERR_GYRE_DIMENSION', /"v"/);
});

it('Column.list takes vectors as its child, and no lists', () => {
  const child = Column.dense([1, 2, 3, 4, 5, 6], 2);
  const lists = Column.list(Int32Array.of(0, 1, 3), child);
  assert.is(lists.type, 'vector[]');
  assert.equal(lists.get(1), [dense(3, 4), dense(5, 6)]);
  throwsError(
    () => Column.list(Int32Array.of(0, 2), lists),
    'ERR_GYRE_SCHEMA',
    /lists hold scalars or vectors, got a child of vector\[\]/,
  );
});

it('rows are taken, cut and put together', () => {
  assert.equal(
    table.take(Int32Array.of(4, 1, 1)).toRows(),
    [4, 1, 1].map((row) => ROWS[row]),
  );
  assert.equal(table.slice(1, 4).toRows(), ROWS.slice(1, 4));
  same(Table.concat([table.slice(0, 2), table.slice(2, 3), table.slice(3)]));
  same(Table.concat([table.slice(0, 0), table]));
});

it('they go to Arrow and back, whole, in slices and without rows', () => {
  for (const [start, end] of [
    [0, 5],
    [1, 4],
    [2, 3],
    [5, 5],
  ] as const) {
    const part = table.slice(start, end);
    same(Table.fromArrow(part.toArrow()), part);
  }
  const size = Table.fromArrow(table.slice(5).toArrow()).column('sparse', 'sparseVector[]').child;
  assert.is(size.layout === 'sparse' && size.size, 9, 'the size stays without rows');
});

it('lists that apache-arrow has made are read', () => {
  const item = (type: arrow.DataType) => new arrow.Field('item', type, true);
  const vector = new arrow.FixedSizeList(2, item(new arrow.Float64()));
  const made = arrow.vectorFromArray(
    [
      [[1, 2]],
      [],
      [
        [3, 4],
        [5, 6],
      ],
    ],
    new arrow.List(item(vector)),
  );
  const read = Table.fromArrow(new arrow.Table({ v: made }) as never);
  assert.equal(read.schema, { v: 'vector[]' });
  assert.equal(read.column('v').toArray(), [[dense(1, 2)], [], [dense(3, 4), dense(5, 6)]]);
  const deep = new arrow.List(
    item(new arrow.List(item(new arrow.List(item(new arrow.Float64()))))),
  );
  throwsError(
    () => Table.fromArrow(new arrow.Table({ v: arrow.vectorFromArray([[[[1]]]], deep) }) as never),
    'ERR_GYRE_SCHEMA',
    /which no column type holds/,
  );
});

it('Arrow files and streams keep them, in batches', async () => {
  for (const format of ['file', 'stream'] as const) {
    const path = join(folder, `lists-${format}.arrow`);
    await writeArrow(path, table, { format, batchSize: 2 });
    same(await readArrow(path).collect());
  }
});

it('JSON Lines and CSV keep them, with a schema', async () => {
  // Nulls in a vector column of JSON are nulls; sparse vectors keep the zeros that they store.
  const lines = join(folder, 'lists.jsonl');
  await writeJsonLines(lines, table);
  same(await readJsonLines(lines, { schema: SCHEMA }).collect());
  const cells = join(folder, 'lists.csv');
  await writeCsv(cells, table);
  same(await readCsv(cells, { schema: SCHEMA }).collect());
});

it('Parquet does not, and says what does', async () => {
  for (const name of ['dense', 'sparse']) {
    const call = writeParquet(join(folder, `${name}.parquet`), table.select([name]));
    await rejectsError(
      call,
      'ERR_GYRE_SCHEMA',
      new RegExp(`"${name}" is .*ector\\[\\], .*write Arrow`),
    );
  }
});

it('DuckDB takes and gives them', async () => {
  const sql = new SQLTransformer({ statement: 'SELECT * FROM __THIS__ ORDER BY id' });
  same(await sql.transform(table));
});

it('they are printed and described', () => {
  const text = table.toText({ width: 200 });
  assert.match(text, /\[\[1, 2\], \[3, 4\]\]/);
  assert.match(text, /vector\[\]/);
  const counts = table.describe().toRows();
  assert.equal(
    counts.map(({ column }) => column),
    ['id', 'dense', 'sparse'],
  );
});

it('a stream holds its batches to the type', async () => {
  const stream = TableStream.from(ROWS, { schema: SCHEMA, batchSize: 2 });
  same(await stream.collect());
});

it('the hashes of MinHashLSH are such a column, on workers too, and go to Arrow and back', async () => {
  const input = Table.fromColumns({
    input: Column.dense(
      Float64Array.from({ length: 3000 }, (_, i) => (i % 7 < 3 ? 1 : 0)),
      10,
    ),
  });
  const params = { numHashTables: 3, numHashFunctionsPerTable: 2, seed: 1 };
  const model = await new MinHashLSH(params).fit(input);
  const session = new Session({ threads: 2, inlineWork: 0 });
  const hashed = await model.transform(input, { session });
  await session.close();
  assert.is(hashed.schema.output, 'vector[]');
  same(hashed, await model.transform(input));
  same(Table.fromArrow(hashed.toArrow()), hashed);
  same(Table.fromRows(hashed.toRows(), hashed.schema), hashed);
  const key = Vectors.dense(Array.from({ length: 10 }, (_, i) => (i < 3 ? 1 : 0)));
  const again = await model.approxNearestNeighbors(Table.fromArrow(hashed.toArrow()), key, 2);
  same(again, await model.approxNearestNeighbors(hashed, key, 2));
});

test.run();
