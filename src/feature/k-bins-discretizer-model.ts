/** The model of {@link KBinsDiscretizer}: edges of bins, and the bins of vectors. */
import { mapFewRows, mapRows } from '../algorithm/map-rows.js';
import { FormatError, ModelDataError } from '../core/errors.js';
import { type ParamOptions, type ParamTable, string } from '../core/params.js';
import { vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import { Model, type StageOptions } from '../stage/stage.js';
import { DenseVectorColumn } from '../table/dense-vector-column.js';
import { Table } from '../table/table.js';
import {
  type BinMappingParams,
  binMapping,
  type InnerEdges,
  innerEdges,
} from './k-bins-discretizer-mapping.js';
import { sizeOf, vectorsOfSize } from './scaling.js';
import { noData } from './scaling-data.js';

const CLASS_NAME = 'KBinsDiscretizerModel';
const WHO = `${CLASS_NAME}.transform`;

/** Params of {@link KBinsDiscretizerModel}, which its estimator has too. */
export interface KBinsDiscretizerModelParams {
  /** Column of vectors, dense or sparse. **Default:** `'input'`. */
  readonly inputCol: string;
  /** Column for the vectors of bins, which are dense. **Default:** `'output'`. */
  readonly outputCol: string;
}

export const kBinsDiscretizerModelParams: ParamTable<KBinsDiscretizerModelParams> = {
  inputCol: string('input'),
  outputCol: string('output'),
};

/** What {@link KBinsDiscretizer} learns. */
export interface KBinsDiscretizerModelData {
  /** The edges of each entry's bins, ascending: one more than there are bins. */
  readonly binEdges: readonly Float64Array[];
}

/**
 * Gives each entry of vectors the number of its bin, from 0: how many inner edges it is not below.
 *
 * A value on an edge is in the bin that starts there; one below the first edge is in the first bin,
 * one above the last edge, and NaN, in the last. -0 is 0. Null is an error, and so are vectors of
 * another size.
 *
 * Made by {@link KBinsDiscretizer}`.fit`, loaded with `KBinsDiscretizerModel.load`, or given its data
 * by {@link setModelData}. Cost of `transform`: O(rows · dim · log bins), one copy in and one out.
 *
 * @see KBinsDiscretizerModel of Flink ML.
 */
export class KBinsDiscretizerModel extends Model<
  KBinsDiscretizerModelParams,
  KBinsDiscretizerModelData
> {
  static readonly className: string = CLASS_NAME;
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<KBinsDiscretizerModelParams> = kBinsDiscretizerModelParams;
  #data: KBinsDiscretizerModelData | null = null;
  #inner: InnerEdges | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<KBinsDiscretizerModel> {
    return loadAs(KBinsDiscretizerModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<KBinsDiscretizerModelParams>,
    data: Table | null,
  ): KBinsDiscretizerModel {
    const model = new KBinsDiscretizerModel(params);
    if (data === null) return model;
    if (data.schema.binEdges !== 'float64[]') {
      throw new FormatError(`${CLASS_NAME}.load: the data must have the column binEdges of lists.`);
    }
    const lists = data.column('binEdges').toArray() as number[][];
    return model.setModelData({ binEdges: lists.map((list) => Float64Array.from(list)) });
  }

  get modelData(): KBinsDiscretizerModelData {
    if (this.#data === null) throw noData(CLASS_NAME);
    return this.#data;
  }

  /**
   * @param data At least two edges an entry, ascending; the first and the last may be infinite.
   * @throws ModelDataError `ERR_GYRE_MODEL`.
   */
  setModelData({ binEdges }: KBinsDiscretizerModelData): this {
    if (!Array.isArray(binEdges)) {
      throw new ModelDataError(`${CLASS_NAME}.setModelData: binEdges must be an array.`);
    }
    binEdges.forEach(checkEdges);
    this.#data = { binEdges: [...binEdges] };
    this.#inner = innerEdges(binEdges);
    return this;
  }

  protected override savedData(): Table | null {
    if (this.#data === null) return null;
    const binEdges = this.#data.binEdges.map((edges) => [...edges]);
    return Table.fromColumns({ binEdges }, { binEdges: 'float64[]' });
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.inputCol];
  }

  /** @internal */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { input, params, output, size } = this.#plan(table);
    const { bins } = mapFewRows(binMapping(params), input, { bins: output }, scope);
    return this.#newColumn(bins, size, table.numRows);
  }

  protected override workOf(table: Table): number {
    const column = vectorColumn(WHO, table, this.params.inputCol);
    return table.numRows * sizeOf(column) * 4;
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const { input, params, output, size } = this.#plan(table);
    const module = new URL('./k-bins-discretizer-mapping.js', import.meta.url).href;
    const ref = { module, name: 'binMapping', params };
    const { bins } = await mapRows(WHO, ref, input, { bins: output }, this.workOf(table), options);
    return addNewColumns(table, this.#newColumn(bins, size, table.numRows), this.columnsRead);
  }

  #plan(table: Table) {
    const { inputCol } = this.params;
    const size = this.modelData.binEdges.length;
    const column = vectorsOfSize(WHO, table, inputCol, size);
    const params: BinMappingParams = { inputCol, inner: this.#inner! };
    const output = { type: 'float64', width: sizeOf(column) } as const;
    return {
      input: Table.fromColumns({ [inputCol]: column }),
      params,
      output,
      size: sizeOf(column),
    };
  }

  #newColumn(bins: Float64Array, size: number, rows: number): NewColumns {
    return { columns: { [this.params.outputCol]: new DenseVectorColumn(bins, size, rows) } };
  }
}

function checkEdges(edges: Float64Array, entry: number): void {
  const who = `${CLASS_NAME}.setModelData: binEdges[${entry}]`;
  if (!(edges instanceof Float64Array) || edges.length < 2) {
    throw new ModelDataError(`${who} must be a Float64Array of at least two edges.`);
  }
  for (let i = 1; i < edges.length; i++) {
    if (edges[i]! >= edges[i - 1]!) continue;
    throw new ModelDataError(`${who} must ascend, got ${edges[i - 1]} before ${edges[i]}.`, {
      details: { entry, index: i, got: edges[i] },
    });
  }
}
