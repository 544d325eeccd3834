/** The model of {@link KnnRegression}: rows with labels, and the mean of the nearest ones'. */

import {
  NeighbourModel,
  type NeighbourModelParams,
  neighbourModelParams,
} from '../classification/knn-neighbour-model.js';
import { meanLabels } from '../classification/knn-vote.js';
import type { Neighbours } from '../classification/neighbours.js';
import type { ParamOptions, ParamTable } from '../core/params.js';
import { loadAs } from '../stage/load.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';

/** Params of {@link KnnRegressionModel}. */
export type KnnRegressionModelParams = NeighbourModelParams;

/**
 * Gives a row the mean label of its k nearest rows: Σ wᵢ yᵢ / Σ wᵢ, with wᵢ = 1, or with
 * `weighting: 'distance'` one over the distance of neighbour i.
 *
 * The neighbours are exactly the rows of the k least distances; of equal distances, the earlier row
 * is nearer.
 *
 * Made by {@link KnnRegression}`.fit`, loaded with `KnnRegressionModel.load`, or given its data by
 * {@link setModelData}. Features, errors and cost are those of {@link KnnModel}.
 *
 * @see KnnModel of Flink ML, which has the search but no regression.
 */
export class KnnRegressionModel extends NeighbourModel<KnnRegressionModelParams> {
  static readonly className = 'KnnRegressionModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<KnnRegressionModelParams> = neighbourModelParams;
  #labels: Float64Array = new Float64Array();

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KnnRegressionModel> {
    return loadAs(KnnRegressionModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<KnnRegressionModelParams>,
    data: Table | null,
  ): KnnRegressionModel {
    return new KnnRegressionModel(params).setSavedData(data);
  }

  protected override learned(labels: Float64Array): void {
    this.#labels = labels;
  }

  protected override predict(neighbours: Neighbours): Readonly<Record<string, Column>> {
    const { predictionCol, weighting } = this.params;
    return { [predictionCol]: Column.numeric(meanLabels(neighbours, this.#labels, weighting)) };
  }
}
