/** Blocks of items, whose similar items the workers find. */
import { openJob } from '../algorithm/run.js';
import { javaDoubleText } from '../core/java-text.js';
import type { Collector, OperatorContext, ProcessOperator } from '../engine/operator.js';
import type { StageOptions } from '../stage/stage.js';
import { int64 } from '../table/buffers.js';
import { Column } from '../table/column.js';
import { Table } from '../table/table.js';
import { encodeStrings } from '../table/utf8-builder.js';
import type { Lists } from './behavior.js';
import { SwingScores, type SwingWeights } from './swing-scores.js';

/** Items `[start, end)`. */
interface Block {
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

interface SwingBlocksParams extends SwingWeights {
  readonly k: number;
  readonly itemCol: string;
  readonly outputCol: string;
}

interface BlockOutput {
  readonly index: number;
  readonly table: Table;
}

/** More blocks than workers, so that one that takes long does not hold up the others. */
const MAX_BLOCKS = 256;

/** In: blocks of items. Out: their rows of the result. */
export class SwingBlocks implements ProcessOperator<Block, BlockOutput> {
  static readonly module: string = import.meta.url;
  readonly #params: SwingBlocksParams;
  #context!: OperatorContext;
  #ids!: BigInt64Array;
  #scores!: SwingScores;

  constructor(params: SwingBlocksParams) {
    this.#params = params;
  }

  open(context: OperatorContext): void {
    const { buffers } = context;
    const lists = (name: string): Lists => ({
      offsets: new Int32Array(buffers[`${name} offsets`]!),
      values: new Int32Array(buffers[name]!),
    });
    this.#context = context;
    this.#ids = new BigInt64Array(buffers.ids!);
    const { k } = this.#params;
    this.#scores = new SwingScores(lists('items'), lists('purchasers'), k, this.#params);
  }

  process({ index, start, end }: Block, out: Collector<BlockOutput>): void {
    const ids: bigint[] = [];
    const texts: string[] = [];
    for (let item = start; item < end; item++) {
      // One item may take long: a job that is being stopped need not end its block.
      if (this.#context.stopped) return;
      const { items, scores } = this.#scores.similarTo(item);
      if (items.length === 0) continue;
      ids.push(this.#ids[item]!);
      texts.push(
        Array.from(items, (other, i) => `${this.#ids[other]},${javaDoubleText(scores[i]!)}`).join(
          ';',
        ),
      );
    }
    out.emit({ index, table: resultTable(this.#params, ids, texts) });
  }
}

function resultTable(
  { itemCol, outputCol }: Pick<SwingBlocksParams, 'itemCol' | 'outputCol'>,
  ids: readonly bigint[],
  texts: readonly string[],
): Table {
  const items = int64(ids.length);
  items.set(ids);
  const { bytes, offsets } = encodeStrings(texts);
  return Table.fromColumns({
    [itemCol]: Column.numeric(items),
    [outputCol]: Column.utf8(bytes, offsets),
  });
}

/**
 * The rows of the result, by item.
 *
 * @param ids What the items' numbers stand for.
 */
export async function swingOnBlocks(
  who: string,
  ids: BigInt64Array<SharedArrayBuffer>,
  itemsOfUsers: Lists,
  purchasers: Lists,
  params: SwingBlocksParams,
  options: StageOptions,
): Promise<Table> {
  const costs = costsOf(itemsOfUsers, purchasers);
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const job = openJob(who, work, options);
  job.buffer('ids', ids.buffer);
  for (const [name, { offsets, values }] of Object.entries({ items: itemsOfUsers, purchasers })) {
    job.buffer(`${name} offsets`, offsets.buffer);
    job.buffer(name, values.buffer);
  }
  const blocks = job.of(blocksOf(costs, work)).rebalance();
  const outputs = await blocks.process(SwingBlocks, params).gather().output().toArray();
  outputs.sort((a, b) => a.index - b.index);
  return Table.concat([resultTable(params, [], []), ...outputs.map(({ table }) => table)]);
}

/** What each item costs, roughly: a look at all items of its purchasers, and at their pairs. */
function costsOf(itemsOfUsers: Lists, purchasers: Lists): Float64Array {
  const costs = new Float64Array(purchasers.offsets.length - 1);
  for (let item = 0; item < costs.length; item++) {
    const [first, end] = [purchasers.offsets[item]!, purchasers.offsets[item + 1]!];
    let looks = 0;
    for (let p = first; p < end; p++) {
      const user = purchasers.values[p]!;
      looks += itemsOfUsers.offsets[user + 1]! - itemsOfUsers.offsets[user]!;
    }
    costs[item] = 4 * looks + (end - first) ** 2;
  }
  return costs;
}

/** Blocks of about the same cost. */
function blocksOf(costs: Float64Array, work: number): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let cost = 0;
  for (let item = 0; item < costs.length; item++) {
    cost += costs[item]!;
    if (cost * MAX_BLOCKS < work && item + 1 < costs.length) continue;
    blocks.push({ index: blocks.length, start, end: item + 1 });
    start = item + 1;
    cost = 0;
  }
  return blocks;
}
