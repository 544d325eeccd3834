/** Checks of linear models: what they predict, and the optimizer below them. */
import * as assert from 'uvu/assert';
import {
  DenseVector,
  LinearRegression,
  LogisticRegressionModel,
  loadServable,
  type Session,
  Table,
} from '../../src/index.js';
import { type LossName, type LossSum, lossSum } from '../../src/optimization/loss.js';
import { regularize } from '../../src/optimization/regularize.js';
import type { Check, RunContext } from './batch-checks.js';
import type { AnyModel } from './stages.js';
import { assertClose, assertTable, tableOf } from './tables.js';
import type { Expectation, TableSpec, Vector } from './vector.js';

/** What a vector of a linear stage expects beside columns. */
export interface LinearExpectation {
  /** |prediction - label| < maxRelativeError · |label|. */
  readonly relativeErrorRule?: {
    readonly column: string;
    readonly against: string;
    readonly maxRelativeError: number;
  };
  /** How the first entry of a raw prediction lies to a bound, by the row's first feature. */
  readonly rawPredictionRule?: string;
  readonly derived?: {
    readonly prediction?: readonly number[];
    readonly rawPrediction?: readonly (readonly number[])[];
    readonly tolerance?: number;
  };
}

const RULE =
  /^first feature <= 5: rawPrediction\[0\] ([<>]) ([\d.]+) ; otherwise rawPrediction\[0\] ([<>]) ([\d.]+)$/;

/** Asserts what the predictions of a linear model must look like. */
export function assertPredictions(output: Table, expect: LinearExpectation): void {
  const { relativeErrorRule: relative, rawPredictionRule: rule, derived } = expect;
  if (relative !== undefined) {
    for (const row of output.toRows()) {
      const [got, wanted] = [Number(row[relative.column]), Number(row[relative.against])];
      const bound = relative.maxRelativeError * Math.abs(wanted);
      assert.ok(Math.abs(got - wanted) < bound, `${got} is close to ${wanted}`);
    }
  }
  if (rule !== undefined) {
    const [, low, lowBound, high, highBound] = rule.match(RULE)!;
    for (const row of output.toRows()) {
      const [first] = (row.features as DenseVector).toDense().values;
      const [raw] = (row.rawPrediction as DenseVector).values;
      const [sign, bound] = first! <= 5 ? [low, lowBound] : [high, highBound];
      assert.ok(sign === '<' ? raw! < Number(bound) : raw! > Number(bound), `${raw} ${sign}`);
    }
  }
  if (derived === undefined) return;
  const { prediction, rawPrediction, tolerance = 0, ...others } = derived;
  assert.equal(others, {}, 'what the runner does not know');
  const numbers = (name: string) =>
    output
      .column(name)
      .toArray()
      .flatMap((cell) => (cell instanceof DenseVector ? [...cell.values] : [Number(cell)]));
  if (prediction !== undefined) {
    assertClose(numbers('prediction'), prediction, tolerance, 'prediction');
  }
  if (rawPrediction !== undefined) {
    assertClose(numbers('rawPrediction'), rawPrediction.flat(), tolerance, 'rawPrediction');
  }
}

/** Model data that follow from upstream code, and the steps that they take. */
export interface DerivedWeights {
  readonly coefficient: readonly number[];
  readonly tolerance?: number;
  readonly updates?: number;
}

/** @param model May be one that was loaded, of which nobody knows how many steps it took. */
export function assertWeights(model: AnyModel, derived: DerivedWeights): void {
  const { coefficient } = model.modelData as { readonly coefficient: DenseVector };
  assertClose(coefficient.values, derived.coefficient, derived.tolerance ?? 0, 'coefficient');
  const { summary } = model as unknown as {
    readonly summary: { readonly totalIterations: number } | null;
  };
  if (derived.updates === undefined || summary === null) return;
  assert.is(summary.totalIterations, derived.updates, 'updates');
}

interface Point {
  readonly features: readonly number[];
  readonly label: number;
  readonly weight: number;
}

interface OptimizerVector {
  readonly what: string;
  readonly params: { readonly maxIter: number };
  readonly fit?: TableSpec;
  readonly input?: {
    readonly point?: Point;
    readonly points?: readonly Point[];
    readonly coefficient: readonly number[];
    readonly reg: number;
    readonly elasticNet: number;
    readonly learningRate: number;
  };
  readonly expect: {
    readonly tolerance: number;
    readonly loss?: number | readonly number[];
    readonly afterFirst?: readonly number[];
    readonly afterSecond?: readonly number[];
    readonly coefficient?: readonly number[];
    readonly meanLossPerRound?: readonly number[];
    readonly coefficientPerRound?: readonly (readonly number[])[];
    readonly derived?: { readonly returnedLoss: number };
  };
}

/** Names of upstream classes that are no stage of their own, with the stages that stand for them. */
export const STANDING_FOR: Readonly<Record<string, string>> = {
  SGD: 'LinearRegression',
  LogisticRegressionModelServable: 'LogisticRegression',
  LogisticRegressionModelDataUtil: 'LogisticRegressionModel',
};

