import { test } from 'uvu';
import { SQLTransformer, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkOperator, type OperatorCase } from './check-operator.js';

/** DuckDB has threads of its own, and null and NaN are SQL's. */
const base: Omit<OperatorCase, 'name' | 'params'> = {
  Class: SQLTransformer as unknown as AnyStageClass,
  source: 'src/feature/sql-transformer.ts',
  table: (rows, seed) => {
    const random = seeded(seed);
    return Table.fromColumns({
      id: Int32Array.from({ length: rows }, () => random.below(9)),
      x: random.f64(rows),
    });
  },
  manyRows: 0,
  wrong: {},
  withNull: {},
  fewestRows: 0,
};

checkOperator({
  ...base,
  name: 'SQLTransformer, row by row',
  params: { statement: 'SELECT *, x * 2 AS y FROM __THIS__ WHERE id > 2' },
});
checkOperator({
  ...base,
  name: 'SQLTransformer, aggregate',
  params: { statement: 'SELECT id, sum(x) AS total FROM __THIS__ GROUP BY id ORDER BY id' },
});

test.run();
