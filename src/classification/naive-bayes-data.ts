/** What {@link NaiveBayes} learns: its form by the type of the model, checks, and the saved table. */
import { DimensionMismatchError, FormatError, ModelDataError } from '../core/errors.js';
import { showValue } from '../core/params.js';
import { Table } from '../table/table.js';
import { DenseVector } from '../table/vector.js';

/** What features are, and how they are distributed in a class; see {@link NaiveBayes}. */
export type NaiveBayesModelType =
  | 'multinomial'
  | 'categorical'
  | 'multinomialCounts'
  | 'complement'
  | 'bernoulli'
  | 'gaussian';

/** What {@link NaiveBayes} learns. The first index is that of a label. */
export interface NaiveBayesModelData {
  /**
   * - `'multinomial'`, `'categorical'`: by feature, the logarithm of the probability of each value.
   * - `'multinomialCounts'`, `'bernoulli'`: the logarithm of the probability of each feature.
   * - `'complement'`: the weight of each feature, minus such a logarithm.
   * - `'gaussian'`: the mean of each feature.
   */
  readonly theta: readonly (readonly ReadonlyMap<number, number>[])[] | readonly DenseVector[];
  /** The logarithm of the probability of each label; 0 for `'complement'`, which has none. */
  readonly piArray: DenseVector;
  /** The labels; those that NaiveBayes finds ascend. The first one wins ties. */
  readonly labels: DenseVector;
  /** Of `'gaussian'`: the variance of each feature. */
  readonly sigma?: readonly DenseVector[];
  /**
   * Of `'multinomial'` and `'categorical'`: by feature, the logarithm of the probability of a value
   * that was not seen. Without it such values are refused.
   */
  readonly unseen?: readonly DenseVector[];
}

const WHO = 'NaiveBayesModel.setModelData';
/** Columns of every saved table: a label and the logarithm of its probability. */
const LABELS = { label: 'float64', pi: 'float64' } as const;

/** Whether features are categories. */
export function isCategorical(modelType: NaiveBayesModelType): boolean {
  return modelType === 'multinomial' || modelType === 'categorical';
}

/** The number of features of a model. */
export function featuresOf({ theta }: NaiveBayesModelData): number {
  const [first] = theta as readonly [DenseVector | readonly unknown[]];
  return first instanceof DenseVector ? first.size : first.length;
}

/**
 * The data, without what else the object has.
 *
 * @throws ModelDataError `ERR_GYRE_MODEL`, DimensionMismatchError `ERR_GYRE_DIMENSION`.
 */
export function checkedData(
  modelType: NaiveBayesModelType,
  data: NaiveBayesModelData,
): NaiveBayesModelData {
  const { labels, piArray, theta, sigma, unseen } = data;
  if (!(labels instanceof DenseVector) || !(piArray instanceof DenseVector)) {
    throw new ModelDataError(
      `${WHO}: labels and piArray must be DenseVectors, see Vectors.dense, got ` +
        `${showValue(labels)} and ${showValue(piArray)}.`,
    );
  }
  if (labels.size < 1 || new Set(labels.values).size < labels.size) {
    throw new ModelDataError(`${WHO}: labels must be one or more different numbers.`);
  }
  requireNone(piArray.values, 'piArray', (log) => !(log < Number.POSITIVE_INFINITY));
  const base = { theta, piArray, labels };
  if (isCategorical(modelType)) {
    const dim = checkMaps(theta, labels.size);
    if (unseen === undefined) return sized(base, dim);
    checkVectors('unseen', unseen, labels.size, dim);
    return sized({ ...base, unseen }, dim);
  }
  const dim = checkVectors('theta', theta, labels.size, null);
  if (modelType !== 'gaussian') {
    const most = modelType === 'complement' ? Number.POSITIVE_INFINITY : 0;
    for (const { values } of theta as readonly DenseVector[]) {
      requireNone(values, 'theta', (value) => !(value <= most));
    }
    return sized(base, dim);
  }
  checkVectors('sigma', sigma, labels.size, dim);
  for (const { values } of sigma!) {
    requireNone(values, 'sigma', (value) => !(value > 0 && value < Number.POSITIVE_INFINITY));
  }
  for (const { values } of theta as readonly DenseVector[]) {
    requireNone(values, 'theta', (value) => !Number.isFinite(value));
  }
  return sized({ ...base, sigma: sigma! }, dim);
}

