/** Cases of the nearest rows. */
import { blocksOf } from '../../src/classification/knn-blocks.js';
import { BITS, ints, type KernelCases } from './inputs.js';
import {
  nearestRows,
  nearestRowsManhattan,
  packBlocks,
  packBlocksManhattan,
} from './neighbours.js';
import type { Random } from './random.js';
import type { Arg } from './run.js';

const BLOCK_ROWS = 16;

/** What makes rows hard to tell apart in 32 bits, or impossible. */
const KINDS = ['plain', 'ties', 'offset', 'equal', 'large', 'small', 'outlier'] as const;

function rowsOf(random: Random, kind: (typeof KINDS)[number], n: number, d: number): Float64Array {
  if (kind === 'ties') return Float64Array.from(ints(random, n * d, 3));
  if (kind === 'equal') return new Float64Array(n * d).fill(random.unit());
  const rows = random.f64(n * d);
  const scale = { large: 1e200, small: 1e-200, offset: 1e-6 }[kind as string] ?? 1;
  for (let i = 0; i < rows.length; i++) rows[i] = rows[i]! * scale + (kind === 'offset' ? 1e8 : 0);
  if (kind === 'outlier' && n > 0) rows.fill(1e30, 0, d);
  return rows;
}

/** The arguments that the kernels of packing and of searching begin with. */
function* blocks(random: Random): Iterable<{ readonly d: number; readonly args: readonly Arg[] }> {
  for (const kind of KINDS) {
    for (const n of [1, 7, 16, 50, 133]) {
      for (const d of [1, 2, 5, 16, 33]) {
        const { rows, order, boxes } = blocksOf(rowsOf(random, kind, n, d), n, d, BLOCK_ROWS);
        const size = Math.ceil(n / BLOCK_ROWS);
        const packed = [
          new Float64Array(size * (d + 1)),
          new Float32Array(size * BLOCK_ROWS * d),
          new Float32Array(size * BLOCK_ROWS),
        ];
        yield { d, args: [n, d, BLOCK_ROWS, rows, order, boxes, ...packed] };
      }
    }
  }
}

const ORDER = 4;

function* packInputs(random: Random): Iterable<Arg[]> {
  for (const { args } of blocks(random)) yield args.filter((_, i) => i !== ORDER);
}

/** All blocks in some order, for queries of which some are rows. */
const searchInputs = (pack: (...args: never[]) => void) =>
  function* (random: Random): Iterable<Arg[]> {
    for (const { d, args } of blocks(random)) {
      pack(...(args.filter((_, i) => i !== ORDER) as never[]));
      const n = args[0] as number;
      const rows = args[3] as Float64Array;
      const size = Math.ceil(n / BLOCK_ROWS);
      const visits = Int32Array.from({ length: size }, (_, i) => (i * 5 + 1) % size);
      const isPermuted = new Set(visits).size === size;
      if (!isPermuted)
        visits.forEach((_, i) => {
          visits[i] = size - 1 - i;
        });
      for (const [m, k] of [
        [1, 1],
        [3, 2],
        [9, 5],
        [6, 40],
      ] as const) {
        const queries = new Float64Array(m * d);
        for (let q = 0; q < m; q++) {
          const row = random.below(n);
          queries.set(rows.subarray(row * d, (row + 1) * d), q * d);
          if (q % 2 === 1) queries[q * d] = queries[q * d]! * (1 + random.unit() / 4);
        }
        const distances = new Float64Array(m * k).fill(Infinity);
        const indices = new Int32Array(m * k).fill(0x7fffffff);
        const scratch = new Float64Array(8 + 2 * d + Math.ceil(m / 2));
        yield [...args, size, visits, m, queries, k, distances, indices, scratch];
      }
    }
  };

const SCRATCH = 16;

export const NEIGHBOUR_CASES: readonly KernelCases[] = [
  {
    name: 'packBlocks',
    reference: packBlocks,
    inputs: packInputs,
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'packBlocksManhattan',
    reference: packBlocksManhattan,
    inputs: packInputs,
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'nearestRows',
    reference: nearestRows,
    inputs: searchInputs(packBlocks),
    scratch: [SCRATCH],
    simd: BITS,
    relaxed: BITS,
  },
  {
    name: 'nearestRowsManhattan',
    reference: nearestRowsManhattan,
    inputs: searchInputs(packBlocksManhattan),
    scratch: [SCRATCH],
    simd: BITS,
    relaxed: BITS,
  },
];
