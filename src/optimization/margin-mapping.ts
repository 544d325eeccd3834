/** Maps rows to their margins: how a linear model with one margin a row predicts. */
import type { RowMapping } from '../algorithm/map-rows.js';
import { withScratch } from '../stage/kernel-data.js';
import { type LinearWeights, marginsOf } from './margins.js';

export interface MarginMappingParams extends LinearWeights {
  readonly featuresCol: string;
}

/** Output: `margin`, x·w + b. */
export function marginMapping(params: MarginMappingParams): RowMapping {
  return {
    apply(shard, { margin }, scope) {
      const column = shard.table.column(params.featuresCol, 'vector', 'sparseVector');
      withScratch(scope, () => margin!.set(marginsOf(column, params, scope)));
    },
  };
}
