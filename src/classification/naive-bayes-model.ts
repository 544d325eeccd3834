/** The model of {@link NaiveBayes}: the most likely label of a vector. */
import { DataError, DimensionMismatchError, ModelDataError } from '../core/errors.js';
import { nullable, oneOf, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { denseColumn, storedEntries, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns, RowScope } from '../stage/new-columns.js';
import { Model } from '../stage/stage.js';
import { Column } from '../table/column.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';
import { CategoryScorer } from './category-scores.js';
import { requireCounts, requireFiniteEntries } from './feature-checks.js';
import { GaussianScorer } from './gaussian-scores.js';
import { bestLabels, impossibleRow, type LabelScorer, probabilitiesOf } from './label-scores.js';
import { CountScorer, PresenceScorer } from './linear-scores.js';
import {
  checkedData,
  dataOfTable,
  featuresOf,
  isCategorical,
  type NaiveBayesModelData,
  type NaiveBayesModelType,
  tableOfData,
} from './naive-bayes-data.js';

const WHO = 'NaiveBayesModel.transform';

/** Params of {@link NaiveBayesModel}. */
export interface NaiveBayesModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the most likely label: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /**
   * What features are; see {@link NaiveBayes}. **Default:** `'multinomial'`, by which Flink ML
   * means categories.
   */
  readonly modelType: NaiveBayesModelType;
  /**
   * Column for the scores of all labels, vectors in the order of the model's labels: ln P(l) + ln P(x | l),
   * or what the model type has in its place. **Default:** null, no such column.
   */
  readonly rawPredictionCol: string | null;
  /**
   * Column for the probabilities of all labels, vectors in the order of the model's labels. **Default:**
   * null, no such column.
   */
  readonly probabilityCol: string | null;
  /**
   * Of categories: what happens to a row with a value that `fit` has not seen with any label:
   * `'error'`, `'skip'` (the row is left out), or `'keep'` (the value has the probability of one
   * that was counted 0 times). **Default:** `'error'`.
   */
  readonly handleInvalid: 'error' | 'skip' | 'keep';
}

export const naiveBayesModelParams: ParamTable<NaiveBayesModelParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  modelType: oneOf(
    ['multinomial', 'categorical', 'multinomialCounts', 'complement', 'bernoulli', 'gaussian'],
    'multinomial',
  ),
  rawPredictionCol: nullable(string('rawPrediction')),
  probabilityCol: nullable(string('probability')),
  handleInvalid: oneOf(['error', 'skip', 'keep'], 'error'),
};

/**
 * Predicts the label l that maximises ln P(l) + ln P(x | l); the first in the model's order wins ties.
 *
 * Features: vectors of the size that was learned from, dense or sparse, where what is not stored is
 * 0; null is an error. Categories may be any number: NaN is a category, -0 is 0. Otherwise NaN and
 * infinities are errors, and so are counts below 0. A row that is impossible with every label, as may
 * be with `smoothing` 0, is an error.
 *
 * Made by {@link NaiveBayes}`.fit`, loaded with `NaiveBayesModel.load`, or given its data by
 * {@link setModelData}. Cost of `transform`: O(rows · dim · labels), of sparse counts and presences
 * O(stored entries · labels); in shards on the workers when the table is large.
 *
 * @throws DataError `ERR_GYRE_DATA` for values that are refused, naming row and entry.
 * @throws DimensionMismatchError `ERR_GYRE_DIMENSION` for vectors of another size.
 * @see NaiveBayesModel of Flink ML, which reads the first entries of a shorter vector.
 */
export class NaiveBayesModel extends Model<NaiveBayesModelParams, NaiveBayesModelData> {
  static readonly className = 'NaiveBayesModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<NaiveBayesModelParams> = naiveBayesModelParams;
  #data: NaiveBayesModelData | null = null;
  #scorer: LabelScorer | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<NaiveBayesModel> {
    return loadAs(NaiveBayesModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<NaiveBayesModelParams>,
    data: Table | null,
  ): NaiveBayesModel {
    const model = new NaiveBayesModel(params);
    return data === null ? model : model.setModelData(dataOfTable(model.params.modelType, data));
  }

