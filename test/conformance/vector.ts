/** Conformance vectors as they stand in the files; `vectors/README.md` says what fields mean. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ColumnSpec {
  readonly name: string;
  readonly type: string;
  readonly values: readonly unknown[];
}

export interface TableSpec {
  readonly columns: readonly ColumnSpec[];
}

export interface Expectation {
  readonly columns?: readonly ColumnSpec[];
  readonly columnNames?: readonly string[];
  readonly rowCount?: number;
  readonly predictionType?: string;
  readonly denseForms?: readonly (readonly number[])[];
  readonly tolerance?: number;
  readonly ordered?: boolean;
  readonly rowAligned?: boolean;
  readonly keyColumn?: string;
  readonly initialCentroidRows?: readonly number[];
  readonly centroids?: readonly (readonly number[])[];
  readonly weights?: readonly number[];
}

/** A version of a linear model. */
export interface VersionSpec {
  readonly coefficient: readonly number[];
  readonly modelVersion: number;
  readonly tolerance?: number;
}

type Params = Readonly<Record<string, unknown>>;

export interface Vector {
  readonly id: string;
  readonly stage: string;
  readonly params: Params;
  readonly expectDefaults?: Params;
  readonly setGet?: Params;
  readonly expectParams?: Params;
  readonly fit?: TableSpec;
  readonly transform?: TableSpec | 'same';
  readonly expect?: Expectation;
  readonly expectGroups?: readonly (readonly number[])[];
  readonly expectModelData?: Readonly<Record<string, unknown>>;
  readonly modelDataTolerance?: number;
  readonly expectModelDataSchema?: readonly string[];
  readonly expectModelDataSchemaPrefix?: readonly string[];
  readonly expectError?: { readonly when: string; readonly about: string };
  readonly parallelism?: number | readonly number[];
  readonly initialModel?: Partial<VersionSpec> & { readonly derived?: VersionSpec };
  readonly stream?: readonly TableSpec[];
  readonly modelStream?: readonly VersionSpec[];
  readonly expectAfterBatch?: readonly {
    readonly afterBatch: number;
    readonly expect: Expectation;
    readonly derivedModel: VersionSpec;
  }[];
  readonly expectAfterModel?: readonly { readonly model: number; readonly expect: Expectation }[];
}

/** Every field of a vector and of `expect` that the runner acts on, or that only informs. */
const FIELDS: readonly string[] = [
  ...['id', 'source', 'origin', 'notes', 'derived', 'stage', 'params'],
  ...['expectDefaults', 'setGet', 'expectParams', 'fit', 'transform', 'expect', 'expectGroups'],
  ...['expectModelData', 'modelDataRowCount', 'modelDataTolerance'],
  ...['expectModelDataSchema', 'expectModelDataSchemaPrefix', 'expectError', 'parallelism'],
  ...['saveLoad', 'setModelData', 'copyParams'],
  ...['initialModel', 'stream', 'modelStream', 'expectAfterBatch', 'expectAfterModel'],
];
const EXPECT_FIELDS: readonly string[] = [
  ...['columns', 'columnNames', 'rowCount', 'predictionType', 'denseForms', 'tolerance'],
  ...['ordered', 'rowAligned', 'keyColumn', 'initialCentroidRows', 'centroids', 'weights'],
];

/** Fields that the runner does not know: it must not pass over what it does not understand. */
export function unknownFields(vector: Vector): string[] {
  return [
    ...Object.keys(vector).filter((name) => !FIELDS.includes(name)),
    ...Object.keys(vector.expect ?? {})
      .filter((name) => !EXPECT_FIELDS.includes(name))
      .map((name) => `expect.${name}`),
  ];
}

// Compiled tests lie under build/; the vectors stay with the sources.
const FOLDER = new URL('../../../test/conformance/', import.meta.url);

/** All vectors, by file. */
export function readVectors(): Vector[] {
  const folder = new URL('vectors/', FOLDER);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector[]);
}

/** Reasons by vector id and check. */
export type Exceptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function readExceptions(): Exceptions {
  return JSON.parse(readFileSync(new URL('exceptions.json', FOLDER), 'utf8')) as Exceptions;
}
