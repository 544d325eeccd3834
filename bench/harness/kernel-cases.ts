/** Kernels at shapes that they are used at, with what a call moves and computes. */
import type { KernelExports } from '../../src/memory/kernels.js';
import * as blas1 from '../../test/reference/blas1.js';
import * as distance from '../../test/reference/distance.js';
import * as ftrl from '../../test/reference/ftrl.js';
import * as hashing from '../../test/reference/hashing.js';
import { ints } from '../../test/reference/inputs.js';
import * as linear from '../../test/reference/linear.js';
import * as margins from '../../test/reference/margins.js';
import { type Random, seeded } from '../../test/reference/random.js';
import type { Arg } from '../../test/reference/run.js';
import * as stats from '../../test/reference/stats.js';

/** One call of a kernel. Arrays that steps share are one array. */
export interface Step {
  readonly kernel: keyof KernelExports;
  readonly reference: (...args: never[]) => unknown;
  readonly args: readonly Arg[];
  /** Positions of arguments whose contents afterwards mean nothing. */
  readonly scratch?: readonly number[];
}

export interface KernelCase {
  readonly what: string;
  readonly steps: readonly Step[];
  readonly rows: number;
  /** Bytes that have to be read and written, once each. */
  readonly bytes: number;
  /** Floating-point operations, where they are what limits. */
  readonly flop?: number;
  /** Random lines of 64 bytes that are read, where they are what limits. */
  readonly lines?: number;
}

/** f64 values that lie in the cache of a core. */
const N = 16_384;
const SIZE = 262_144;
const ENTRIES = 7;

const zeros = (n: number): Float64Array => new Float64Array(n);

function vectorCases(random: Random): KernelCase[] {
  const [x, y] = [random.f64(N), random.f64(N)];
  const nnz = 65_536;
  const indices = ints(random, nnz, SIZE).sort();
  const [values, dense] = [random.f64(nnz), random.f64(SIZE)];
  const floats = Float32Array.from(x);
  const one = (
    kernel: Step['kernel'],
    reference: Step['reference'],
    args: Arg[],
    bytes: number,
    rows = N,
  ): KernelCase => ({
    what: `${kernel}, n=${rows}`,
    steps: [{ kernel, reference, args }],
    ...{ rows, bytes },
  });
  return [
    one('dot', blas1.dot, [N, x, y], 16 * N),
    // Minus one: the values stay what they are.
    one('axpy', blas1.axpy, [N, -1, x, y], 24 * N),
    one('scal', blas1.scal, [N, -1, x], 16 * N),
    one('sum', blas1.sum, [N, x], 8 * N),
    one('f32ToF64', blas1.convert, [N, floats, zeros(N)], 12 * N),
    one('allFinite', blas1.allFinite, [N, x], 8 * N),
    one('spdot', blas1.spdot, [nnz, indices, values, dense], 20 * nnz, nnz),
    one('spaxpy', blas1.spaxpy, [nnz, -1, indices, values, dense], 28 * nnz, nnz),
  ];
}

/** Distance measures; operations are counted per column of a point and a centroid. */
const MEASURES = [
  {
    pack: distance.packCentroids,
    assign: 'assign',
    assignReference: distance.assign,
    accumulate: 'assignAccumulate',
    accumulateReference: distance.assignAccumulate,
    flop: 2,
    isRare: false,
  },
  {
    pack: distance.packManhattan,
    assign: 'assignManhattan',
    assignReference: distance.assignManhattan,
    accumulate: 'assignManhattanAccumulate',
    accumulateReference: distance.assignManhattanAccumulate,
    flop: 3,
    isRare: true,
  },
] as const;

