/** The margins of batches, as they come from the learners that own features. */
import { combineRoot, type TreeNode } from '../algorithm/combination-tree.js';
import type { Margins } from './ftrl-messages.js';
import { addVectors } from './ftrl-step.js';

type Nodes = TreeNode<Float64Array>[];

/** By batch: the parts of the learners that have sent theirs. */
export type MarginExchangeState = readonly (readonly [batch: number, parts: Nodes[]])[];

/** Learners may be ahead of each other: parts wait until their batch is begun here. */
export class MarginExchange {
  readonly #parts = new Map<number, Nodes[]>();

  add({ batch, nodes }: Margins): void {
    const known = this.#parts.get(batch) ?? [];
    this.#parts.set(batch, known);
    // The frame is read in place, and the sum is made in place: both want copies.
    known.push(nodes.map((node) => ({ ...node, value: node.value.slice() })));
  }

  /** The margins of a batch over all features; null while one of the `owners` has not sent its part. */
  take(batch: number, owners: number): Float64Array | null {
    const parts = this.#parts.get(batch) ?? [];
    if (parts.length < owners) return null;
    this.#parts.delete(batch);
    return combineRoot(parts.flat(), addVectors);
  }

  clear(): void {
    this.#parts.clear();
  }

  get state(): MarginExchangeState {
    return [...this.#parts];
  }

  restore(state: MarginExchangeState): void {
    for (const [batch, parts] of state) this.#parts.set(batch, parts);
  }
}
