/** The exports of both builds. A kernel that is not listed here does not exist. */
export { pairDistances, pointDistances, spanningStep } from './agglomerative';
export {
  allFinite,
  allFiniteF32,
  asum,
  axpy,
  dot,
  f32ToF64,
  f64ToF32,
  i32ToF64,
  nrm2,
  scal,
  spaxpy,
  spdot,
  sum,
} from './blas1';
export {
  dictionaryAdd,
  dictionaryFind,
  dictionaryGrow,
  dictionaryKeep,
  dictionaryList,
} from './dictionary';
export { boxPoints, boxRound } from './boxes';
export { cosineByChirp, cosineByFourier, cosineByTables } from './cosine';
export {
  accumulate,
  accumulateWeighted,
  assign,
  assignAccumulate,
  assignManhattan,
  assignManhattanAccumulate,
  packCentroids,
  packCosine,
  packManhattan,
  squaredNorms,
} from './distance';
export {
  ftrlGradient,
  ftrlGradientDense,
  ftrlMargins,
  ftrlMarginsDense,
  ftrlUpdate,
  ftrlUpdateAll,
} from './ftrl';
export { hamerlyRound, packPairs } from './hamerly';
export { assembleRows, gatherI32, slotsOfHashes } from './hashing';
export { largestIndex, toIndices } from './indices';
export { linearLoss, linearLossSparse, weightedMoments } from './linear';
export {
  changedNeighbours,
  gatherColumn,
  gatherEntries,
  nearestTwo,
  scatterEntries,
  unionDistances,
} from './linkage';
export { elkanRound, packCentred, squaredDistances } from './kmeans';
export { logisticResiduals } from './logistic';
export { denseMargins, sparseMargins } from './margins';
export { minHash, nonZeros } from './min-hash';
export { crossProducts, multinomialLoss, multinomialLossSparse } from './multinomial';
export { murmur3Utf16, murmur3Utf16Batch, murmur3Utf8Batch } from './murmur3';
export {
  nearestRows,
  nearestRowsManhattan,
  packBlocks,
  packBlocksManhattan,
} from './neighbours';
export { normalizeRows, normalizeSparse } from './norms';
export { expandRows } from './polynomial';
export { countEdges, countKeys, selectBetween, transposeRows } from './quantile';
export {
  affineRows,
  columnMaxAbs,
  columnMinMax,
  columnMoments,
  scaleRows,
  scaleSparse,
  sparseMoments,
} from './stats';
export { countSlots, floorMods, splitWhitespace } from './text';

/** The first byte that the module itself does not use; whoever owns the memory starts here. */
export function heapBase(): usize {
  return __heap_base;
}