function sized(data: NaiveBayesModelData, dim: number): NaiveBayesModelData {
  const { labels, piArray } = data;
  if (piArray.size === labels.size && dim > 0) return data;
  throw new DimensionMismatchError(
    `${WHO}: there must be one entry of piArray for each of ${labels.size} labels and at least ` +
      `one feature, got ${piArray.size} and ${dim}.`,
    { details: { labels: labels.size, piArray: piArray.size, features: dim } },
  );
}

function requireNone(
  values: Float64Array,
  name: string,
  isWrong: (value: number) => boolean,
): void {
  const wrong = values.findIndex(isWrong);
  if (wrong < 0) return;
  throw new ModelDataError(`${WHO}: ${name} has ${values[wrong]} at ${wrong}, which it cannot.`, {
    details: { field: name, index: wrong, got: values[wrong] },
  });
}

/** One vector for each label, all of one size, which is returned. */
function checkVectors(name: string, vectors: unknown, labels: number, dim: number | null): number {
  const isList = Array.isArray(vectors) && vectors.every((item) => item instanceof DenseVector);
  if (!isList) {
    throw new ModelDataError(
      `${WHO}: ${name} must be a list of DenseVectors, see Vectors.dense, got ${showValue(vectors)}.`,
    );
  }
  const sizes = (vectors as readonly DenseVector[]).map(({ size }) => size);
  const expected = dim ?? sizes[0] ?? 0;
  const other = sizes.find((size) => size !== expected);
  if (sizes.length === labels && other === undefined) return expected;
  throw new DimensionMismatchError(
    `${WHO}: ${name} must have a vector of size ${expected} for each of ${labels} labels, got ` +
      `${sizes.length}${other === undefined ? '' : `, one of size ${other}`}.`,
    { details: { field: name, labels, got: sizes } },
  );
}

/** A map for each label and feature, those of one feature with the same keys. */
function checkMaps(theta: unknown, labels: number): number {
  const isList =
    Array.isArray(theta) &&
    theta.every((maps) => Array.isArray(maps) && maps.every((map) => map instanceof Map));
  if (!isList) {
    throw new ModelDataError(
      `${WHO}: theta must be a list of lists of Maps, got ${showValue(theta)}.`,
    );
  }
  const byLabel = theta as readonly (readonly ReadonlyMap<number, number>[])[];
  const dim = byLabel[0]?.length ?? 0;
  if (byLabel.length !== labels || byLabel.some((maps) => maps.length !== dim)) {
    throw new DimensionMismatchError(
      `${WHO}: theta must have a Map for each of ${labels} labels and ${dim} features.`,
      { details: { labels, features: byLabel.map((maps) => maps.length) } },
    );
  }
  byLabel[0]!.forEach((first, t) => {
    for (const maps of byLabel) {
      const map = maps[t]!;
      const isSame = map.size === first.size && [...first.keys()].every((key) => map.has(key));
      const areLogs = [...map.values()].every((log) => log < Number.POSITIVE_INFINITY);
      if (isSame && areLogs) continue;
      throw new ModelDataError(
        `${WHO}: feature ${t} must have the logarithm of a probability for the same values of ` +
          'every label.',
        { details: { feature: t } },
      );
    }
  });
  return dim;
}

