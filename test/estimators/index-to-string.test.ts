import { test } from 'uvu';
import { IndexToStringModel, Table } from '../../src/index.js';
import { loadAs } from '../../src/stage/load.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';

const DATA = {
  stringArrays: [
    ['Oslo', 'Rome', '東京', ''],
    ['1.0', '2.0'],
  ],
};

/** The model is never learned: here it has its data from the start. */
class FilledModel extends IndexToStringModel {
  constructor(options: object) {
    super(options);
    this.setModelData(DATA);
  }
  static override load(path: string): Promise<IndexToStringModel> {
    return loadAs(FilledModel as never, path);
  }
  static override fromSaved(params: object): IndexToStringModel {
    return new FilledModel(params);
  }
}

function table(rows: number, seed: number): Table {
  const random = seeded(seed);
  return Table.fromColumns({
    id: Int32Array.from({ length: rows }, (_, i) => i),
    a: Float64Array.from({ length: rows }, () => random.below(4)),
    b: BigInt64Array.from({ length: rows }, () => BigInt(random.below(2))),
  });
}

function withNull(): Table {
  const cells: (number | null)[] = [...table(200, 1).column('a', 'float64').values];
  cells[3] = null;
  return table(200, 1).withColumn('a', cells);
}

checkStage({
  name: 'IndexToStringModel',
  Class: FilledModel as unknown as AnyStageClass,
  source: 'src/feature/index-to-string.ts',
  params: { inputCols: ['a', 'b'], outputCols: ['as', 'bs'] },
  table,
  manyRows: 0,
  wrong: { a: ['a', 'b'], b: [true, false] },
  withNull: withNull(),
  fewestRows: 0,
});

test.run();
