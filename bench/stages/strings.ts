/** StringIndexer against polars, scikit-learn and a Map. */
import { Column, StringIndexer, Table } from '../../src/index.js';
import { float64, int32, uint8 } from '../../src/table/buffers.js';
import type { NumericColumn } from '../../src/table/numeric-column.js';
import { seeded } from '../../test/reference/random.js';
import {
  type Bench,
  type Contender,
  duel,
  type Parts,
  PythonCase,
  SEED,
  timed,
} from '../harness/duel.js';
import { check, QUICK } from '../harness/measure.js';

const ROWS = QUICK ? 50_000 : 20_000_000;
const DISTINCT = QUICK ? [100, 5000] : [100, 1_000_000];
/** Rows of a JavaScript array. */
const ARRAY_ROWS = QUICK ? 20_000 : 2_000_000;
/** Rows that scikit-learn gets; it takes Python's strings. */
const ORDINAL_ROWS = QUICK ? 5000 : 1_000_000;
const GOALS = { polars: 1.2, ordinal: 5, map: 2 };

/** Random rows of some labels. */
export interface Strings {
  readonly labels: readonly string[];
  readonly codes: Int32Array<SharedArrayBuffer>;
}

export function stringsOf(rows: number, distinct: number): Strings {
  const random = seeded(SEED);
  const labels = Array.from({ length: distinct }, (_, i) => `key ${(i * 7919) % distinct}`);
  const codes = int32(rows);
  for (let i = 0; i < rows; i++) codes[i] = random.below(distinct);
  return { labels, codes };
}

/** The same strings as a column of UTF-8. */
export function utf8Of({ labels, codes }: Strings): Column {
  const encoded = labels.map((label) => Buffer.from(label));
  const offsets = int32(codes.length + 1);
  for (let i = 0; i < codes.length; i++) offsets[i + 1] = offsets[i]! + encoded[codes[i]!]!.length;
  const bytes = uint8(offsets[codes.length]!);
  for (let i = 0; i < codes.length; i++) bytes.set(encoded[codes[i]!]!, offsets[i]);
  return Column.utf8(bytes, offsets);
}

interface Indexed {
  readonly labels: readonly string[];
  readonly indices: Float64Array;
}

async function index(
  column: Column | readonly string[],
  { session }: Bench,
): Promise<readonly [Parts, Indexed]> {
  const indexer = new StringIndexer({ inputCols: ['c'], outputCols: ['i'] });
  const [fit, [table, model]] = await timed(async () => {
    const made = Table.fromColumns({ c: column });
    return [made, await indexer.fit(made, { session })] as const;
  });
  const [transform, output] = await timed(() => model.transform(table, { session }));
  const indices = (output.column('i') as NumericColumn<Float64Array>).values;
  return [
    { fit, transform },
    { labels: model.modelData.stringArrays[0]!, indices },
  ];
}

/** Every index stands for the label of its row, and no label has two. */
function checkIndices({ labels, indices }: Indexed, strings: Strings, what: string): void {
  const { codes } = strings;
  const codeOf = new Map(strings.labels.map((label, code) => [label, code]));
  const wanted = Int32Array.from(labels, (label) => codeOf.get(label) ?? -1);
  check(indices.length === codes.length, `${what}: ${indices.length} indices`);
  check(new Set(labels).size === labels.length, `${what}: a label twice`);
  for (let i = 0; i < codes.length; i++) {
    if (wanted[indices[i]!] !== codes[i]) check(false, `${what}: index ${indices[i]} in row ${i}`);
  }
}

/** What a program does without a library: a Map, twice. */
function indexByMap(strings: readonly string[]): Float64Array {
  const counts = new Map<string, number>();
  for (const text of strings) counts.set(text, (counts.get(text) ?? 0) + 1);
  const indices = new Map<string, number>();
  for (const label of counts.keys()) indices.set(label, indices.size);
  const out = float64(strings.length);
  for (let i = 0; i < out.length; i++) out[i] = indices.get(strings[i]!)!;
  return out;
}

async function compareUtf8(bench: Bench, distinct: number): Promise<void> {
  const { files, python } = bench;
  const what = `StringIndexer, ${ROWS} UTF-8, ${distinct} labels`;
  const strings = stringsOf(ROWS, distinct);
  const column = utf8Of(strings);
  const [, indexed] = await index(column, bench);
  checkIndices(indexed, strings, what);
  const peers: Contender[] = [];
  const cases: PythonCase[] = [];
  if (python !== null) {
    const data = {
      labels: files.writeJson('labels.json', strings.labels),
      codes: files.write('codes.i32', strings.codes),
      indices: files.write('indices.f64', indexed.indices),
    };
    const rows = { Categorical: ROWS, OrdinalEncoder: ORDINAL_ROWS };
    for (const [name, count] of Object.entries(rows)) {
      const opened = await PythonCase.open(python, name, { ...data, rows: count });
      await opened.run();
      const { same } = await opened.facts();
      check(same === true, `${what}: ${name} has other codes`);
      cases.push(opened);
    }
    const [categorical, ordinal] = cases as [PythonCase, PythonCase];
    const scale = ROWS / ORDINAL_ROWS;
    peers.push(
      { who: 'polars Categorical', run: () => categorical.run(), goal: GOALS.polars },
      { who: 'scikit-learn', run: () => ordinal.run(), scale, goal: GOALS.ordinal },
    );
  }
  const gyre = async (): Promise<Parts> => (await index(column, bench))[0];
  await duel(bench, { what, amounts: { rows: ROWS }, gyre, peers });
  for (const opened of cases) await opened.close();
  for (const name of ['labels.json', 'codes.i32', 'indices.f64']) files.delete(name);
}

async function compareArray(bench: Bench, distinct: number): Promise<void> {
  const what = `StringIndexer, string[${ARRAY_ROWS}], ${distinct} labels`;
  const { labels, codes } = stringsOf(ARRAY_ROWS, distinct);
  const strings = Array.from(codes, (code) => labels[code]!);
  const [, indexed] = await index(strings, bench);
  const want = indexByMap(strings);
  check(
    indexed.indices.every((value, i) => value === want[i]),
    `${what}: other indices than by a Map`,
  );
  const gyre = async (): Promise<Parts> => (await index(strings, bench))[0];
  const byMap = async (): Promise<Parts> => {
    const [all] = await timed(() => indexByMap(strings));
    return { all };
  };
  const peers = [{ who: 'a Map', run: byMap, goal: GOALS.map }];
  await duel(bench, { what, amounts: { rows: ARRAY_ROWS }, gyre, peers });
}

export async function compareStrings(bench: Bench): Promise<void> {
  for (const distinct of DISTINCT) await compareUtf8(bench, distinct);
  for (const distinct of DISTINCT) await compareArray(bench, distinct);
}
