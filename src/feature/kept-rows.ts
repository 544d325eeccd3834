/** The rows that are left where rows with an invalid cell are left out. */

/** The rows in which no column has the mark, ascending. */
export function rowsWithout(
  mark: number,
  columns: readonly (Float64Array | Int32Array)[],
): Int32Array {
  const rows = new Int32Array(columns[0]!.length);
  let kept = 0;
  for (let i = 0; i < rows.length; i++) {
    rows[kept] = i;
    let isMarked = false;
    for (const column of columns) if (column[i] === mark) isMarked = true;
    if (!isMarked) kept++;
  }
  return rows.subarray(0, kept);
}

/** Copies the values of some rows to `taken`, which has room for them, and returns it. */
export function takeRows<A extends Float64Array | Int32Array>(
  values: A,
  rows: Int32Array,
  taken: A,
): A {
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}