/** The data as the table that is saved. */
export function tableOfData(data: NaiveBayesModelData): Table {
  const { labels, piArray, theta, sigma } = data;
  const [first] = theta;
  if (!(first instanceof DenseVector)) return tableOfMaps(data);
  const columns = {
    label: labels.values,
    pi: piArray.values,
    theta: [...(theta as readonly DenseVector[])],
  };
  return sigma === undefined
    ? Table.fromColumns(columns, { theta: 'vector' })
    : Table.fromColumns({ ...columns, sigma: [...sigma] }, { theta: 'vector', sigma: 'vector' });
}

/** A row for every value of every feature and label; what belongs to all of these is repeated. */
function tableOfMaps({ labels, piArray, theta, unseen }: NaiveBayesModelData): Table {
  const rows = (theta as readonly (readonly ReadonlyMap<number, number>[])[]).flatMap((maps, l) =>
    maps.flatMap((map, t) =>
      Array.from(map, ([value, log]) => ({
        label: labels.values[l]!,
        pi: piArray.values[l]!,
        feature: t,
        value,
        theta: log,
        ...(unseen !== undefined && { unseen: unseen[l]!.values[t]! }),
      })),
    ),
  );
  const schema = { ...LABELS, feature: 'int32', value: 'float64', theta: 'float64' } as const;
  return Table.fromRows(rows, unseen === undefined ? schema : { ...schema, unseen: 'float64' });
}

/** The data of a saved table, to be checked. */
export function dataOfTable(modelType: NaiveBayesModelType, table: Table): NaiveBayesModelData {
  const wanted: Readonly<Record<string, string>> = {
    ...LABELS,
    ...(isCategorical(modelType)
      ? { feature: 'int32', value: 'float64', theta: 'float64' }
      : { theta: 'vector', ...(modelType === 'gaussian' && { sigma: 'vector' }) }),
  };
  const names = Object.keys(wanted);
  if (names.some((name) => table.schema[name] !== wanted[name])) {
    throw new FormatError(
      `NaiveBayesModel.load: the data of '${modelType}' must have the columns ${names.join(', ')}.`,
    );
  }
  if (isCategorical(modelType)) return mapsOfTable(table);
  const vectors = (name: string) => table.column(name, 'vector').toArray() as DenseVector[];
  return {
    theta: vectors('theta'),
    piArray: new DenseVector(table.column('pi', 'float64').values),
    labels: new DenseVector(table.column('label', 'float64').values),
    ...(modelType === 'gaussian' && { sigma: vectors('sigma') }),
  };
}

function mapsOfTable(table: Table): NaiveBayesModelData {
  const numbers = (name: string) => table.column(name, 'float64').values;
  const [label, pi, value, log] = [
    numbers('label'),
    numbers('pi'),
    numbers('value'),
    numbers('theta'),
  ];
  const feature = table.column('feature', 'int32').values;
  const unseenLogs = table.has('unseen') ? numbers('unseen') : null;
  const labels: number[] = [];
  const priors: number[] = [];
  const theta: Map<number, number>[][] = [];
  const unseen: number[][] = [];
  for (let row = 0; row < table.numRows; row++) {
    if (row === 0 || label[row] !== labels.at(-1)) {
      labels.push(label[row]!);
      priors.push(pi[row]!);
      theta.push([]);
      unseen.push([]);
    }
    const maps = theta.at(-1)!;
    if (feature[row] === maps.length) {
      maps.push(new Map());
      unseen.at(-1)!.push(unseenLogs?.[row] ?? 0);
    }
    if (feature[row] !== maps.length - 1) {
      throw new FormatError(
        `NaiveBayesModel.load: features must be numbered 0, 1, 2, ..., got ${feature[row]} in row ${row}.`,
      );
    }
    maps.at(-1)!.set(value[row]!, log[row]!);
  }
  const vector = (values: readonly number[]) => new DenseVector(Float64Array.from(values));
  return {
    theta,
    piArray: vector(priors),
    labels: vector(labels),
    ...(unseenLogs !== null && { unseen: unseen.map(vector) }),
  };
}