function distanceCases(random: Random): KernelCase[] {
  const cases: KernelCase[] = [];
  const shapes = [
    [4096, 20, 10],
    [1024, 100, 10],
    [1024, 100, 100],
    [16_384, 2, 8],
  ] as const;
  for (const [n, d, k] of shapes) {
    const padded = Math.ceil(k / 4) * 4;
    const points = random.f64(n * d);
    for (const measure of MEASURES) {
      const [panels, bias] = [zeros(padded * d), zeros(padded)];
      measure.pack(k, d, random.f64(k * d), panels, bias);
      const labels = new Int32Array(n);
      const bytes = 8 * n * d + 4 * n;
      const flop = measure.flop * n * d * k;
      const shared = [n, d, k, points, panels, bias, labels];
      const add = (kernel: Step['kernel'], reference: Step['reference'], last: Arg[]) => {
        const what = `${kernel}, ${n} x ${d}, k=${k}`;
        const args = [...shared, ...last];
        cases.push({ what, steps: [{ kernel, reference, args }], rows: n, bytes, flop });
      };
      if (k === 10) add(measure.assign, measure.assignReference, [null]);
      if (measure.isRare && k !== 10) continue;
      add(measure.accumulate, measure.accumulateReference, [zeros(k * d), zeros(k)]);
    }
  }
  const [n, d] = [1024, 100];
  cases.push({
    what: `squaredNorms, ${n} x ${d}`,
    steps: [
      {
        kernel: 'squaredNorms',
        reference: distance.squaredNorms,
        args: [n, d, random.f64(n * d), zeros(n)],
      },
    ],
    ...{ rows: n, bytes: 8 * n * d, flop: 2 * n * d },
  });
  return cases;
}

/** Rows of seven entries; few features take most of them, as in real data. */
function sparseRows(random: Random, rows: number): [Int32Array, Int32Array, Float64Array] {
  const offsets = Int32Array.from({ length: rows + 1 }, (_, r) => r * ENTRIES);
  const indices = new Int32Array(rows * ENTRIES);
  for (let r = 0; r < rows; r++) {
    const row = Int32Array.from({ length: ENTRIES }, () => Math.floor(SIZE * random.unit() ** 4));
    indices.set(row.sort(), r * ENTRIES);
  }
  return [offsets, indices, random.f64(rows * ENTRIES).map(Math.abs)];
}

function linearCases(random: Random): KernelCase[] {
  const rows = 8192;
  const entries = rows * ENTRIES;
  const csr = sparseRows(random, rows);
  const slots = zeros(SIZE * 8);
  for (let i = 0; i < SIZE; i++) slots.set([2 * random.unit() - 1, 0.1, 1], i * 8);
  const residuals = random.f64(rows);
  const features = new Set(csr[1]).size;
  const touched = new Int32Array(Math.min(entries, SIZE + 1));
  const shape = `${rows} x ${ENTRIES} of ${SIZE}`;
  const [n, d] = [1024, 100];
  return [
    {
      what: `ftrlMargins, ${shape}`,
      steps: [
        {
          kernel: 'ftrlMargins',
          reference: ftrl.ftrlMargins,
          args: [rows, ...csr, slots, 0, SIZE, zeros(rows)],
        },
      ],
      ...{ rows, bytes: 12 * entries + 12 * rows, lines: entries },
    },
    {
      what: `ftrlGradient + ftrlUpdate, ${shape}`,
      steps: [
        {
          kernel: 'ftrlGradient',
          reference: ftrl.ftrlGradient,
          args: [rows, ...csr, slots, 0, SIZE, residuals, null, touched],
        },
        {
          kernel: 'ftrlUpdate',
          reference: ftrl.ftrlUpdate,
          args: [features, touched, slots, 0, 0.1, 0.1, 0, 0],
        },
      ],
      ...{ rows, bytes: 12 * entries + 12 * rows, lines: entries + features },
    },
    {
      what: `sparseMargins, ${shape}`,
      steps: [
        {
          kernel: 'sparseMargins',
          reference: margins.sparseMargins,
          args: [rows, ...csr, random.f64(SIZE), zeros(rows)],
        },
      ],
      ...{ rows, bytes: 20 * entries + 12 * rows },
    },
    {
      what: `denseMargins, ${n} x ${d}`,
      steps: [
        {
          kernel: 'denseMargins',
          reference: margins.denseMargins,
          args: [n, d, random.f64(n * d), random.f64(d), zeros(n)],
        },
      ],
      ...{ rows: n, bytes: 8 * n * d, flop: 2 * n * d },
    },
    {
      what: `logisticResiduals, n=${rows}`,
      steps: [
        {
          kernel: 'logisticResiduals',
          reference: ftrl.logisticResiduals,
          args: [rows, random.f64(rows), ints(random, rows, 2), zeros(rows), zeros(rows)].map(
            (arg, i) => (i === 2 ? Float64Array.from(arg as Int32Array) : arg),
          ),
        },
      ],
      ...{ rows, bytes: 32 * rows },
    },
  ];
}

