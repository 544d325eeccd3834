/** The work of a case, in files that every system reads. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ClassSpec, readConfig, readEntry } from '../../src/benchmark/config.js';
import { inputGenerator } from '../../src/benchmark/generators.js';
import { writeParquet } from '../../src/index.js';

/** One of Flink ML's configs, and what it is to be compared on. */
export interface Case {
  /** As in the tables. */
  readonly name: string;
  /** The file of bench/configs; its first entry is taken. */
  readonly config: string;
  /** Rows at full size. **Default:** those of the config. */
  readonly rows?: number;
  /** How far numbers of the models may be apart, relative to the larger of 1 and the number. */
  readonly tolerance: number;
  /** Models are compared on so many rows at most: one subtask has to fit them. */
  readonly checkedRows: number;
}

/** What systems are given. */
export interface Work {
  readonly stage: ClassSpec;
  /** A config of Flink ML's framework, with one entry. */
  readonly configFile: string;
  /** Rows of the input. */
  readonly rows: number;
  /** Rows before they come again from the first. */
  readonly distinctRows: number;
  /** The column of the input. */
  readonly column: string;
  /** Those rows as Parquet: for systems without Flink ML's generators. */
  readonly rowsFile: string;
}

const configs = new URL('../../../bench/configs/', import.meta.url);
const folder = new URL('../../peers/work/', import.meta.url);

/** Rows come in whole repetitions of those that are drawn, one in a thousand. */
const ROWS_STEP = 1000;

/** The first entry of a case's config. */
function entryOf({ config }: Case) {
  const file = fileURLToPath(new URL(config, configs));
  return readConfig(readFileSync(file, 'utf8'), file)[0]!;
}

/** Rows of a case at a scale; a thousand at least, and whole thousands. */
export function rowsOf(duel: Case, scale: number): number {
  const { inputData } = readEntry(entryOf(duel));
  const rows = duel.rows ?? (inputData.paramMap.numValues as number);
  return Math.max(ROWS_STEP, Math.round((rows * scale) / ROWS_STEP) * ROWS_STEP);
}

/** Writes the files of a case, with so many rows. */
export async function prepareWork(duel: Case, rows: number): Promise<Work> {
  const { name, json } = entryOf(duel);
  const { stage, inputData } = readEntry({ name, json });
  const input = { ...inputData, paramMap: { ...inputData.paramMap, numValues: rows } };
  const generator = inputGenerator(input);
  const { distinctRows } = generator;
  mkdirSync(folder, { recursive: true });
  const pathOf = (end: string): string => fileURLToPath(new URL(`${name}-${rows}.${end}`, folder));
  const configFile = pathOf('json');
  const entry = { ...(json as object), inputData: input };
  writeFileSync(configFile, `${JSON.stringify({ version: 1, [name]: entry }, null, 2)}\n`);
  const rowsFile = pathOf('parquet');
  await writeParquet(rowsFile, generator.draw(distinctRows, generator.random()));
  const column = generator.params.colNames[0]![0]!;
  return { stage, configFile, rows, distinctRows, column, rowsFile };
}
