/** Scores of labels by the values of features that are categories. */
import type { DenseVectorColumn } from '../table/dense-vector-column.js';
import type { SparseVectorColumn } from '../table/sparse-vector-column.js';
import type { LabelScorer, LabelScores } from './label-scores.js';
import { featuresOf, type NaiveBayesModelData } from './naive-bayes-data.js';

/** Values below are found by index where they are small integers, as most categories are. */
const SMALL = 1024;

/** The values of one feature; each has a slot, and the last slot is that of all others. */
interface FeatureSlots {
  /** Slot by small integer, -1: none. */
  readonly small: Int32Array;
  readonly others: ReadonlyMap<number, number>;
  readonly unseen: number;
}

/** ln P(l) + Σ_t ln P(x_t | l). */
export class CategoryScorer implements LabelScorer {
  readonly #dim: number;
  readonly #priors: Float64Array;
  readonly #features: readonly FeatureSlots[];
  /** `slots × labels`. */
  readonly #logs: Float64Array;
  readonly #takesUnseen: boolean;

  constructor(data: NaiveBayesModelData) {
    const { piArray, unseen } = data;
    const theta = data.theta as readonly (readonly ReadonlyMap<number, number>[])[];
    this.#dim = featuresOf(data);
    this.#priors = piArray.values;
    this.#takesUnseen = unseen !== undefined;
    const logs: number[] = [];
    this.#features = theta[0]!.map((first, t) => {
      const slots = [...first.keys()].map((value) => {
        for (const maps of theta) logs.push(maps[t]!.get(value)!);
        return [value, logs.length / theta.length - 1] as const;
      });
      for (let l = 0; l < theta.length; l++) logs.push(unseen?.[l]?.values[t] ?? 0);
      return slotsOf(slots, logs.length / theta.length - 1);
    });
    this.#logs = Float64Array.from(logs);
  }

  get workPerEntry(): number {
    return this.#priors.length + 4;
  }

  score(features: DenseVectorColumn | SparseVectorColumn): LabelScores {
    const width = this.#priors.length;
    const scores = new Float64Array(features.length * width);
    const unseen: number[] = [];
    const row = new Float64Array(this.#dim);
    const starts = new Int32Array(this.#dim);
    for (let i = 0; i < features.length; i++) {
      readRow(features, i, row);
      if (!this.#findLogs(row, starts)) unseen.push(i);
      this.#addLogs(starts, scores, i * width);
    }
    return { scores, unseen, takesUnseen: this.#takesUnseen };
  }

  /** The entry of a row whose value was not seen. */
  unseenEntry(features: DenseVectorColumn | SparseVectorColumn, i: number): [number, number] {
    const row = new Float64Array(this.#dim);
    readRow(features, i, row);
    const entry = this.#features.findIndex((slots, t) => slotOf(slots, row[t]!) === slots.unseen);
    return [entry, row[entry]!];
  }

  /** Finds where the logarithms of a row's values are; whether all values were seen. */
  #findLogs(row: Float64Array, starts: Int32Array): boolean {
    const width = this.#priors.length;
    let isSeen = true;
    for (let t = 0; t < row.length; t++) {
      const slots = this.#features[t]!;
      const slot = slotOf(slots, row[t]!);
      if (slot === slots.unseen) isSeen = false;
      starts[t] = slot * width;
    }
    return isSeen;
  }

  /** The scores of a row: what its values add up to, two features at a time. */
  #addLogs(starts: Int32Array, scores: Float64Array, first: number): void {
    const logs = this.#logs;
    const width = this.#priors.length;
    const pairs = starts.length - (starts.length % 2);
    for (let l = 0; l < width; l++) {
      let [even, odd] = [this.#priors[l]!, 0];
      for (let t = 0; t < pairs; t += 2) {
        even += logs[starts[t]! + l]!;
        odd += logs[starts[t + 1]! + l]!;
      }
      if (pairs < starts.length) even += logs[starts[pairs]! + l]!;
      scores[first + l] = even + odd;
    }
  }
}

function slotsOf(slots: readonly (readonly [number, number])[], unseen: number): FeatureSlots {
  const isSmall = (value: number) => value >= 0 && value < SMALL && Number.isInteger(value);
  const most = slots.reduce((top, [value]) => (isSmall(value) ? Math.max(top, value) : top), -1);
  const small = new Int32Array(most + 1).fill(-1);
  const others = new Map<number, number>();
  for (const [value, slot] of slots) {
    if (isSmall(value)) small[value] = slot;
    else others.set(value, slot);
  }
  return { small, others, unseen };
}

function slotOf({ small, others, unseen }: FeatureSlots, value: number): number {
  if (value >= 0 && value < small.length && value === Math.floor(value)) {
    const slot = small[value]!;
    return slot < 0 ? unseen : slot;
  }
  return others.size === 0 ? unseen : (others.get(value) ?? unseen);
}

function readRow(
  features: DenseVectorColumn | SparseVectorColumn,
  i: number,
  row: Float64Array,
): void {
  const { values } = features;
  if (features.layout === 'dense') {
    const { dim } = features;
    for (let t = 0, at = i * dim; t < dim; t++, at++) row[t] = values[at]!;
    return;
  }
  row.fill(0);
  for (let e = features.offsets[i]!; e < features.offsets[i + 1]!; e++) {
    row[features.indices[e]!] = values[e]!;
  }
}
