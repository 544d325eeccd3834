/** Which column type a Parquet column becomes, and how its pages are read. */
import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import type { ColumnType, ScalarType } from '../table/schema.js';
import type { TimeUnit } from '../table/timestamp-column.js';

/**
 * How the pages of a column are read: as fixed-width values, bits or text by the decoder of this
 * folder, or (`whole`) as JavaScript values by hyparquet, which reads everything else.
 */
export type ReadAs = 'int32' | 'int64' | 'float' | 'double' | 'boolean' | 'text' | 'whole';

/** What is done with fixed-width values once they are read. */
export type Conversion = 'nothing' | 'daysToMs' | 'uint32' | 'uint64';

/** One top-level column of a file. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly readAs: ReadAs;
  readonly convert: Conversion;
  readonly unit: TimeUnit;
  readonly optional: boolean;
  /** What JavaScript values of `whole` become first. */
  readonly cells: 'values' | 'json' | 'nanoseconds';
}

const UNITS: Readonly<Record<string, TimeUnit>> = { MILLIS: 'ms', MICROS: 'us', NANOS: 'ns' };

/** The key of the file's metadata under which `writeParquet` says which lists are vectors. */
export const VECTORS_KEY = 'gyre.vectors';

/** The columns of a file, in order. */
export function parquetColumns(metadata: FileMetaData, tree: SchemaTree): ParquetColumn[] {
  const vectors = vectorNames(metadata);
  return tree.children.map((node) => columnOf(node, vectors));
}

function columnOf(node: SchemaTree, vectors: ReadonlySet<string>): ParquetColumn {
  const { element } = node;
  const base = {
    name: element.name,
    convert: 'nothing',
    unit: 'ms',
    optional: element.repetition_type === 'OPTIONAL',
    cells: 'values',
  } as const;
  if (element.repetition_type === 'REPEATED' || node.children.length > 0) {
    const type = listTypeOf(node);
    if (type === null) return { ...base, type: 'string', readAs: 'whole', cells: 'json' };
    const isVector = vectors.has(element.name) && /^float(64|32)\[\]$/.test(type);
    return { ...base, type: isVector ? 'vector' : type, readAs: 'whole' };
  }
  return { ...base, ...scalarOf(element) };
}

function vectorNames(metadata: FileMetaData): ReadonlySet<string> {
  const entry = metadata.key_value_metadata?.find(({ key }) => key === VECTORS_KEY);
  try {
    const names: unknown = JSON.parse(entry?.value ?? '[]');
    return new Set(Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []);
  } catch {
    return new Set();
  }
}

interface ScalarColumn {
  readonly type: ScalarType;
  readonly readAs: ReadAs;
  readonly convert?: Conversion;
  readonly unit?: TimeUnit;
  readonly cells?: ParquetColumn['cells'];
}

function scalarOf({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): ScalarColumn {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    return { type: 'float64', readAs: 'whole' };
  }
  const unsigned = logical?.type === 'INTEGER' && !logical.isSigned;
  switch (type) {
    case 'BOOLEAN':
      return { type: 'boolean', readAs: 'boolean' };
    case 'INT32':
      if (converted === 'DATE' || logical?.type === 'DATE') {
        return { type: 'timestamp', readAs: 'int32', convert: 'daysToMs' };
      }
      return converted === 'UINT_32' || (unsigned && logical.bitWidth === 32)
        ? { type: 'float64', readAs: 'int32', convert: 'uint32' }
        : { type: 'int32', readAs: 'int32' };
    case 'INT64': {
      const unit = timeUnitOf(converted, logical);
      if (unit !== undefined) return { type: 'timestamp', readAs: 'int64', unit };
      return converted === 'UINT_64' || unsigned
        ? { type: 'int64', readAs: 'int64', convert: 'uint64' }
        : { type: 'int64', readAs: 'int64' };
    }
    case 'FLOAT':
      return { type: 'float32', readAs: 'float' };
    case 'DOUBLE':
      return { type: 'float64', readAs: 'double' };
    case 'INT96':
      return { type: 'timestamp', readAs: 'whole', unit: 'ns', cells: 'nanoseconds' };
    case 'BYTE_ARRAY':
      return logical?.type === 'GEOMETRY' || logical?.type === 'GEOGRAPHY'
        ? { type: 'string', readAs: 'whole', cells: 'json' }
        : { type: 'string', readAs: 'text' };
    default:
      if (logical?.type === 'FLOAT16') return { type: 'float32', readAs: 'whole' };
      return { type: 'string', readAs: 'whole', cells: 'json' };
  }
}

function timeUnitOf(
  converted: SchemaElement['converted_type'],
  logical: SchemaElement['logical_type'],
): TimeUnit | undefined {
  if (converted === 'TIMESTAMP_MILLIS') return 'ms';
  if (converted === 'TIMESTAMP_MICROS') return 'us';
  return logical?.type === 'TIMESTAMP' ? UNITS[logical.unit] : undefined;
}

/** The list type of a LIST group or a repeated field of scalars; null for any other group. */
function listTypeOf(node: SchemaTree): `${ScalarType}[]` | null {
  if (node.children.length === 0) return elementTypeOf(node);
  const repeated = node.children[0]!;
  const isList =
    node.element.converted_type === 'LIST' || node.element.logical_type?.type === 'LIST';
  if (!isList || node.children.length !== 1 || repeated.element.repetition_type !== 'REPEATED') {
    return null;
  }
  if (repeated.children.length === 0) return elementTypeOf(repeated);
  const element = repeated.children[0]!;
  const isLeaf = repeated.children.length === 1 && element.children.length === 0;
  return isLeaf && element.element.repetition_type !== 'REPEATED' ? elementTypeOf(element) : null;
}

function elementTypeOf({ element }: SchemaTree): `${ScalarType}[]` | null {
  const { type, cells } = scalarOf(element);
  return cells === undefined ? `${type}[]` : null;
}
