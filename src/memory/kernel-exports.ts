/** What the compiled kernels look like from TypeScript; one line for each export of `assembly/index.ts`. */
import type { AgglomerativeKernels } from './agglomerative-kernels.js';

/** A byte offset in the kernel memory: 8-byte aligned for f64, 0 where "none" is allowed. */
export type Address = number;

/**
 * Every kernel. Formulas, shapes and the treatment of NaN and ties stand with the kernels in
 * `assembly/`; none checks a bound.
 */
export interface KernelExports extends AgglomerativeKernels {
  /** The first byte that the module does not use. */
  heapBase(): Address;

  dot(n: number, x: Address, y: Address): number;
  axpy(n: number, alpha: number, x: Address, y: Address): void;
  scal(n: number, alpha: number, x: Address): void;
  asum(n: number, x: Address): number;
  nrm2(n: number, x: Address): number;
  sum(n: number, x: Address): number;
  spdot(nnz: number, indices: Address, values: Address, y: Address): number;
  spaxpy(nnz: number, alpha: number, indices: Address, values: Address, y: Address): void;
  f32ToF64(n: number, src: Address, dst: Address): void;
  i32ToF64(n: number, src: Address, dst: Address): void;
  f64ToF32(n: number, src: Address, dst: Address): void;
  allFinite(n: number, x: Address): number;
  allFiniteF32(n: number, x: Address): number;

