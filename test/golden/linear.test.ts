import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Column,
  type DenseVector,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  Table,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { assertClose } from '../conformance/tables.js';
import { type Random, seeded } from '../reference/random.js';

type StageName = 'LogisticRegression' | 'LinearSVC' | 'LinearRegression';

interface ModelCase {
  readonly set: string;
  readonly stage: StageName;
  readonly params: {
    readonly reg: number;
    readonly elasticNet: number;
    readonly fitIntercept?: boolean;
    readonly standardization?: boolean;
    readonly weightCol?: string;
    readonly classWeight?: 'balanced' | Readonly<Record<string, number>> | null;
  };
  /** Classes × features, row by row. */
  readonly coefficient: readonly number[];
  readonly intercept: readonly number[];
  /** The share of labels that are right, or R². */
  readonly score: number;
}

interface StepsCase {
  readonly stage: StageName;
  readonly rows: number;
  readonly params: object;
  readonly coefficient: readonly number[];
  readonly losses: readonly number[];
}

interface DataSet {
  readonly dim: number;
  readonly features: readonly number[];
  readonly label: readonly number[];
}

// Made by test/golden/make-linear.py, which stands in the file with the versions of what it used.
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/linear.json', import.meta.url), 'utf8'),
) as {
  readonly sets: Readonly<Record<string, DataSet>>;
  readonly models: readonly ModelCase[];
  readonly steps: readonly StepsCase[];
};

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));

/** How far objectives may be above scikit-learn's, relative to what they are. */
const OBJECTIVE_TOLERANCE = 1e-6;
/** How far coefficients may be from scikit-learn's, relative to the largest. */
const COEFFICIENT_TOLERANCE = 2e-4;
/** Sums are made in another order, and nothing else differs. */
const STEP_TOLERANCE = 1e-12;

const STAGES = { LogisticRegression, LinearSVC, LinearRegression } as const;

/** random_set() of make-linear.py; labels of the scores and the noise. */
function randomSet(
  [rows, dim, seed]: readonly [number, number, number],
  label: (score: number, noise: number) => number,
  moreWeight = 0,
): Table {
  const random: Random = seeded(seed);
  const features = random.f64(rows * dim);
  const scores = Array.from({ length: rows }, (_, i) =>
    features
      .subarray(i * dim, (i + 1) * dim)
      .reduce((sum, value, t) => sum + value * ((t % 5) - 2), 0),
  );
  const noise = random.f64(rows);
  const weight = Float64Array.from({ length: rows }, () => random.below(4) + moreWeight);
  return Table.fromColumns({
    features: Column.dense(features, dim),
    label: Float64Array.from(scores, (score, i) => label(score, noise[i]!)),
    weight,
  });
}

const sign = (score: number, noise: number) => (score + noise > 0 ? 1 : 0);

function tableOf(name: string): Table {
  if (name === 'random') return randomSet([400, 6, 11], sign);
  const { dim, features, label } = golden.sets[name]!;
  return Table.fromColumns({
    features: Column.dense(Float64Array.from(features), dim),
    label: Float64Array.from(label),
    weight: new Float64Array(label.length).fill(1),
  });
}

/** The objective that a stage documents, written down anew: of rows, plain sums. */
function objectiveOf(
  { stage, params }: ModelCase,
  table: Table,
  coefficient: ArrayLike<number>,
  intercept: ArrayLike<number>,
): number {
  const { reg, elasticNet, standardization = false, weightCol, classWeight = null } = params;
  const rows = (table.column('features', 'vector').toArray() as DenseVector[]).map((v) => v.values);
  const labels = table.column('label', 'float64').values;
  const dim = rows[0]!.length;
  const classes = coefficient.length / dim;
  const names = [...new Set(labels)].sort((a, b) => a - b);
  const ofClass = (label: number) => {
    if (classWeight !== 'balanced') return classWeight?.[label] ?? 1;
    const count = labels.filter((other) => other === label).length;
    return labels.length / (names.length * count);
  };
  const weights = Array.from(labels, (label, i) => {
    const ofRow = weightCol === undefined ? 1 : table.column('weight', 'float64').values[i]!;
    return ofRow * (stage === 'LogisticRegression' ? ofClass(label) : 1);
  });
  const mass = weights.reduce((a, b) => a + b);
  const meanOf = (values: readonly number[]) =>
    values.reduce((sum, value, i) => sum + weights[i]! * value, 0) / mass;
  let loss = 0;
  rows.forEach((row, i) => {
    const [y, weight] = [labels[i]!, weights[i]!];
    const margins = Array.from({ length: classes }, (_, k) =>
      row.reduce((sum, x, t) => sum + x * coefficient[k * dim + t]!, intercept[k] ?? 0),
    );
    const [m] = margins as [number];
    if (stage === 'LinearRegression') loss += (weight * (m - y) ** 2) / 2;
    else if (stage === 'LinearSVC') loss += weight * Math.max(0, 1 - (2 * y - 1) * m) ** 2;
    else if (classes === 1) loss += weight * (Math.log1p(Math.exp(m)) - y * m);
    else {
      const total = margins.reduce((sum, margin) => sum + Math.exp(margin), 0);
      loss += weight * (Math.log(total) - margins[names.indexOf(y)]!);
    }
  });
  let penalty = 0;
  for (let t = 0; t < dim; t++) {
    const values = rows.map((row) => row[t]!);
    const mean = meanOf(values);
    const variance = meanOf(values.map((x) => (x - mean) ** 2));
    const scale = standardization ? Math.sqrt(variance) : 1;
    for (let k = 0; k < classes; k++) {
      const c = coefficient[k * dim + t]! * scale;
      penalty += elasticNet * Math.abs(c) + ((1 - elasticNet) / 2) * c * c;
    }
  }
  return loss / mass + reg * penalty;
}

