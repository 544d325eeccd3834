/** The columns that `NaiveBayes.fit` gives to the workers. */
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { Table } from '../table/table.js';

/** Features and labels of rows, and their weights; null: all weigh 1. */
export interface LabeledRows {
  readonly features: DenseVectorColumn | SparseVectorColumn;
  readonly labels: Float64Array;
  readonly rowWeights: Float64Array | null;
}

/** The columns `features`, `label` and, where there is one, `weight`. */
export function labeledRows(table: Table): LabeledRows {
  return {
    features: table.column('features', 'vector', 'sparseVector'),
    labels: table.column('label', 'float64').values,
    rowWeights: table.has('weight') ? table.column('weight', 'float64').values : null,
  };
}
