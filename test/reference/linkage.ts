/** Plain references of assembly/linkage.ts. */

/**
 * The distance of a cluster i to the union of clusters x and y, by the formula of Lance and Williams.
 *
 * @param dxi Distance of x and i; `dyi`, `dxy` accordingly.
 * @param nx Points of x; `ny`, `ni` accordingly.
 */
function distanceToUnion(
  code: number,
  dxi: number,
  dyi: number,
  dxy: number,
  nx: number,
  ny: number,
  ni: number,
): number {
  switch (code) {
    case 0: {
      const share = 1 / (nx + ny + ni);
      return Math.sqrt(
        (ni + nx) * share * dxi * dxi + (ni + ny) * share * dyi * dyi - ni * share * dxy * dxy,
      );
    }
    case 1:
      return dxi > dyi ? dxi : dyi;
    default:
      return (nx * dxi + ny * dyi) / (nx + ny);
  }
}

export function unionDistances(
  linkage: number,
  count: number,
  x: Float64Array,
  y: Float64Array,
  dxy: number,
  nx: number,
  ny: number,
  sizes: Float64Array,
  absent: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < count; j++) {
    const distance = distanceToUnion(linkage, x[j]!, y[j]!, dxy, nx, ny, sizes[j]!);
    out[j] = distance + absent[j]!;
  }
}

export function nearestTwo(
  count: number,
  row: Float64Array,
  absent: Float64Array,
  distances: Float64Array,
  places: Int32Array,
): void {
  distances.fill(Number.POSITIVE_INFINITY);
  places.fill(-1);
  const found = [...row.keys()]
    .slice(0, count)
    .filter((j) => absent[j] === 0 && row[j]! < Number.POSITIVE_INFINITY)
    .sort((a, b) => row[a]! - row[b]! || a - b);
  found.slice(0, 2).forEach((j, i) => {
    distances[i] = row[j]!;
    places[i] = j;
  });
}

export function changedNeighbours(
  count: number,
  row: Float64Array,
  bound: Float64Array,
  nearest: Int32Array,
  second: Int32Array,
  x: number,
  y: number,
  out: Int32Array,
): number {
  let changed = 0;
  for (let j = 0; j < count; j++) {
    const isPart = [nearest[j], second[j]].some((place) => place === x || place === y);
    if (isPart || row[j]! <= bound[j]!) out[changed++] = j;
  }
  return changed;
}

export function gatherColumn(
  count: number,
  rows: Float64Array,
  stride: number,
  which: Int32Array,
  places: Int32Array,
  column: number,
  out: Float64Array,
): void {
  for (let k = 0; k < count; k++) out[places[k]!] = rows[which[k]! * stride + column]!;
}

export function gatherEntries(
  count: number,
  x: Float64Array,
  places: Int32Array,
  out: Float64Array,
): void {
  for (let k = 0; k < count; k++) out[k] = x[places[k]!]!;
}

export function scatterEntries(
  count: number,
  x: Float64Array,
  places: Int32Array,
  out: Float64Array,
): void {
  for (let k = 0; k < count; k++) out[places[k]!] = x[k]!;
}
