/** HashingTF and FeatureHasher against scikit-learn's HashingVectorizer and FeatureHasher. */
import { Column, FeatureHasher, HashingTF, Table } from '../../src/index.js';
import { float64, int32 } from '../../src/table/buffers.js';
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
import { type Strings, utf8Of } from './strings.js';

const ROWS = QUICK ? 5000 : 1_000_000;
const TOKENS = 10;
const WORDS = 50_000;
const NUM_FEATURES = 262_144;
const GOAL = 5;

/** Words of a text: few take most of the places. */
function wordsOf(): Strings {
  const random = seeded(SEED);
  const labels = Array.from({ length: WORDS }, (_, i) => `w${i.toString(36)}`);
  const codes = int32(ROWS * TOKENS);
  for (let i = 0; i < codes.length; i++) codes[i] = Math.floor(WORDS * random.unit() ** 4);
  return { labels, codes };
}

function listsOf(words: Strings): Table {
  const offsets = int32(ROWS + 1);
  for (let row = 0; row <= ROWS; row++) offsets[row] = row * TOKENS;
  return Table.fromColumns({ input: Column.list(offsets, utf8Of(words)) });
}

/** The token at place t of a row is in column `ct`. */
function columnsOf({ labels, codes }: Strings): Table {
  const columns = Array.from({ length: TOKENS }, (_, t) => {
    const own = int32(ROWS);
    for (let row = 0; row < ROWS; row++) own[row] = codes[row * TOKENS + t]!;
    return [`c${t}`, utf8Of({ labels, codes: own })] as const;
  });
  return Table.fromColumns(Object.fromEntries(columns));
}

async function hash(
  stage: HashingTF | FeatureHasher,
  table: Table,
  { session }: Bench,
): Promise<readonly [Parts, Float64Array]> {
  const [transform, output] = await timed(() => stage.transform(table, { session }));
  const { indices, values } = output.column('output', 'sparseVector');
  const totals = float64(NUM_FEATURES);
  for (let e = 0; e < indices.length; e++) totals[indices[e]!]! += values[e]!;
  return [{ transform }, totals];
}

export async function compareHashing(bench: Bench): Promise<void> {
  const { files, python } = bench;
  const words = wordsOf();
  const inputCols = Array.from({ length: TOKENS }, (_, t) => `c${t}`);
  const cases = [
    [new HashingTF({ numFeatures: NUM_FEATURES }), listsOf(words), 'HashingVectorizer'],
    [
      new FeatureHasher({ inputCols, numFeatures: NUM_FEATURES }),
      columnsOf(words),
      'FeatureHasher',
    ],
  ] as const;
  const data = {
    labels: files.writeJson('words.json', words.labels),
    codes: files.write('words.i32', words.codes),
    tokens: TOKENS,
    features: NUM_FEATURES,
  };
  for (const [stage, table, name] of cases) {
    const what = `${stage.constructor.name}, ${ROWS} x ${TOKENS} tokens`;
    const [, totals] = await hash(stage, table, bench);
    const peers: Contender[] = [];
    const peer = python && (await PythonCase.open(python, name, data));
    if (peer !== null) {
      await peer.run();
      // Its hash is of other bytes, so that the process counts once more by Gyre's.
      const facts = await peer.facts({ totals: files.write('totals.f64', totals) });
      check(facts.sum === ROWS * TOKENS, `${what}: scikit-learn counts ${facts.sum} tokens`);
      check(facts.same === true, `${what}: other counts of features`);
      peers.push({ who: `scikit-learn ${name}`, run: () => peer.run(), goal: GOAL });
    }
    const gyre = async (): Promise<Parts> => {
      const [transform] = await timed(() => stage.transform(table, { session: bench.session }));
      return { transform };
    };
    await duel(bench, { what, amounts: { tokens: ROWS * TOKENS }, gyre, peers });
    await peer?.close();
  }
  for (const name of ['words.json', 'words.i32', 'totals.f64']) files.delete(name);
}