/** Losses and their gradients: two products with every value, each a multiplication and an addition. */
function lossCases(random: Random): KernelCase[] {
  const [n, d, classes, small] = [1024, 100, 10, 160];
  const labelsOf = (rows: number, end: number) => Float64Array.from(ints(random, rows, end));
  const block = 8;
  const x = random.f64(n * d);
  const wide = 784;
  const images = random.f64(small * wide);
  const entries = 65_536;
  const csr = sparseRows(random, Math.floor(entries / ENTRIES));
  const rows = csr[0].length - 1;
  const loss = (
    kernel: Step['kernel'],
    reference: Step['reference'],
    shape: string,
    args: Arg[],
    amounts: Pick<KernelCase, 'rows' | 'bytes' | 'flop' | 'lines'>,
  ): KernelCase => ({
    what: `${kernel}, ${shape}`,
    // Scratch comes last, in all of them.
    steps: [{ kernel, reference, args, scratch: [args.length - 1] }],
    ...amounts,
  });
  const dense = (x: Float64Array | Float32Array): Arg[] => [
    ...[0, n, d, x.BYTES_PER_ELEMENT, x, labelsOf(n, 2), null],
    ...[random.f64(d + 1), 1, zeros(d + 1), block, zeros(block + 2 + block * d)],
  ];
  const of = (bytes: number, flop: number) => ({ rows: n, bytes, flop });
  const { linearLoss, linearLossSparse, multinomialLoss } = linear;
  return [
    loss('linearLoss', linearLoss, `${n} x ${d}`, dense(x), of(8 * n * d, 4 * n * d)),
    loss(
      ...(['linearLoss', linearLoss, `${n} x ${d} of f32`] as const),
      ...([dense(Float32Array.from(x)), of(4 * n * d, 4 * n * d)] as const),
    ),
    loss(
      ...(['linearLossSparse', linearLossSparse, `${rows} x ${ENTRIES} of ${SIZE}`] as const),
      [
        ...[0, rows, SIZE, ...csr, labelsOf(rows, 2), null, random.f64(SIZE + 1), 1],
        ...[zeros(SIZE + 1), 256, zeros(257)],
      ],
      { rows, bytes: 20 * rows * ENTRIES, lines: 2 * rows * ENTRIES },
    ),
    loss(
      ...(['multinomialLoss', multinomialLoss, `${small} x ${wide}, ${classes} classes`] as const),
      [
        ...[small, wide, classes, 8, images, labelsOf(small, classes), null],
        ...[random.f64((wide + 1) * classes), zeros((wide + 1) * classes)],
        ...[20, zeros(20 * classes)],
      ],
      { rows: small, bytes: 8 * small * wide, flop: 4 * small * wide * classes },
    ),
  ];
}

