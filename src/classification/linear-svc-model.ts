/** The model of {@link LinearSVC}: a hyperplane, and on which side of it rows are. */
import type { MappedRows } from '../algorithm/map-rows.js';
import { nullable, type ParamOptions, type ParamTable, real, string } from '../core/params.js';
import {
  checkedLinear,
  dataOfRow,
  LINEAR_FIELDS,
  type LinearModelData,
  weightsOfData,
} from '../optimization/linear-data.js';
import { type LinearMapping, LinearModel } from '../optimization/linear-model.js';
import type { LinearWeights } from '../optimization/margins.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';
import { linearSVCMapping } from './linear-svc-mapping.js';

/** Params of {@link LinearSVCModel}. */
export interface LinearSVCModelParams {
  /** Column of the features: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the predicted label, 0 or 1: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Column for [m, -m] with m = x·w + b: vector; null for none. **Default:** `'rawPrediction'`. */
  readonly rawPredictionCol: string | null;
  /** The least m that is predicted as 1; may be infinite. **Default:** 0. */
  readonly threshold: number;
}

export const linearSVCModelParams: ParamTable<LinearSVCModelParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
  rawPredictionCol: { ...nullable(string('rawPrediction')), default: 'rawPrediction' },
  threshold: real(0),
};

/** What {@link LinearSVC} learns. */
export type LinearSVCModelData = LinearModelData;

interface Predictor extends LinearWeights {
  readonly threshold: number;
}

/**
 * Predicts 1 where m = x·w + b is not below the threshold, else 0.
 *
 * Made by {@link LinearSVC}`.fit`, loaded with `LinearSVCModel.load`, or given its data by
 * {@link setModelData}. Null in the features is an error; NaN gives 0, and a NaN m. Cost of
 * `transform`: O(rows · non-zeros of a row).
 *
 * @see LinearSVCModel of Flink ML.
 */
export class LinearSVCModel extends LinearModel<
  LinearSVCModelParams,
  LinearSVCModelData,
  Predictor
> {
  static readonly className = 'LinearSVCModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<LinearSVCModelParams> = linearSVCModelParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LinearSVCModel> {
    return loadAs(LinearSVCModel, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<LinearSVCModelParams>, data: Table | null): LinearSVCModel {
    const model = new LinearSVCModel(params);
    return data === null
      ? model
      : model.setModelData(dataOfRow<LinearSVCModelData>('LinearSVCModel', LINEAR_FIELDS, data));
  }

  protected override checked(data: LinearSVCModelData): LinearSVCModelData {
    return checkedLinear('LinearSVCModel', data);
  }

  protected override mappingBy(data: LinearSVCModelData): LinearMapping<Predictor> {
    return {
      module: new URL('./linear-svc-mapping.js', import.meta.url).href,
      name: 'linearSVCMapping',
      make: linearSVCMapping,
      params: { ...weightsOfData(data), threshold: this.params.threshold },
      outputs: { prediction: { type: 'float64', width: 1 }, raw: { type: 'float64', width: 2 } },
    };
  }

  protected override columnsOf({
    prediction,
    raw,
  }: MappedRows<LinearMapping['outputs']>): NewColumns['columns'] {
    const { predictionCol, rawPredictionCol } = this.params;
    return {
      [predictionCol]: Column.numeric(prediction!),
      ...(rawPredictionCol !== null && { [rawPredictionCol]: Column.dense(raw!, 2) }),
    };
  }
}