  packCentroids(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  packCosine(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  packManhattan(k: number, d: number, centroids: Address, panels: Address, bias: Address): void;
  assign(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    scores: Address,
  ): void;
  assignAccumulate(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): number;
  assignManhattan(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    scores: Address,
  ): void;
  assignManhattanAccumulate(
    n: number,
    d: number,
    k: number,
    points: Address,
    panels: Address,
    bias: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): number;
  accumulate(
    n: number,
    d: number,
    points: Address,
    labels: Address,
    sums: Address,
    counts: Address,
  ): void;
  accumulateWeighted(
    n: number,
    d: number,
    points: Address,
    labels: Address,
    weights: Address,
    sums: Address,
    counts: Address,
  ): void;
  boxPoints(
    n: number,
    d: number,
    points: Address,
    origin: Address,
    order: Address,
    columns: Address,
    boxes: Address,
    groups: Address,
    bits: number,
    ranks: Address,
    scratch: Address,
  ): number;
  boxRound(
    n: number,
    d: number,
    k: number,
    points: Address,
    weights: Address,
    panels: Address,
    bias: Address,
    rows: Address,
    origin: Address,
    slack: number,
    order: Address,
    columns: Address,
    boxes: Address,
    groups: Address,
    labels: Address,
    scratch: Address,
    sums: Address,
    counts: Address,
  ): number;
  hamerlyRound(
    n: number,
    d: number,
    k: number,
    points: Address,
    weights: Address,
    panels: Address,
    bias: Address,
    rows: Address,
    origin: Address,
    pairs: Address,
    biases: Address,
    share: number,
    off: number,
    rest: number,
    moves: Address,
    drops: Address,
    margin: number,
    labels: Address,
    upper: Address,
    lower: Address,
    scratch: Address,
    sums: Address,
    counts: Address,
  ): number;
  packPairs(
    k: number,
    d: number,
    centroids: Address,
    origin: Address,
    pairs: Address,
    biases: Address,
  ): number;
  elkanRound(
    n: number,
    d: number,
    k: number,
    points: Address,
    weights: Address,
    panels: Address,
    bias: Address,
    rows: Address,
    origin: Address,
    packed: Address,
    squares: Address,
    most: number,
    moves: Address,
    share: number,
    margin: number,
    labels: Address,
    lower: Address,
    scratch: Address,
    sums: Address,
    counts: Address,
  ): number;
  packCentred(
    k: number,
    d: number,
    centroids: Address,
    origin: Address,
    rows: Address,
    squares: Address,
  ): void;
  squaredDistances(n: number, d: number, x: Address, c: Address, out: Address): void;
  squaredNorms(n: number, d: number, x: Address, out: Address): void;

  ftrlMargins(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    margins: Address,
  ): void;
  ftrlGradient(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    residuals: Address,
    weights: Address,
    touched: Address,
  ): number;
  ftrlUpdate(
    count: number,
    touched: Address,
    slots: Address,
    lo: number,
    alpha: number,
    beta: number,
    l1: number,
    l2: number,
  ): void;
  ftrlUpdateAll(
    lo: number,
    hi: number,
    slots: Address,
    alpha: number,
    beta: number,
    l1: number,
    l2: number,
  ): void;
  ftrlMarginsDense(
    rows: number,
    d: number,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    margins: Address,
  ): void;
  ftrlGradientDense(
    rows: number,
    d: number,
    values: Address,
    slots: Address,
    lo: number,
    hi: number,
    residuals: Address,
  ): void;
  logisticResiduals(
    n: number,
    margins: Address,
    labels: Address,
    probabilities: Address,
    residuals: Address,
  ): number;

  denseMargins(rows: number, d: number, x: Address, w: Address, margins: Address): void;
  sparseMargins(
    rows: number,
    offsets: Address,
    indices: Address,
    values: Address,
    w: Address,
    margins: Address,
  ): void;

  linearLoss(
    loss: number,
    rows: number,
    d: number,
    width: number,
    x: Address,
    labels: Address,
    weights: Address,
    parameters: Address,
    intercept: number,
    gradient: Address,
    block: number,
    scratch: Address,
  ): number;
  linearLossSparse(
    loss: number,
    rows: number,
    d: number,
    offsets: Address,
    indices: Address,
    values: Address,
    labels: Address,
    weights: Address,
    parameters: Address,
    intercept: number,
    gradient: Address,
    block: number,
    scratch: Address,
  ): number;
  weightedMoments(
    n: number,
    d: number,
    x: Address,
    weights: Address,
    shift: Address,
    sums: Address,
    squares: Address,
  ): void;
  multinomialLoss(
    rows: number,
    d: number,
    classes: number,
    width: number,
    x: Address,
    labels: Address,
    weights: Address,
    parameters: Address,
    gradient: Address,
    block: number,
    scratch: Address,
  ): number;
  crossProducts(n: number, d: number, k: number, x: Address, y: Address, out: Address): void;
  multinomialLossSparse(
    rows: number,
    d: number,
    classes: number,
    offsets: Address,
    indices: Address,
    values: Address,
    labels: Address,
    weights: Address,
    parameters: Address,
    gradient: Address,
    scratch: Address,
  ): number;

  toIndices(n: number, x: Address, most: number, other: number, out: Address): number;
  largestIndex(n: number, x: Address, most: number): number;

  columnMoments(
    n: number,
    d: number,
    x: Address,
    shift: Address,
    sums: Address,
    squares: Address,
  ): void;
  columnMinMax(n: number, d: number, x: Address, min: Address, max: Address): number;
  columnMaxAbs(n: number, d: number, x: Address, max: Address): void;
  affineRows(n: number, d: number, x: Address, scale: Address, offset: Address, out: Address): void;
  scaleRows(n: number, d: number, x: Address, shift: Address, scale: Address, out: Address): void;
  sparseMoments(nnz: number, indices: Address, values: Address, moments: Address): void;
  scaleSparse(nnz: number, indices: Address, values: Address, scale: Address, out: Address): void;

  dictionaryAdd(
    start: number,
    n: number,
    offsets: Address,
    width: number,
    bytes: Address,
    size: number,
    validity: Address,
    weights: Address,
    slots: Address,
    mask: number,
    entries: Address,
    room: number,
  ): number;
  dictionaryFind(
    n: number,
    offsets: Address,
    width: number,
    bytes: Address,
    size: number,
    validity: Address,
    slots: Address,
    mask: number,
    missing: number,
    out: Address,
  ): number;
  dictionaryGrow(slots: Address, entries: Address, larger: Address, mask: number): void;
  dictionaryKeep(slots: Address, entries: Address, from: number, copies: Address): number;
  dictionaryList(
    slots: Address,
    entries: Address,
    offsets: Address,
    bytes: Address,
    values: Address,
  ): number;

  selectBetween(n: number, x: Address, low: number, high: number, out: Address): number;
  countKeys(
    n: number,
    x: Address,
    low: Address,
    shift: number,
    parts: number,
    counts: Address,
  ): void;
  transposeRows(n: number, d: number, x: Address, out: Address): void;
  countEdges(
    n: number,
    d: number,
    x: Address,
    offsets: Address,
    edges: Address,
    out: Address,
  ): void;

  minHash(
    rows: number,
    offsets: Address,
    indices: Address,
    functions: number,
    a: Address,
    b: Address,
    out: Address,
  ): number;
  nonZeros(rows: number, d: number, x: Address, offsets: Address, indices: Address): number;

  normalizeRows(n: number, d: number, p: number, x: Address, out: Address): void;
  normalizeSparse(n: number, offsets: Address, p: number, values: Address, out: Address): void;
  expandRows(
    n: number,
    d: number,
    size: number,
    count: number,
    nodes: Address,
    x: Address,
    out: Address,
  ): void;
  cosineByTables(
    n: number,
    d: number,
    inverse: number,
    even: Address,
    odd: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;
  cosineByFourier(
    n: number,
    d: number,
    inverse: number,
    order: Address,
    turns: Address,
    twiddles: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;
  cosineByChirp(
    n: number,
    d: number,
    m: number,
    pre: Address,
    post: Address,
    spectrum: Address,
    twiddles: Address,
    x: Address,
    scratch: Address,
    out: Address,
  ): void;

  murmur3Utf16(units: Address, count: number, seed: number): number;
  murmur3Utf16Batch(
    n: number,
    offsets: Address,
    units: Address,
    prefix: Address,
    prefixUnits: number,
    out: Address,
  ): void;
  murmur3Utf8Batch(
    n: number,
    offsets: Address,
    bytes: Address,
    prefix: Address,
    prefixUnits: number,
    scratch: Address,
    out: Address,
  ): void;
  slotsOfHashes(n: number, hashes: Address, numFeatures: number, out: Address): void;
  gatherI32(n: number, codes: Address, table: Address, out: Address): void;
  assembleRows(
    rows: number,
    cols: number,
    indices: Address,
    values: Address,
    outOffsets: Address,
    outIndices: Address,
    outValues: Address,
  ): number;

  splitWhitespace(
    rows: number,
    offsets: Address,
    bytes: Address,
    lower: number,
    keepEmpty: number,
    outLists: Address,
    outOffsets: Address,
    outBytes: Address,
  ): number;
  floorMods(n: number, hashes: Address, divisor: number, out: Address): void;
  countSlots(
    rows: number,
    offsets: Address,
    slots: Address,
    minCount: number,
    minShare: number,
    binary: number,
    outOffsets: Address,
    outIndices: Address,
    outValues: Address,
  ): number;

  packBlocks(
    n: number,
    d: number,
    blockRows: number,
    rows: Address,
    boxes: Address,
    frames: Address,
    panels: Address,
    bias: Address,
  ): void;
  packBlocksManhattan(
    n: number,
    d: number,
    blockRows: number,
    rows: Address,
    boxes: Address,
    frames: Address,
    panels: Address,
    bias: Address,
  ): void;
  nearestRows(
    n: number,
    d: number,
    blockRows: number,
    rows: Address,
    order: Address,
    boxes: Address,
    frames: Address,
    panels: Address,
    bias: Address,
    numVisits: number,
    visits: Address,
    m: number,
    queries: Address,
    k: number,
    distances: Address,
    indices: Address,
    scratch: Address,
  ): void;
  nearestRowsManhattan(
    n: number,
    d: number,
    blockRows: number,
    rows: Address,
    order: Address,
    boxes: Address,
    frames: Address,
    panels: Address,
    bias: Address,
    numVisits: number,
    visits: Address,
    m: number,
    queries: Address,
    k: number,
    distances: Address,
    indices: Address,
    scratch: Address,
  ): void;
}
