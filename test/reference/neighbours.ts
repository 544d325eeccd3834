/** Plain references of assembly/neighbours.ts: packing as described, neighbours by brute force. */

const f32 = Math.fround;

function scaleFor(reach: number): number {
  if (reach === 0) return 1;
  const exponent = Math.floor(Math.log2(reach));
  return 2 ** -Math.min(Math.max(exponent, -400), 400);
}

const packWith =
  (weight: number, term: (v: number) => number) =>
  (
    n: number,
    d: number,
    blockRows: number,
    rows: Float64Array,
    boxes: Float64Array,
    frames: Float64Array,
    panels: Float32Array,
    bias: Float32Array,
  ): void => {
    const epsilon = 1.5 * (d + 16) * 2 ** -24;
    for (let block = 0, first = 0; first < n; block++, first += blockRows) {
      const frame = frames.subarray(block * (d + 1), (block + 1) * (d + 1));
      let reach = 0;
      for (let t = 0; t < d; t++) {
        const [low, high] = [boxes[block * 2 * d + t]!, boxes[(block * 2 + 1) * d + t]!];
        frame[t] = 0.5 * low + 0.5 * high;
        reach = Math.max(reach, high - frame[t]!, frame[t]! - low);
      }
      frame[d] = scaleFor(reach);
      const count = Math.min(blockRows, n - first);
      for (let row = 0; row < Math.ceil(count / 8) * 8; row++) {
        const at = first * d + Math.floor(row / 8) * 8 * d + (row % 8);
        let norm = 0;
        for (let t = 0; t < d; t++) {
          const v = row < count ? f32((rows[(first + row) * d + t]! - frame[t]!) * frame[d]!) : 0;
          panels[at + 8 * t] = v;
          norm += term(v);
        }
        bias[first + row] = row < count ? norm * (weight + epsilon) + 2 ** -100 : -Infinity;
      }
    }
  };

type Pack = ReturnType<typeof packWith>;

export const packBlocks: Pack = packWith(-0.5, (v) => v * v);
export const packBlocksManhattan: Pack = packWith(0, Math.abs);

/** The k nearest of the rows of some blocks and of those that are in the lists already. */
const nearestWith =
  (term: (v: number) => number) =>
  (
    n: number,
    d: number,
    blockRows: number,
    rows: Float64Array,
    order: Int32Array,
    _boxes: Float64Array,
    _frames: Float64Array,
    _panels: Float32Array,
    _bias: Float32Array,
    numVisits: number,
    visits: Int32Array,
    m: number,
    queries: Float64Array,
    k: number,
    distances: Float64Array,
    indices: Int32Array,
  ): void => {
    for (let query = 0; query < m; query++) {
      const near = Array.from({ length: k }, (_, i) => {
        return { distance: distances[query * k + i]!, index: indices[query * k + i]! };
      });
      for (const block of visits.subarray(0, numVisits)) {
        const end = Math.min((block + 1) * blockRows, n);
        for (let row = block * blockRows; row < end; row++) {
          let distance = 0;
          for (let t = 0; t < d; t++)
            distance += term(queries[query * d + t]! - rows[row * d + t]!);
          near.push({ distance, index: order[row]! });
        }
      }
      near.sort((a, b) =>
        a.distance === b.distance ? a.index - b.index : a.distance - b.distance,
      );
      near.slice(0, k).forEach(({ distance, index }, i) => {
        distances[query * k + i] = distance;
        indices[query * k + i] = index;
      });
    }
  };

type Nearest = ReturnType<typeof nearestWith>;

export const nearestRows: Nearest = nearestWith((v) => v * v);
export const nearestRowsManhattan: Nearest = nearestWith(Math.abs);