  get modelData(): NaiveBayesModelData {
    if (this.#data !== null) return this.#data;
    throw new ModelDataError('NaiveBayesModel: it has no data; call setModelData or load a model.');
  }

  /**
   * @param data In the form that the model's `modelType` has.
   * @throws ModelDataError `ERR_GYRE_MODEL`, DimensionMismatchError `ERR_GYRE_DIMENSION`.
   */
  setModelData(data: NaiveBayesModelData): this {
    this.#data = checkedData(this.params.modelType, data);
    this.#scorer = scorerOf(this.params.modelType, this.#data);
    return this;
  }

  protected override savedData(): Table | null {
    return this.#data === null ? null : tableOfData(this.#data);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { handleInvalid, predictionCol, rawPredictionCol, probabilityCol } = this.params;
    const { labels } = this.modelData;
    const features = this.#features(table, scope);
    if (rawPredictionCol === null && probabilityCol === null && handleInvalid !== 'skip') {
      const best = this.#scorer!.best?.(features, scope) ?? null;
      if (best !== null) {
        const predictions = Float64Array.from(best, (l) => labels.values[l]!);
        return { columns: { [predictionCol]: Column.numeric(predictions) } };
      }
    }
    const { scores, unseen, takesUnseen } = this.#scorer!.score(features, scope);
    const refused = handleInvalid === 'keep' && takesUnseen ? [] : unseen;
    if (refused.length > 0 && handleInvalid !== 'skip') {
      throw this.#notSeen(features, refused[0]!, scope.firstRow);
    }
    if (handleInvalid !== 'skip') return { columns: this.#columns(scores, scope.firstRow) };
    const left = new Set(refused);
    const kept = Int32Array.from({ length: features.length }, (_, row) => row).filter(
      (row) => !left.has(row),
    );
    const rest = new Float64Array(kept.length * labels.size);
    kept.forEach((row, to) => {
      rest.set(scores.subarray(row * labels.size, (row + 1) * labels.size), to * labels.size);
    });
    return { columns: this.#columns(rest, scope.firstRow, kept), kept };
  }

  protected override workOf(table: Table): number {
    const column = vectorColumn(WHO, table, this.params.featuresCol);
    const { modelType } = this.params;
    const { labels } = this.modelData;
    const isLinear = !isCategorical(modelType) && modelType !== 'gaussian';
    const entries = isLinear ? storedEntries(column) : table.numRows * featuresOf(this.modelData);
    return entries * this.#scorer!.workPerEntry + table.numRows * labels.size;
  }

  #features(table: Table, scope: RowScope): DenseVectorColumn | SparseVectorColumn {
    const { featuresCol, modelType } = this.params;
    const column = vectorColumn(WHO, table, featuresCol);
    const dim = featuresOf(this.modelData);
    const got = column.layout === 'dense' ? column.dim : column.size;
    if (table.numRows === 0) return new DenseVectorColumn(new Float64Array(0), dim, 0);
    if (got !== dim) {
      throw new DimensionMismatchError(
        `${WHO}: column "${featuresCol}" must have vectors of size ${dim}, got ${got}.`,
        { details: { who: WHO, column: featuresCol, expected: dim, got } },
      );
    }
    if (isCategorical(modelType)) return column;
    const features =
      column.layout === 'dense' ? denseColumn(WHO, table, featuresCol) : trimmed(column);
    const isCounts = modelType === 'multinomialCounts' || modelType === 'complement';
    const check = isCounts ? requireCounts : requireFiniteEntries;
    check(WHO, { rowStart: scope.firstRow }, featuresCol, features, scope);
    return features;
  }

  #columns(
    scores: Float64Array,
    firstRow: number,
    kept: Int32Array | null = null,
  ): Readonly<Record<string, Column>> {
    const { predictionCol, rawPredictionCol, probabilityCol } = this.params;
    const { values: labels } = this.modelData.labels;
    const impossible = impossibleRow(scores, labels.length);
    if (impossible >= 0) {
      const row = firstRow + (kept?.[impossible] ?? impossible);
      throw new DataError(
        `${WHO}: a row must be possible with some label, got one that is not in row ${row}; ` +
          'see smoothing.',
        { details: { who: WHO, row } },
      );
    }
    const vectors = (values: Float64Array) =>
      new DenseVectorColumn(values, labels.length, scores.length / labels.length);
    return {
      [predictionCol]: Column.numeric(bestLabels(scores, labels)),
      ...(rawPredictionCol !== null && { [rawPredictionCol]: vectors(scores) }),
      ...(probabilityCol !== null && {
        [probabilityCol]: vectors(probabilitiesOf(scores, labels.length)),
      }),
    };
  }

  #notSeen(
    features: DenseVectorColumn | SparseVectorColumn,
    at: number,
    firstRow: number,
  ): DataError {
    const { featuresCol } = this.params;
    const [entry, value] = (this.#scorer as CategoryScorer).unseenEntry(features, at);
    const row = firstRow + at;
    return new DataError(
      `${WHO}: column "${featuresCol}" must have values that fit has seen, got ${value} in row ` +
        `${row}, entry ${entry}; see handleInvalid.`,
      { details: { who: WHO, column: featuresCol, row, entry, got: value } },
    );
  }
}

function scorerOf(modelType: NaiveBayesModelType, data: NaiveBayesModelData): LabelScorer {
  switch (modelType) {
    case 'gaussian':
      return new GaussianScorer(data);
    case 'bernoulli':
      return new PresenceScorer(data);
    case 'multinomialCounts':
    case 'complement':
      return new CountScorer(data);
    default:
      return new CategoryScorer(data);
  }
}

/** The column with the arrays of its own rows alone: a slice has those of the whole. */
function trimmed(column: SparseVectorColumn): SparseVectorColumn {
  const { size, offsets, indices, values, length } = column;
  const [start, end] = [offsets[0]!, offsets[length]!];
  if (start === 0 && end === values.length) return column;
  return new SparseVectorColumn(
    size,
    offsets.map((offset) => offset - start),
    indices.subarray(start, end),
    values.subarray(start, end),
  );
}
