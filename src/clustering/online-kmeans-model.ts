/** The model of {@link OnlineKMeans}: centroids that move on, and which is closest. */
import { nullable, type ParamOptions, type ParamTable, string } from '../core/params.js';
import type { LiveVersions } from '../online/live-versions.js';
import { OnlineModel } from '../online/online-model.js';
import { type Numbers, type SharedModelHandle, sharedParamsOf } from '../online/shared-model.js';
import { loadAs } from '../stage/load.js';
import { addNewColumns, type NewColumns, type RowScope } from '../stage/new-columns.js';
import type { StageOptions } from '../stage/stage.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import type { Table } from '../table/table.js';
import { ClosestCentroid } from './closest-centroid.js';
import { type KMeansModelParams, kmeansModelParams } from './kmeans-model.js';
import {
  checkedVersion,
  clustersOf,
  type OnlineKMeansModelData,
  type OnlineKMeansVersion,
  tableVersion,
  versionOf,
  versionTable,
} from './online-kmeans-data.js';

const WHO = 'OnlineKMeansModel.transform';

/** Params of {@link OnlineKMeansModel}. */
export interface OnlineKMeansModelParams extends KMeansModelParams {
  /** Column for the version that predicted: int64; null for none. **Default:** null. */
  readonly modelVersionCol: string | null;
}

export const onlineKMeansModelParams: ParamTable<OnlineKMeansModelParams> = {
  ...kmeansModelParams,
  modelVersionCol: nullable(string('modelVersion')),
};

type Data = OnlineKMeansModelData;
type Version = OnlineKMeansVersion;

/**
 * Assigns each point to its closest centroid, by the newest version of the model; ties go to the
 * lowest index.
 *
 * A model that {@link OnlineKMeans}`.fit` made of a stream is live: it goes on learning while it
 * predicts. So is one that was given a stream of data. A table is predicted by the newest version,
 * and so is each batch of a stream; both wait for the first version. Points and cost are those of
 * {@link KMeansModel}.
 *
 * Differences from Flink ML: `save` keeps the newest version, where only params are saved there;
 * `modelVersionCol` is new.
 *
 * @see OnlineKMeansModel of Flink ML.
 */
export class OnlineKMeansModel extends OnlineModel<OnlineKMeansModelParams, Data, Version> {
  static readonly className = 'OnlineKMeansModel';
  static readonly module: string = import.meta.url;
  static readonly params: ParamTable<OnlineKMeansModelParams> = onlineKMeansModelParams;
  /** What it last predicted with. */
  #known: { readonly version: Version; readonly closest: ClosestCentroid } | null = null;

  /** Loads a model that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<OnlineKMeansModel> {
    return loadAs(OnlineKMeansModel, path);
  }

  /** @internal */
  static fromSaved(
    params: ParamOptions<OnlineKMeansModelParams>,
    data: Table | null,
  ): OnlineKMeansModel {
    const model = new OnlineKMeansModel(params);
    return data === null ? model : model.setModelData(tableVersion('OnlineKMeansModel.load', data));
  }

  /** @internal A model that learns on. */
  static live(
    params: ParamOptions<OnlineKMeansModelParams>,
    versions: LiveVersions<Version>,
  ): OnlineKMeansModel {
    return new OnlineKMeansModel(params).follow(versions);
  }

  /**
   * A model that follows one that another thread shares; see {@link OnlineModel.share}. Stopped, it
   * keeps the version it has.
   *
   * @throws ModelDataError `ERR_GYRE_MODEL` for the handle of another class.
   */
  static fromShared(handle: SharedModelHandle): OnlineKMeansModel {
    const params = sharedParamsOf<OnlineKMeansModelParams>(OnlineKMeansModel.className, handle);
    return new OnlineKMeansModel(params).attach(handle);
  }

  protected override checkedData(data: Data): Version {
    return checkedVersion('OnlineKMeansModel.setModelData', data, this.params.k);
  }

  /** 1 is the model that learning started from. */
  protected override versionOf(version: Version | null): number {
    return version?.version ?? 0;
  }

  protected override get noModel(): string {
    return (
      'the stream ended before a batch was complete, so there is no model; use a smaller ' +
      'globalBatchSize or set an initial model'
    );
  }

  protected override pack(version: Version): Numbers {
    const { k, centroids, weights } = clustersOf(version);
    return [version.version, k, weights, centroids];
  }

  protected override unpack(numbers: Float64Array): Version {
    const [version, k] = numbers as unknown as [number, number];
    const centroids = numbers.subarray(2 + k);
    const weights = numbers.subarray(2, 2 + k);
    return versionOf({ k, dim: centroids.length / k, centroids, weights }, version);
  }

  protected override tableOf(version: Version): Table {
    return versionTable(version);
  }

  /** @internal */
  override get columnsRead(): readonly string[] {
    return [this.params.featuresCol];
  }

  /** @internal With the newest version that this thread has seen. */
  override transformRows(table: Table, scope: RowScope): NewColumns {
    const { current } = this;
    return this.#newColumns(this.#closestOf(current).of(table, scope), current);
  }

  protected override workOf(table: Table): number {
    const { current } = this;
    return this.#closestOf(current).workOf(table);
  }

  protected override async transformOnWorkers(table: Table, options: StageOptions): Promise<Table> {
    const { modelData } = this;
    const labels = await this.#closestOf(modelData).ofOnWorkers(table, options);
    return addNewColumns(table, this.#newColumns(labels, modelData), this.columnsRead);
  }

  #closestOf(version: Version): ClosestCentroid {
    if (this.#known?.version !== version) {
      const closest = new ClosestCentroid(WHO, this.params, version.centroids);
      this.#known = { version, closest };
    }
    return this.#known.closest;
  }

  #newColumns(labels: Int32Array, { version }: Version): NewColumns {
    const { predictionCol, modelVersionCol } = this.params;
    const versions = () => Column.numeric(int64(labels.length).fill(BigInt(version)));
    return {
      columns: {
        [predictionCol]: Column.numeric(labels),
        ...(modelVersionCol !== null && { [modelVersionCol]: versions() }),
      },
    };
  }
}
