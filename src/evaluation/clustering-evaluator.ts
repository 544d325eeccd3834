/** ClusteringEvaluator: how well clusters are apart. */
import { train } from '../algorithm/train.js';
import { DataError } from '../core/errors.js';
import {
  nullable,
  oneOf,
  type ParamOptions,
  type ParamTable,
  someOf,
  string,
} from '../core/params.js';
import { requireRows, vectorColumn } from '../stage/features.js';
import { loadAs } from '../stage/load.js';
import { AlgoOperator, type StageOptions } from '../stage/stage.js';
import { Table } from '../table/table.js';
import { metricsTable, scoreColumn, weightColumn } from './evaluation.js';
import type { SilhouetteParams, SilhouetteState } from './silhouette-training.js';

const WHO = 'ClusteringEvaluator.transform';

const CLUSTERING_METRICS = ['silhouette'] as const;
const DISTANCE_MEASURES = ['squaredEuclidean', 'cosine'] as const;

/** A metric of {@link ClusteringEvaluator}. */
export type ClusteringMetric = (typeof CLUSTERING_METRICS)[number];

/** Params of {@link ClusteringEvaluator}. */
export interface ClusteringEvaluatorParams {
  /** Column of vectors, dense or sparse: the points. **Default:** `'features'`. */
  readonly featuresCol: string;
  /** Column of numbers: the cluster of each point. **Default:** `'prediction'`. */
  readonly predictionCol: string;
  /** Column of weights >= 0; null: all are 1. **Default:** null. */
  readonly weightCol: string | null;
  /** The metrics: `'silhouette'` is the only one. **Default:** `['silhouette']`. */
  readonly metricsNames: readonly ClusteringMetric[];
  /**
   * `'squaredEuclidean'`: ‖x - y‖²; `'cosine'`: 1 - the cosine of the angle between x and y.
   * **Default:** `'squaredEuclidean'`.
   */
  readonly distanceMeasure: (typeof DISTANCE_MEASURES)[number];
}

/**
 * Evaluates clusters by the mean silhouette of the points: s = (b - a) / max(a, b), in [-1, 1].
 *
 * a is the mean distance of a point to the other points of its cluster, b the smallest mean distance
 * to the points of another one; a point that is alone in its cluster has s = 0. Near 1, clusters are
 * dense and apart; below 0, points are closer to another cluster than to their own. With weights, all
 * means are weighted.
 *
 * The silhouette is exact, not an estimate and not the simplified one of distances to centres: for
 * both measures the mean distance to a cluster follows from its mean and its variance, so no pairs of
 * points are looked at. Distances are squared Euclidean, as in Spark ML: the values are not those of
 * Euclidean distances.
 *
 * Result: one row with the column `silhouette`, float64. Null, NaN, infinities, zero vectors with
 * `'cosine'`, a weight below 0, a table without rows, and fewer than two clusters are errors.
 *
 * This stage has no counterpart in Flink ML: its name and params are Spark ML's.
 *
 * Cost: two rounds on the workers over one copy of the points, O(rows · dim · clusters), or O(stored
 * entries · clusters); the same bits on any number of workers.
 *
 * @see Rousseeuw, Silhouettes: a graphical aid..., 1987; ClusteringEvaluator of Spark ML;
 *   `silhouette_score` of scikit-learn with `metric='sqeuclidean'` or `'cosine'`.
 *
 * @example
 * ```ts
 * const table = Table.fromColumns(
 *   { features: [[0, 0], [0, 2], [6, 0], [6, 2]], prediction: [0, 0, 1, 1] },
 *   { features: 'vector' },
 * );
 * const { silhouette } = (await new ClusteringEvaluator().transform(table)).row(0);
 * console.log(silhouette.toFixed(4)); // 0.8947
 * ```
 */
export class ClusteringEvaluator extends AlgoOperator<ClusteringEvaluatorParams> {
  static readonly className = 'ClusteringEvaluator';
  static readonly params: ParamTable<ClusteringEvaluatorParams> = {
    featuresCol: string('features'),
    predictionCol: string('prediction'),
    weightCol: nullable(string('weight')),
    metricsNames: someOf(CLUSTERING_METRICS, ['silhouette']),
    distanceMeasure: oneOf(DISTANCE_MEASURES, 'squaredEuclidean'),
  };

  /** Loads a stage that {@link save} wrote. @throws FormatError `ERR_GYRE_FORMAT`. */
  static load(path: string): Promise<ClusteringEvaluator> {
    return loadAs(ClusteringEvaluator, path);
  }

  /** @internal */
  static fromSaved(params: ParamOptions<ClusteringEvaluatorParams>): ClusteringEvaluator {
    return new ClusteringEvaluator(params);
  }

  protected override async transformTable(table: Table, options: StageOptions): Promise<Table> {
    const { featuresCol, predictionCol, weightCol, metricsNames, distanceMeasure } = this.params;
    const features = vectorColumn(WHO, table, featuresCol);
    const columns = {
      features,
      prediction: scoreColumn(WHO, table, predictionCol),
      ...weightColumn(WHO, table, weightCol),
    };
    requireRows(WHO, table);
    const isCosine = distanceMeasure === 'cosine';
    const params: SilhouetteParams = { who: WHO, featuresCol, isCosine };
    const { clusters, silhouette } = await train<SilhouetteState>(
      WHO,
      {
        module: new URL('./silhouette-training.js', import.meta.url).href,
        name: 'silhouetteTraining',
        params,
      },
      Table.fromColumns(columns),
      { clusters: null, silhouette: Number.NaN },
      features.values.length * WORK_PER_ENTRY,
      { session: options.session, signal: options.signal, checkpoint: null },
    );
    const count = clusters!.labels.length;
    if (count < 2) {
      throw new DataError(
        `${WHO}: column "${predictionCol}" must have at least two clusters, got ${count}.`,
        { details: { who: WHO, column: predictionCol, clusters: count } },
      );
    }
    options.onProgress?.({ epoch: 1, rows: table.numRows });
    return metricsTable(metricsNames, { silhouette });
  }
}

/** An entry costs about so many multiplications, with a few clusters. */
const WORK_PER_ENTRY = 16;
