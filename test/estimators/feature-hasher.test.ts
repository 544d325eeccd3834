import { test } from 'uvu';
import { FeatureHasher, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage } from './check.js';

const CITIES = ['Oslo', 'Rome', 'Łódź', '東京', '', 'a b', null];

function rows(count: number, seed: number): Table {
  const random = seeded(seed);
  const all = Array.from({ length: count }, (_, id) => ({
    id,
    city: CITIES[random.below(CITIES.length)],
    km: random.unit() < 0.1 ? null : random.unit() * 100,
    hour: random.below(24),
    late: random.unit() < 0.5,
  }));
  const schema = { id: 'int32', city: 'string', km: 'float64', hour: 'int32', late: 'boolean' };
  return Table.fromRows(all, schema as never);
}

const nan = rows(200, 1);

checkStage({
  name: 'FeatureHasher',
  Class: FeatureHasher as unknown as AnyStageClass,
  source: 'src/feature/feature-hasher.ts',
  params: {
    inputCols: ['city', 'km', 'hour', 'late'],
    categoricalCols: ['hour'],
    numFeatures: 500,
  },
  table: rows,
  manyRows: 9_000,
  wrong: { city: [[1], [2]], km: [['a'], ['b']], hour: [new Date(0)], late: [['a']] },
  nan: { table: nan.withColumn('km', new Float64Array(200).fill(Number.NaN)), refused: false },
  fewestRows: 0,
});

test.run();
