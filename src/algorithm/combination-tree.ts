/**
 * Combination along a fixed binary tree: the leaves are a table's shards, in order, a power of two
 * of them. Each worker combines the complete subtrees of its contiguous run, whoever collects them
 * combines the rest, and the result is that of the tree, whatever the runs were.
 */
import { invariant } from '../core/errors.js';

/** The combination of the leaves `[index * 2^level, (index + 1) * 2^level)`. */
export interface TreeNode<T> {
  readonly level: number;
  readonly index: number;
  readonly value: T;
}

/** Combines siblings as soon as both are there. Nodes must be added in the order of their leaves. */
export class CombinationTree<T> {
  readonly #combine: (a: T, b: T) => T;
  #nodes: TreeNode<T>[] = [];

  constructor(combine: (a: T, b: T) => T) {
    this.#combine = combine;
  }

  add(node: TreeNode<T>): void {
    let right = node;
    let left = this.#nodes.at(-1);
    while (left !== undefined && areSiblings(left, right)) {
      this.#nodes.pop();
      const value = this.#combine(left.value, right.value);
      right = { level: left.level + 1, index: left.index >> 1, value };
      left = this.#nodes.at(-1);
    }
    this.#nodes.push(right);
  }

  /** The largest complete subtrees, in order; empties the tree. */
  take(): TreeNode<T>[] {
    const nodes = this.#nodes;
    this.#nodes = [];
    return nodes;
  }
}

function areSiblings<T>(left: TreeNode<T>, right: TreeNode<T>): boolean {
  return left.level === right.level && (left.index & 1) === 0 && left.index + 1 === right.index;
}

/** Index of the first leaf of a subtree. */
export const firstLeaf = ({ level, index }: TreeNode<unknown>): number => index * 2 ** level;

/** Combines the subtrees of all workers, given in any order, to the root. */
export function combineRoot<T>(nodes: readonly TreeNode<T>[], combine: (a: T, b: T) => T): T {
  const tree = new CombinationTree(combine);
  for (const node of [...nodes].sort((a, b) => firstLeaf(a) - firstLeaf(b))) tree.add(node);
  const [root, ...rest] = tree.take();
  invariant(root !== undefined && rest.length === 0, 'a combination tree has one root');
  return root.value;
}
