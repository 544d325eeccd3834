// @timeout 300
import { test } from 'uvu';
import { Column, StringIndexer, StringIndexerModel, Table } from '../../src/index.js';
import type { AnyStageClass } from '../conformance/stages.js';
import { seeded } from '../reference/random.js';
import { checkStage, type StageCase } from './check.js';

const CITIES = ['Oslo', 'Rome', 'Łódź', '東京', '', 'a b', 'a name of more than sixteen bytes'];

function id(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** Strings as UTF-8 and in a dictionary, and numbers of two types; null in some. */
function table(rows: number, seed: number): Table {
  const random = seeded(seed);
  const pick = () => (random.unit() < 0.05 ? null : CITIES[random.below(CITIES.length)]!);
  const codes = Int32Array.from({ length: rows }, () => random.below(CITIES.length + 1) - 1);
  const km = Float64Array.from({ length: rows }, () => random.below(40) / 8 - 1);
  return Table.fromColumns(
    {
      id: id(rows),
      city: Array.from({ length: rows }, pick),
      to: Column.dictionary(codes, CITIES),
      km,
      hour: Int32Array.from({ length: rows }, () => random.below(24)),
    },
    { id: 'int32', city: 'string' },
  );
}

const base: Omit<StageCase, 'name' | 'params' | 'manyRows'> = {
  Class: StringIndexer as unknown as AnyStageClass,
  ModelClass: StringIndexerModel as unknown as AnyStageClass,
  source: 'src/feature/string-indexer.ts',
  table,
  wrong: {},
  fewestRows: 1,
};

checkStage({
  ...base,
  name: 'StringIndexer',
  params: {
    inputCols: ['city', 'to', 'km', 'hour'],
    outputCols: ['cityIndex', 'toIndex', 'kmIndex', 'hourIndex'],
    handleInvalid: 'keep',
  },
  manyRows: 9_000,
  wrong: { city: [true, false], to: [[1], [2]], km: [new Date(0)], hour: [['a']] },
  nan: {
    table: table(200, 1).withColumn('km', new Float64Array(200).fill(Number.NaN)),
    refused: false,
  },
  script: `
    const cities = Array.from({ length: 600000 }, (_, i) => 'city ' + (i % 1000));
    const table = Table.fromColumns({ city: cities });
    await new StringIndexer({ inputCols: ['city'], outputCols: ['index'] }).fit(table);
    console.log('done');`,
});

checkStage({
  ...base,
  name: 'StringIndexer, of a dictionary',
  params: {
    inputCols: ['to'],
    outputCols: ['toIndex'],
    stringOrderType: 'frequencyDesc',
    handleInvalid: 'keep',
  },
  manyRows: 0,
});

test.run();