function statsCases(random: Random): KernelCase[] {
  const [n, d] = [1024, 100];
  const x = random.f64(n * d);
  const column = () => random.f64(d);
  const nnz = 65_536;
  const indices = ints(random, nnz, SIZE).sort();
  const values = random.f64(nnz);
  const dense = (
    kernel: Step['kernel'],
    reference: Step['reference'],
    args: Arg[],
    bytes: number,
  ): KernelCase => ({
    what: `${kernel}, ${n} x ${d}`,
    steps: [{ kernel, reference, args }],
    ...{ rows: n, bytes },
  });
  const sparse = (kernel: Step['kernel'], reference: Step['reference'], last: Arg[]) => ({
    what: `${kernel}, nnz=${nnz}`,
    steps: [{ kernel, reference, args: [nnz, indices, values, ...last] }],
    ...{ rows: nnz, bytes: 20 * nnz },
  });
  const { columnMoments, columnMinMax, scaleRows, sparseMoments, scaleSparse } = stats;
  return [
    dense('columnMoments', columnMoments, [n, d, x, column(), column(), column()], 8 * n * d),
    dense('columnMinMax', columnMinMax, [n, d, x, column(), column()], 8 * n * d),
    dense('scaleRows', scaleRows, [n, d, x, column(), column(), zeros(n * d)], 16 * n * d),
    sparse('sparseMoments', sparseMoments, [zeros(SIZE * 4)]),
    sparse('scaleSparse', scaleSparse, [random.f64(SIZE), zeros(nnz)]),
  ];
}

function hashingCases(random: Random): KernelCase[] {
  const n = 8192;
  const words = Array.from({ length: n }, () => 'ATLORDLAXDENSFO'.slice(random.below(12)));
  const offsets = new Int32Array(n + 1);
  for (const [i, word] of words.entries()) offsets[i + 1] = offsets[i]! + word.length;
  const text = words.join('');
  const prefix = hashing.unitsOf('origin=');
  const units = hashing.unitsOf(text);
  const bytes = new TextEncoder().encode(text);
  const hashes = ints(random, n, 2 ** 31);
  const cols = ENTRIES;
  const cells = n * cols;
  return [
    {
      what: `murmur3Utf16Batch, n=${n}`,
      steps: [
        {
          kernel: 'murmur3Utf16Batch',
          reference: hashing.murmur3Utf16Batch,
          args: [n, offsets, units, prefix, prefix.length, new Int32Array(n)],
        },
      ],
      ...{ rows: n, bytes: 2 * text.length + 8 * n },
    },
    {
      what: `murmur3Utf8Batch, n=${n}`,
      steps: [
        {
          kernel: 'murmur3Utf8Batch',
          reference: hashing.murmur3Utf8Batch,
          args: [n, offsets, bytes, prefix, prefix.length, new Uint16Array(64), new Int32Array(n)],
          scratch: [5],
        },
      ],
      ...{ rows: n, bytes: text.length + 8 * n },
    },
    {
      what: `slotsOfHashes, n=${n}`,
      steps: [
        {
          kernel: 'slotsOfHashes',
          reference: hashing.slotsOfHashes,
          args: [n, hashes, SIZE, new Int32Array(n)],
        },
      ],
      ...{ rows: n, bytes: 8 * n },
    },
    {
      what: `gatherI32, n=${n}`,
      steps: [
        {
          kernel: 'gatherI32',
          reference: hashing.gatherI32,
          args: [n, ints(random, n, 300), ints(random, 300, SIZE), new Int32Array(n)],
        },
      ],
      ...{ rows: n, bytes: 8 * n },
    },
    {
      what: `assembleRows, ${n} x ${cols}`,
      steps: [
        {
          kernel: 'assembleRows',
          reference: hashing.assembleRows,
          args: [
            ...[n, cols, ints(random, cells, SIZE), null],
            ...[new Int32Array(n + 1), new Int32Array(cells), zeros(cells)],
          ],
        },
      ],
      ...{ rows: n, bytes: 16 * cells + 4 * n },
    },
  ];
}

/** All cases; the same in every run. */
export function kernelCases(): KernelCase[] {
  const random = seeded(20_261_122);
  return [
    ...vectorCases(random),
    ...distanceCases(random),
    ...linearCases(random),
    ...lossCases(random),
    ...statsCases(random),
    ...hashingCases(random),
  ];
}