/** The checks of vectors of {@link STANDING_FOR}; null for others. */
export function linearChecks(vector: Vector, context: RunContext): Check[] | null {
  switch (vector.stage) {
    case 'SGD':
      return optimizerChecks(vector as unknown as OptimizerVector, context);
    case 'LogisticRegressionModelServable':
      return [['expect', () => serve(vector, context)]];
    case 'LogisticRegressionModelDataUtil':
      return [['expectModelData', () => assertRandomData(vector)]];
    default:
      return null;
  }
}

function optimizerChecks(vector: OptimizerVector, { sessions }: RunContext): Check[] {
  const { input, expect } = vector;
  if (input === undefined) {
    return [
      [
        'expect',
        async () => {
          for (const session of sessions) await descend(vector, session);
        },
      ],
    ];
  }
  if (input.point === undefined && input.points === undefined) {
    const step = () => {
      const coefficient = Float64Array.from(input.coefficient);
      const shape = { dim: coefficient.length, classes: 1, fitIntercept: false };
      const returned: unknown = regularize(coefficient, shape, input, input.learningRate);
      return { coefficient, returned };
    };
    const { coefficient, tolerance, derived } = expect;
    return [
      ['expect', () => assertClose(step().coefficient, coefficient!, tolerance, 'coefficient')],
      ...(derived === undefined
        ? []
        : [['expect.derived', () => assert.is(step().returned, derived.returnedLoss)] as Check]),
    ];
  }
  return [['expect', () => assertLosses(vector, sessions[0]!)]];
}

const LOSSES: Readonly<Record<string, LossName>> = {
  logistic: 'logistic',
  hinge: 'hinge',
  least: 'squared',
};

function assertLosses({ what, input, expect }: OptimizerVector, session: Session): void {
  const { point, points = [point!], coefficient } = input!;
  const { tolerance, loss, afterFirst, afterSecond } = expect;
  const sumOf = (...rows: readonly Point[]): LossSum => {
    const table = Table.fromColumns(
      {
        features: rows.map(({ features }) => features),
        label: Float64Array.from(rows, (row) => row.label),
        weight: Float64Array.from(rows, (row) => row.weight),
      },
      { features: 'vector' },
    );
    const shard = { index: 0, count: 1, rowStart: 0, table };
    const params = {
      ...{ featuresCol: 'features', labelCol: 'label', weightCol: 'weight' },
      ...{ loss: LOSSES[what.split(' ')[0]!]!, dim: coefficient.length, classes: 1 },
      fitIntercept: false,
    };
    const { kernels, arena } = session.inline;
    const parameters = Float64Array.from(coefficient);
    return lossSum(shard, 0, rows.length, parameters, params, { kernels, arena });
  };
  if (loss !== undefined) {
    assertClose(
      points.map((row) => sumOf(row).loss),
      [loss].flat(),
      tolerance,
      'loss',
    );
  }
  const [row] = points as readonly [Point];
  if (afterFirst !== undefined) assertClose(sumOf(row).gradient, afterFirst, tolerance, 'once');
  if (afterSecond === undefined) return;
  assertClose(sumOf(row, row).gradient, afterSecond, tolerance, 'twice');
}

/** Steps of the optimizer, looked at after each. */
async function descend({ params, fit, expect }: OptimizerVector, session: Session): Promise<void> {
  const { tolerance, coefficient, meanLossPerRound, coefficientPerRound } = expect;
  const table = tableOf(fit!);
  const after = (maxIter: number) =>
    new LinearRegression({ ...params, maxIter, weightCol: 'weight' }).fit(table, { session });
  const { modelData, summary } = await after(params.maxIter);
  assertClose(modelData.coefficient.values, coefficient!, tolerance, 'coefficient');
  assertClose(summary!.objectiveHistory, meanLossPerRound!, tolerance, 'mean loss');
  for (const [round, wanted] of coefficientPerRound!.entries()) {
    const { values } = (await after(round + 1)).modelData.coefficient;
    assertClose(values, wanted, tolerance, `coefficient after round ${round}`);
  }
}

/** A model as a servable: of what was saved, and of a fresh model with its data. */
async function serve(vector: Vector, { Class, sessions, newPath }: RunContext): Promise<void> {
  const input = tableOf(vector.fit!);
  for (const session of sessions) {
    const model = await new Class(vector.params).fit(input, { session });
    const path = newPath();
    await model.save(path);
    const fresh = new LogisticRegressionModel(model.params).setModelData(model.modelData as never);
    for (const servable of [await loadServable(path, { session }), fresh.toServable({ session })]) {
      const output = servable.transform(input);
      assert.equal([...output.columnNames], [...input.columnNames, 'prediction', 'rawPrediction']);
      assertTable(output, vector.expect as Expectation);
      assertPredictions(output, vector.expect!);
    }
  }
}

function assertRandomData({ params, expectModelData }: Vector): void {
  const { dim, seed } = params as { readonly dim: number; readonly seed: number };
  const { coefficientSize, modelVersion, derived } = expectModelData as {
    readonly coefficientSize: number;
    readonly modelVersion: number;
    readonly derived: DerivedWeights;
  };
  const data = LogisticRegressionModel.generateRandomModelData(dim, seed);
  assert.is(data.coefficient.size, coefficientSize);
  assert.is(data.modelVersion, modelVersion);
  assertClose(data.coefficient.values, derived.coefficient, 0, 'coefficient');
}
