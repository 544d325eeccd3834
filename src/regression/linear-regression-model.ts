/** The model of {@link LinearRegression}: weights, and the numbers that they give. */
import type { MappedRows } from '../algorithm/map-rows.js';
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import {
  checkedLinear,
  dataOfRow,
  LINEAR_FIELDS,
  type LinearModelData,
  weightsOfData,
} from '../optimization/linear-data.js';
import { type LinearMapping, LinearModel } from '../optimization/linear-model.js';
import { marginMapping } from '../optimization/margin-mapping.js';
import { loadAs } from '../stage/load.js';
import type { NewColumns } from '../stage/new-columns.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';

/** Params of {@link LinearRegressionModel}. */
export interface LinearRegressionModelParams {
  /** Column of the features: vectors, dense or sparse. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column for the predicted number: float64. **Default:** `'prediction'`. */
  readonly predictionCol: string;
}

export const linearRegressionModelParams: ParamTable<LinearRegressionModelParams> = {
  featuresCol: string('features'),
  predictionCol: string('prediction'),
};

/** What {@link LinearRegression} learns. */
export type LinearRegressionModelData = LinearModelData;

/**
 * Predicts x·w + b.
 *
 * Made by {@link LinearRegression}`.fit`, loaded with `LinearRegressionModel.load`, or given its data
 * by {@link setModelData}. Null in the features is an error; NaN gives NaN. Cost of `transform`:
 * O(rows · non-zeros of a row).
 *
 * @see LinearRegressionModel of Flink ML.
 */
export class LinearRegressionModel extends LinearModel<
  LinearRegressionModelParams,
  LinearRegressionModelData
> {
  static readonly className = 'LinearRegressionModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<LinearRegressionModelParams> = linearRegressionModelParams;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<LinearRegressionModel> {
    return loadAs(LinearRegressionModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<LinearRegressionModelParams>,
    data: Table | null,
  ): LinearRegressionModel {
    const model = new LinearRegressionModel(params);
    if (data === null) return model;
    return model.setModelData(
      dataOfRow<LinearRegressionModelData>('LinearRegressionModel', LINEAR_FIELDS, data),
    );
  }

  protected override checked(data: LinearRegressionModelData): LinearRegressionModelData {
    return checkedLinear('LinearRegressionModel', data);
  }

  protected override mappingBy(data: LinearRegressionModelData): LinearMapping {
    return {
      module: new URL('../optimization/margin-mapping.js', import.meta.url).href,
      name: 'marginMapping',
      make: marginMapping,
      params: weightsOfData(data),
      outputs: { margin: { type: 'float64', width: 1 } },
    };
  }

  protected override columnsOf({
    margin,
  }: MappedRows<LinearMapping['outputs']>): NewColumns['columns'] {
    return { [this.params.predictionCol]: Column.numeric(margin!) };
  }
}
