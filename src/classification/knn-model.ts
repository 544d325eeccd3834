/** The model of {@link Knn}: rows with labels, and which of these a new row gets. */
import { nullable, type ParamOptions, type ParamTable, string } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';
import {
  NeighbourModel,
  type NeighbourModelParams,
  neighbourModelParams,
} from './knn-neighbour-model.js';
import { classesOf, type LabelClasses, vote } from './knn-vote.js';
import type { Neighbours } from './neighbours.js';

/** Params of {@link KnnModel}. */
export interface KnnModelParams extends NeighbourModelParams {
  /**
   * Column for each class's share of the neighbours' weights: vectors, in order of
   * {@link KnnModel.classes}. **Default:** null: none.
   */
  readonly rawPredictionCol: string | null;
}

export const knnModelParams: ParamTable<KnnModelParams> = {
  ...neighbourModelParams,
  rawPredictionCol: nullable(string('rawPrediction')),
};

/**
 * Gives a row the label that most of its k nearest rows have.
 *
 * The neighbours are exactly the rows of the k least distances; of equal distances, the earlier row
 * is nearer. Of labels with equally many votes (or equal sums of weights), the one whose farthest
 * neighbour is the nearest wins.
 *
 * Made by {@link Knn}`.fit`, loaded with `KnnModel.load`, or given its data by
 * {@link setModelData}. Features are as for `fit`; null, NaN and infinities are errors, and so is a
 * vector of another size. Cost of `transform`: at most O(rows · rows kept · dim), much less where
 * rows lie near one another or vectors are short, on all threads; each of them copies the rows kept,
 * at 12 bytes a number. A row that is served is looked up without kernels.
 *
 * @see KnnModel of Flink ML.
 */
export class KnnModel extends NeighbourModel<KnnModelParams> {
  static readonly className = 'KnnModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<KnnModelParams> = knnModelParams;
  #classes: LabelClasses = { labels: new Float64Array(), classOfRow: new Int32Array() };

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KnnModel> {
    return loadAs(KnnModel, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<KnnModelParams>, data: Table | null): KnnModel {
    return new KnnModel(params).setSavedData(data);
  }

  /** The labels that there are, ascending. */
  get classes(): Float64Array {
    return this.#classes.labels.slice();
  }

  protected override learned(labels: Float64Array): void {
    this.#classes = classesOf(labels);
  }

  protected override predict(neighbours: Neighbours): Readonly<Record<string, Column>> {
    const { predictionCol, rawPredictionCol, weighting } = this.params;
    const votes = vote(neighbours, this.#classes, weighting, rawPredictionCol !== null);
    const prediction = Column.numeric(votes.labels);
    if (votes.shares === null) return { [predictionCol]: prediction };
    const shares = Column.dense(votes.shares, this.#classes.labels.length);
    return { [predictionCol]: prediction, [rawPredictionCol as string]: shares };
  }
}
