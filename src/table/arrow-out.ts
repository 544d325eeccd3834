/** Columns to Arrow tables, over the same memory. The only place that loads `apache-arrow`. */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type {
  Table as ArrowTable,
  Vector as ArrowVector,
  Data,
  DataType,
  Field,
  Utf8,
} from 'apache-arrow';
import { int32 } from './buffers.js';
import type { Column } from './column.js';
import type { SparseVectorColumn } from './sparse-vector-column.js';
import { TIME_UNITS } from './timestamp-column.js';
import { encodeStrings } from './utf8-builder.js';

/** The module `apache-arrow`. */
export type ArrowLibrary = typeof import('apache-arrow');

let loaded: ArrowLibrary | undefined;

/**
 * Loading takes about 200 ms and is needed by few programs, so it waits until here. It has to be
 * the ES module, the one that `import 'apache-arrow'` gives users: objects of the CommonJS copy
 * are taken by its IPC writer without complaint, and written as nothing.
 */
function arrowLibrary(): ArrowLibrary {
  loaded ??= createRequire(import.meta.url)(
    fileURLToPath(import.meta.resolve('apache-arrow')),
  ) as ArrowLibrary;
  return loaded;
}

/** The columns as an Arrow table of one record batch. */
export function columnsToArrow(
  columns: ReadonlyMap<string, Column>,
  rows: number,
  arrow: ArrowLibrary = arrowLibrary(),
): ArrowTable {
  const children = Array.from(columns.values(), (column) => dataOf(arrow, column));
  const fields = Array.from(columns).map(([name, column], i) => {
    const vectors = column.layout === 'list' ? column.child : column;
    const size = vectors.layout === 'sparse' ? [['gyre.size', String(vectors.size)] as const] : [];
    return new arrow.Field(name, children[i]!.type, true, new Map(size));
  });
  const schema = new arrow.Schema(fields);
  const type = new arrow.Struct(fields);
  const data = arrow.makeData({ type, length: rows, nullCount: 0, children });
  return new arrow.Table(schema, new arrow.RecordBatch(schema, data));
}

function dataOf(arrow: ArrowLibrary, column: Column): Data {
  const common = {
    length: column.length,
    nullCount: column.nullCount,
    nullBitmap: column.nullCount === 0 ? undefined : column.validity,
  };
  switch (column.layout) {
    case 'numeric': {
      const types = { float64: arrow.Float64, float32: arrow.Float32, int32: arrow.Int32 };
      const type = new types[column.type]() as DataType;
      return arrow.makeData({ ...common, type, data: column.values } as never);
    }
    case 'int64':
      return arrow.makeData({ ...common, type: new arrow.Int64(), data: column.values });
    case 'timestamp': {
      const type = new arrow.Timestamp(TIME_UNITS.indexOf(column.unit)) as DataType;
      return arrow.makeData({ ...common, type, data: column.values } as never);
    }
    case 'boolean':
      return arrow.makeData({ ...common, type: new arrow.Bool(), data: column.values });
    case 'utf8':
      return arrow.makeData({
        ...common,
        type: new arrow.Utf8(),
        data: column.bytes,
        valueOffsets: column.offsets,
      });
    case 'dictionary': {
      const { dictionary, id } = dictionaryOf(arrow, column.labels);
      const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id);
      return arrow.makeData({ ...common, type, data: column.codes, dictionary });
    }
    case 'dense': {
      const wide = column.values instanceof Float64Array;
      const entry = (wide ? new arrow.Float64() : new arrow.Float32()) as DataType;
      const child = arrow.makeData({ type: entry, data: column.values } as never) as Data;
      const type = new arrow.FixedSizeList(column.dim, item(arrow, entry));
      return arrow.makeData({ ...common, type, child });
    }
    case 'sparse':
      return sparseData(arrow, column, common);
    case 'list': {
      const child = dataOf(arrow, column.child);
      const type = new arrow.List(item(arrow, child.type));
      return arrow.makeData({ ...common, type, child, valueOffsets: column.offsets });
    }
  }
}

function item(arrow: ArrowLibrary, type: DataType): Field {
  return new arrow.Field('item', type, true);
}

/**
 * ```text
 * Struct<size: Int32, indices: List<Int32>, values: List<Float64>>
 * ```
 * Both lists stand on the column's own offsets. The size is in the field's metadata too, for
 * tables without rows.
 */
function sparseData(
  arrow: ArrowLibrary,
  column: SparseVectorColumn,
  common: { length: number; nullCount: number; nullBitmap: Uint8Array | null | undefined },
): Data {
  const { length, offsets } = column;
  const list = (child: Data): Data =>
    arrow.makeData({
      type: new arrow.List(item(arrow, child.type)),
      length,
      nullCount: 0,
      valueOffsets: offsets,
      child,
    });
  const children = [
    arrow.makeData({ type: new arrow.Int32(), data: int32(length).fill(column.size) }),
    list(arrow.makeData({ type: new arrow.Int32(), data: column.indices })),
    list(arrow.makeData({ type: new arrow.Float64(), data: column.values })),
  ] as Data[];
  const names = ['size', 'indices', 'values'];
  const fields = children.map((child, i) => new arrow.Field(names[i]!, child.type, true));
  return arrow.makeData({ ...common, type: new arrow.Struct(fields), children });
}

interface ArrowDictionary {
  readonly arrow: ArrowLibrary;
  readonly dictionary: ArrowVector<Utf8>;
  /** Arrow's number for the dictionary: equal in every batch that shares it. */
  readonly id: number;
}

const dictionaries = new WeakMap<readonly string[], ArrowDictionary>();

/** The Arrow form of labels, made once for each array. */
function dictionaryOf(arrow: ArrowLibrary, labels: readonly string[]): ArrowDictionary {
  const known = dictionaries.get(labels);
  if (known?.arrow === arrow) return known;
  const { bytes, offsets } = encodeStrings(labels);
  const type = new arrow.Utf8();
  const data = arrow.makeData({ type, data: bytes, valueOffsets: offsets });
  const made = {
    arrow,
    dictionary: new arrow.Vector([data]),
    id: new arrow.Dictionary(type, new arrow.Int32()).id,
  };
  dictionaries.set(labels, made);
  return made;
}
