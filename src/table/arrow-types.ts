/** The parts of Arrow's in-memory objects that are read, and the numbers of its types. */

/** Arrow's type numbers (`Type` of `apache-arrow`). */
export const TypeId = {
  Null: 1,
  Int: 2,
  Float: 3,
  Utf8: 5,
  Bool: 6,
  Decimal: 7,
  Date: 8,
  Timestamp: 10,
  List: 12,
  Struct: 13,
  FixedSizeList: 16,
  LargeUtf8: 20,
  LargeList: 21,
  Utf8View: 24,
  Dictionary: -1,
} as const;

/** A type; which of the fields there are depends on `typeId`. */
export interface ArrowType {
  readonly typeId: number;
  readonly bitWidth?: number;
  readonly isSigned?: boolean;
  readonly precision?: number;
  readonly scale?: number;
  readonly unit?: number;
  readonly listSize?: number;
  readonly children?: readonly ArrowField[] | null;
  /** Of a dictionary: the type of its values. */
  readonly dictionary?: ArrowType;
}

/** A named type. */
export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly metadata?: ReadonlyMap<string, string>;
}

/** A chunk of values. */
export interface ArrowData {
  readonly type: ArrowType;
  readonly length: number;
  /** Where the chunk starts in its bitmaps, in bits; other buffers are cut already. */
  readonly offset: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array | null;
  readonly values?: ArrayBufferView;
  readonly valueOffsets?: Int32Array | BigInt64Array;
  readonly children: readonly ArrowData[];
  readonly dictionary?: { readonly data: readonly ArrowData[] };
  readonly variadicBuffers?: readonly Uint8Array[];
}

/** A type's name as Arrow writes it: `Utf8`, `Map_<...>`. */
export function arrowTypeName(type: ArrowType): string {
  const text = String(type);
  return text === '[object Object]' ? `#${type.typeId}` : text;
}
