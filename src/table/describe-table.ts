/** Tables in numbers: how many, how large, how spread. */
import type { Column } from './column.js';
import type { Schema } from './schema.js';

/** What is told of each column, with its type. */
export const DESCRIPTION: Schema = {
  column: 'string',
  type: 'string',
  count: 'int32',
  nulls: 'int32',
  nans: 'int32',
  mean: 'float64',
  std: 'float64',
  min: 'float64',
  q25: 'float64',
  median: 'float64',
  q75: 'float64',
  max: 'float64',
  distinct: 'int32',
};

/** One column as a row of {@link DESCRIPTION}; what does not apply is missing. */
export function describeColumn(column: string, data: Column): Record<string, unknown> {
  const { length, type, nullCount: nulls } = data;
  const common = { column, type, nulls, nans: 0, count: length - nulls };
  if (data.type === 'string') return { ...common, distinct: distinctTexts(data) };
  const values = numbersOf(data);
  if (values === null) return common;
  const count = values.length;
  return { ...common, count, nans: length - nulls - count, ...describeNumbers(values) };
}

/** The values that are neither null nor NaN; null where a column has no numbers. */
function numbersOf(column: Column): Float64Array | null {
  if (column.layout === 'dense' || column.layout === 'sparse' || column.layout === 'list') {
    return null;
  }
  const values = new Float64Array(column.length);
  let n = 0;
  for (let i = 0; i < column.length; i++) {
    if (column.isNull(i)) continue;
    const value = numberAt(column, i);
    if (!Number.isNaN(value)) values[n++] = value;
  }
  return values.subarray(0, n);
}

const MS_PER_UNIT = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

function numberAt(column: Column, i: number): number {
  switch (column.layout) {
    case 'numeric':
      return column.values[i]!;
    case 'int64':
      return Number(column.values[i]);
    case 'timestamp':
      return Number(column.values[i]) * MS_PER_UNIT[column.unit];
    default:
      return Number(column.get(i));
  }
}

/** Sorts the values in place. */
function describeNumbers(values: Float64Array): Record<string, number> {
  const n = values.length;
  if (n === 0) return {};
  values.sort();
  const mean = meanOf(values);
  return {
    mean,
    ...(n > 1 && { std: Math.sqrt(squaresAround(values, mean) / (n - 1)) }),
    min: values[0]!,
    q25: quantile(values, 0.25),
    median: quantile(values, 0.5),
    q75: quantile(values, 0.75),
    max: values[n - 1]!,
  };
}

/** The mean of the remainders makes up for what the first sum loses. */
function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  if (!Number.isFinite(mean)) return mean;
  let rest = 0;
  for (const value of values) rest += value - mean;
  return mean + rest / values.length;
}

/** The sum of squared distances; the second sum makes up for a mean that is rounded. */
function squaresAround(values: Float64Array, mean: number): number {
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    squares += (value - mean) ** 2;
    rest += value - mean;
  }
  return squares - rest ** 2 / values.length;
}

/** Between the two nearest values, in proportion: "type 7", the default of NumPy and R. */
function quantile(sorted: Float64Array, q: number): number {
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  // Infinities have no difference.
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

/** Of dictionaries the labels that occur are counted; two of them may be one text. */
function distinctTexts(column: Extract<Column, { type: 'string' }>): number {
  if (column.layout === 'utf8') {
    const texts = new Set<string | null>(column);
    texts.delete(null);
    return texts.size;
  }
  const used = new Set<number>();
  for (let i = 0; i < column.length; i++) if (!column.isNull(i)) used.add(column.codes[i]!);
  return new Set(Array.from(used, (code) => column.labels[code])).size;
}
