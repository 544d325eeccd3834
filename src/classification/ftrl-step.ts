/** What {@link FtrlLearner} does with a batch, in kernel memory: margins, residuals, one step of FTRL. */
import { CombinationTree, type TreeNode } from '../algorithm/combination-tree.js';
import type { KernelScope } from '../algorithm/training.js';
import { type FeatureRanges, SLOT_BYTES } from './feature-ranges.js';
import type { FtrlParams } from './ftrl-messages.js';
import { denseOf, isSparse, labelsOf, offsetsOf, type Piece, weightsOf } from './row-queue.js';

/** Rows that are learned from at once. */
export interface Batch {
  readonly pieces: readonly Piece[];
  readonly rows: number;
  /** False for the rows that are left at the end: they are predicted only. */
  readonly learned: boolean;
}

/** How margins of ranges add up: into the first. */
export const addVectors = (a: Float64Array, b: Float64Array): Float64Array => {
  for (let i = 0; i < a.length; i++) a[i]! += b[i]!;
  return a;
};

/** Margins over the own ranges of features, as subtrees over all ranges. */
export function ownMargins(
  { pieces, rows }: Batch,
  memory: FeatureRanges,
  { kernels, arena }: KernelScope,
): TreeNode<Float64Array>[] {
  const { first, last, lo, slots, margins } = memory;
  const { ftrlMargins, ftrlMarginsDense } = kernels.exports;
  const tree = new CombinationTree(addVectors);
  for (let range = first; range < last; range++) {
    const from = memory.startOf(range);
    const to = memory.startOf(range + 1);
    const own = slots + (from - lo) * SLOT_BYTES;
    for (const piece of pieces) {
      const { chunk } = piece;
      const at = margins + piece.at * 8;
      if (isSparse(piece)) {
        const { indices, values } = chunk;
        ftrlMargins(piece.rows, offsetsOf(piece), indices, values, own, from, to, at);
      } else {
        ftrlMarginsDense(piece.rows, chunk.dim, denseOf(piece), own, from, to, at);
      }
    }
    tree.add({ level: 0, index: range, value: arena.f64(margins, rows).slice() });
  }
  return tree.take();
}

/** Margins become residuals, in place. Returns the batch's loss. */
export function residualsOf(
  { pieces }: Batch,
  { margins, probabilities }: FeatureRanges,
  { kernels }: KernelScope,
): number {
  const { logisticResiduals } = kernels.exports;
  let loss = 0;
  for (const piece of pieces) {
    const at = piece.at * 8;
    const [from, to] = [margins + at, probabilities + at];
    loss += logisticResiduals(piece.rows, from, labelsOf(piece), to, from);
  }
  return loss;
}

/**
 * One step of FTRL on the own features, by the residuals of a batch.
 *
 * @param isFirst Whether nothing has been learned before.
 */
export function learnFrom(
  { pieces }: Batch,
  { lo, hi, slots, touched, margins }: FeatureRanges,
  { alpha, beta, l1, l2 }: FtrlParams,
  { kernels }: KernelScope,
  isFirst: boolean,
): void {
  const { ftrlGradient, ftrlGradientDense, ftrlUpdate, ftrlUpdateAll } = kernels.exports;
  let count = 0;
  let dense = false;
  for (const piece of pieces) {
    const { chunk, rows } = piece;
    const residuals = margins + piece.at * 8;
    if (isSparse(piece)) {
      count += ftrlGradient(
        rows,
        offsetsOf(piece),
        chunk.indices,
        chunk.values,
        slots,
        lo,
        hi,
        residuals,
        weightsOf(piece),
        touched + count * 4,
      );
    } else {
      ftrlGradientDense(rows, chunk.dim, denseOf(piece), slots, lo, hi, residuals);
      dense = true;
    }
  }
  // A step sets every coefficient, as a function of z and n alone. Those that the batch does not
  // touch keep z and n, so after the first step only the touched ones can change.
  const all = dense || isFirst;
  if (all) ftrlUpdateAll(lo, hi, slots, alpha, beta, l1, l2);
  else ftrlUpdate(count, touched, slots, lo, alpha, beta, l1, l2);
}