/** The share of labels that are right, or R². */
function scoreOf(stage: StageName, predicted: Table): number {
  const label = predicted.column('label', 'float64').values;
  const prediction = predicted.column('prediction', 'float64').values;
  if (stage !== 'LinearRegression') {
    return label.filter((y, i) => y === prediction[i]).length / label.length;
  }
  const mean = label.reduce((a, b) => a + b) / label.length;
  const left = label.reduce((sum, y, i) => sum + (y - prediction[i]!) ** 2, 0);
  return 1 - left / label.reduce((sum, y) => sum + (y - mean) ** 2, 0);
}

async function fitted({ stage, params }: ModelCase, table: Table, more: object) {
  const Stage = STAGES[stage] as unknown as typeof LinearRegression;
  const model = await new Stage({ ...params, ...more, solver: 'lbfgs' } as never).fit(table);
  const { coefficient, intercept = [] } = model.modelData as unknown as {
    readonly coefficient: DenseVector;
    readonly intercept?: number | DenseVector;
  };
  const intercepts =
    typeof intercept === 'object' && 'values' in intercept ? intercept.values : [intercept].flat();
  return {
    model,
    coefficient: coefficient.values,
    intercept: Array.from(intercepts as ArrayLike<number>),
  };
}

for (const modelCase of golden.models) {
  const { set, stage, params } = modelCase;
  const name = `${stage} on ${set}, ${JSON.stringify(params)}`;

  it(`${name}: the objective is within 1e-6 of scikit-learn's, or below`, async () => {
    const table = tableOf(set);
    const { model, coefficient, intercept } = await fitted(modelCase, table, { maxIter: 500 });
    assert.is(model.summary?.reason, 'tol');
    const best = objectiveOf(modelCase, table, modelCase.coefficient, modelCase.intercept);
    const ours = objectiveOf(modelCase, table, coefficient, intercept);
    assert.ok(ours <= best + OBJECTIVE_TOLERANCE * Math.abs(best), `${ours} is close to ${best}`);
    const last = model.summary!.objectiveHistory.at(-1)!;
    assert.ok(Math.abs(last - ours) <= 1e-9 * Math.abs(ours), `${last} is the objective, ${ours}`);
  });

  it(`${name}: coefficients and predictions are scikit-learn's`, async () => {
    const table = tableOf(set);
    const { model, coefficient, intercept } = await fitted(modelCase, table, {
      ...{ maxIter: 2000, tol: 1e-13 },
    });
    const largest = Math.max(...modelCase.coefficient.map(Math.abs));
    const tolerance = COEFFICIENT_TOLERANCE * largest;
    assertClose(coefficient, modelCase.coefficient, tolerance, 'coefficient');
    const bound = COEFFICIENT_TOLERANCE * Math.max(1, ...modelCase.intercept.map(Math.abs));
    assertClose(intercept, modelCase.intercept, bound, 'intercept');
    const score = scoreOf(stage, await model.transform(table));
    const isExact = stage !== 'LinearRegression';
    assertClose([score], [modelCase.score], isExact ? 0 : 1e-6, 'score');
  });
}

for (const [i, { stage, rows, params, coefficient, losses }] of golden.steps.entries()) {
  it(`mini-batches ${i}, ${stage} on ${rows} rows, step as Flink ML's do`, async () => {
    const table = randomSet(
      [rows, 3, 5],
      stage === 'LinearRegression' ? (score) => score : sign,
      1,
    );
    const Stage = STAGES[stage] as unknown as typeof LinearRegression;
    const { modelData, summary } = await new Stage(params as never).fit(table);
    assertClose(modelData.coefficient.values, coefficient, STEP_TOLERANCE, 'coefficient');
    assertClose(summary!.objectiveHistory, losses, STEP_TOLERANCE, 'losses');
    assert.is(summary!.totalIterations, losses.length);
  });
}

test.run();
