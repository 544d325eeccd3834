import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hilbertRanks } from '../../src/clustering/hilbert-curve.js';

const SHAPES = [
  [1, 5],
  [2, 1],
  [2, 4],
  [3, 3],
  [4, 3],
  [6, 2],
  [12, 1],
] as const;

test('the curve visits every cell once, and each step goes to a cell beside the last', () => {
  for (const [dim, bits] of SHAPES) {
    const ranks = hilbertRanks(dim, bits);
    const cells = new Int32Array(ranks.length).fill(-1);
    for (const [cell, rank] of ranks.entries()) cells[rank] = cell;
    assert.not(cells.includes(-1), `${dim} x ${bits}`);
    const at = (cell: number, t: number): number => (cell >> (bits * t)) & (2 ** bits - 1);
    for (let rank = 1; rank < cells.length; rank++) {
      let way = 0;
      for (let t = 0; t < dim; t++) way += Math.abs(at(cells[rank]!, t) - at(cells[rank - 1]!, t));
      assert.is(way, 1, `${dim} x ${bits}: step ${rank}`);
    }
  }
});

test.run();
