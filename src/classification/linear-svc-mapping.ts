/** Predictions of a linear support vector classifier, shard by shard. */
import type { RowMapping } from '../algorithm/map-rows.js';
import { type LinearWeights, marginsOf } from '../optimization/margins.js';
import { withScratch } from '../stage/kernel-data.js';

export interface LinearSVCMappingParams extends LinearWeights {
  readonly featuresCol: string;
  readonly threshold: number;
}

/** Outputs: `prediction`, 1 where m = x·w + b >= threshold, else 0; `raw`, [m, -m]. */
export function linearSVCMapping(params: LinearSVCMappingParams): RowMapping {
  const { featuresCol, threshold } = params;
  return {
    apply({ table }, { prediction, raw }, scope) {
      const column = table.column(featuresCol, 'vector', 'sparseVector');
      withScratch(scope, () => {
        const margins = marginsOf(column, params, scope);
        for (let row = 0; row < margins.length; row++) {
          const margin = margins[row]!;
          prediction![row] = margin >= threshold ? 1 : 0;
          raw![2 * row] = margin;
          raw![2 * row + 1] = -margin;
        }
      });
    },
  };
}
