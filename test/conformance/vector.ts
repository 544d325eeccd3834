/** Conformance vectors as they stand in the files; `vectors/README.md` says what fields mean. */
import { readdirSync, readFileSync } from 'node:fs';
import type { LinearExpectation } from './linear-checks.js';
import type { WindowStreams } from './window-checks.js';

export interface ColumnSpec {
  readonly name: string;
  readonly type: string;
  readonly values: readonly unknown[];
}

export interface TableSpec {
  readonly columns: readonly ColumnSpec[];
}

export interface Expectation extends LinearExpectation {
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
  readonly selectedIndices?: readonly number[];
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
  readonly expectOutput2?: Expectation;
  readonly expectGroups?: readonly (readonly number[])[];
  readonly expectModelData?: Readonly<Record<string, unknown>>;
  readonly modelDataTolerance?: number;
  readonly expectModelDataTolerance?: number;
  readonly expectModelDataFields?: readonly string[];
  readonly modelData?: TableSpec;
  readonly expectProperties?: {
    readonly rowCount?: number;
    readonly valuesInRange?: Readonly<Record<string, readonly [number, number]>>;
    readonly distinctCount?: Readonly<Record<string, number>>;
    /** The id of a vector. */
    readonly rowCountDiffersFrom?: string;
  };
  readonly expectStatic?: {
    readonly getAvailableLocalesContains?: readonly string[];
    readonly loadDefaultStopWordsCounts?: Readonly<Record<string, number>>;
  };
  readonly expectSchema?: readonly string[];
  readonly expectModelDataSchema?: readonly string[];
  readonly expectModelDataSchemaPrefix?: readonly string[];
  readonly expectError?: { readonly when: string; readonly about: string };
  readonly parallelism?: number | readonly number[];
  readonly initialModel?: Partial<VersionSpec> & { readonly derived?: VersionSpec };
  readonly stream?: readonly TableSpec[] | WindowStreams;
  readonly expectModelDataStream?: readonly {
    readonly mean: readonly number[];
    readonly std: readonly number[];
    readonly version: number;
  }[];
  readonly expectStream?: {
    readonly rowCount?: number;
    readonly versionCol?: string;
    readonly perRowAllowedVersions?: readonly {
      readonly id: number;
      readonly versions: readonly number[];
    }[];
  };
  readonly expectTables?: {
    readonly count: number;
    readonly schemas?: readonly (readonly string[])[];
    readonly sizes?: readonly ({ readonly approx: number; readonly relTol: number } | null)[];
    readonly repeatable?: boolean;
    readonly unionEqualsInput?: boolean;
  };
  readonly javaRandomExact?: {
    readonly sizes?: readonly number[];
    readonly firstRows?: readonly (readonly number[])[];
    readonly expect?: Expectation;
  };
  readonly call?: { readonly method: string; readonly args: Params };
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
  ...['id', 'source', 'origin', 'notes', 'derived', 'flinkBug', 'expectIs', 'stage', 'params'],
  ...['expectDefaults', 'setGet', 'expectParams', 'fit', 'transform', 'expect', 'expectGroups'],
  ...['expectSchema', 'expectOutput2'],
  ...['expectModelData', 'modelDataRowCount', 'modelDataTolerance'],
  ...['expectModelDataTolerance', 'expectModelDataFields', 'expectStatic'],
  ...['modelData', 'expectProperties', 'what', 'input'],
  ...['expectModelDataSchema', 'expectModelDataSchemaPrefix', 'expectError', 'parallelism'],
  ...['saveLoad', 'setModelData', 'copyParams', 'schemaOnly'],
  ...['initialModel', 'stream', 'modelStream', 'expectAfterBatch', 'expectAfterModel'],
  ...['expectModelDataStream', 'expectStream', 'expectTables', 'javaRandomExact', 'call'],
];
const EXPECT_FIELDS: readonly string[] = [
  ...['columns', 'columnNames', 'rowCount', 'predictionType', 'denseForms', 'tolerance'],
  ...['ordered', 'rowAligned', 'keyColumn', 'initialCentroidRows', 'centroids', 'weights'],
  ...['selectedIndices', 'relativeErrorRule', 'rawPredictionRule', 'loss', 'afterFirst'],
  ...[
    'afterSecond',
    'distinctPredictions',
    'coefficient',
    'meanLossPerRound',
    'coefficientPerRound',
    'derived',
  ],
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
    .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Vector[])
    .map(withNumbers);
}

/** Reasons by vector id and check. */
export type Exceptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function readExceptions(): Exceptions {
  return JSON.parse(readFileSync(new URL('exceptions.json', FOLDER), 'utf8')) as Exceptions;
}

/** The params of a vector with numbers for the strings that stand for those JSON does not have. */
function withNumbers(vector: Vector): Vector {
  const fields = ['params', 'expectDefaults', 'setGet', 'expectParams'] as const;
  const given = fields.flatMap((field) => {
    const params = vector[field];
    return params === undefined ? [] : [[field, numbersIn(params)] as const];
  });
  return { ...vector, ...Object.fromEntries(given) };
}

function numbersIn(value: unknown): unknown {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (Array.isArray(value)) return value.map(numbersIn);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, numbersIn(part)]));
}
