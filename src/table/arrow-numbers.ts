/** Arrow's numbers that have no layout of ours, copied into the next wider one. */
import { SchemaError } from '../core/errors.js';
import type { ArrowData } from './arrow-types.js';
import { getBit } from './bitmap.js';
import { float32, float64, int32, int64, numberToWords, words } from './buffers.js';
import { Int64Column } from './int64-column.js';
import { NumericColumn } from './numeric-column.js';
import { TimestampColumn } from './timestamp-column.js';

type Validity = Uint8Array | null;

const MS_PER_DAY = 86_400_000;

/** 8 and 16 bits as `int32`; 32 bits without sign as `float64`, which holds each exactly. */
export function narrowIntegers(data: ArrowData, validity: Validity): NumericColumn {
  const values = (data.values as Int16Array | undefined) ?? new Int16Array(0);
  const wide = data.type.bitWidth === 32 ? float64(data.length) : int32(data.length);
  for (let i = 0; i < data.length; i++) wide[i] = values[i]!;
  return new NumericColumn(wide, validity);
}

/** 64 bits without sign as `int64`, refused from 2^63 on. */
export function unsigned64(data: ArrowData, validity: Validity): Int64Column {
  const values = (data.values as BigUint64Array | undefined) ?? new BigUint64Array(0);
  const signed = int64(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = values[i]!;
    signed[i] = value;
    if (value < 1n << 63n || (validity !== null && !getBit(validity, i))) continue;
    throw new SchemaError(`Table.fromArrow: the value ${value} of row ${i} does not fit int64.`, {
      details: { row: i, got: value },
    });
  }
  return new Int64Column(signed, validity);
}

/** Days since the epoch as timestamps in milliseconds. */
export function dateDays(data: ArrowData, validity: Validity): TimestampColumn {
  const days = (data.values as Int32Array | undefined) ?? new Int32Array(0);
  const values = int64(data.length);
  const halves = words(values);
  for (let i = 0; i < data.length; i++) numberToWords(halves, i, days[i]! * MS_PER_DAY);
  return new TimestampColumn(values, 'ms', validity);
}

/** Decimals as `float64`, rounded. */
export function decimals(data: ArrowData, validity: Validity): NumericColumn {
  const { scale = 0, bitWidth = 128 } = data.type;
  const values = (data.values as Uint32Array | undefined) ?? new Uint32Array(0);
  const stride = bitWidth / 32;
  const doubles = float64(data.length);
  for (let i = 0; i < data.length; i++) {
    let unscaled = 0n;
    for (let w = stride - 1; w >= 0; w--) {
      unscaled = (unscaled << 32n) | BigInt(values[i * stride + w]!);
    }
    doubles[i] = Number(BigInt.asIntN(bitWidth, unscaled)) / 10 ** scale;
  }
  return new NumericColumn(doubles, validity);
}

/** 16-bit floats as `float32`. */
export function halfFloats(data: ArrowData, validity: Validity): NumericColumn {
  const halves = (data.values as Uint16Array | undefined) ?? new Uint16Array(0);
  const floats = float32(data.length);
  for (let i = 0; i < data.length; i++) floats[i] = halfToNumber(halves[i]!);
  return new NumericColumn(floats, validity);
}

function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
