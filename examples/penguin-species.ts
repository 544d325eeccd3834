/**
 * Batch classification: which species a penguin is of, told from its measures. A table is split,
 * a pipeline learns from one part, and the other says how good it is; a request is one row.
 *
 *     node build/examples/penguin-species.js
 */
import {
  LogisticRegression,
  MulticlassClassificationEvaluator,
  Pipeline,
  RandomSplitter,
  StandardScaler,
  StringIndexer,
  Table,
  VectorAssembler,
} from 'gyre';
import { readJson } from './data.js';

const MEASURES = ['Beak Length (mm)', 'Beak Depth (mm)', 'Flipper Length (mm)', 'Body Mass (g)'];

type Penguin = Readonly<Record<string, string | number | null>>;

const all = await readJson<Penguin[]>('penguins.json');
const measured = all.filter((each) => MEASURES.every((name) => each[name] !== null));
const species = Table.fromColumns({
  Species: measured.map(({ Species }) => String(Species)),
  ...Object.fromEntries(
    MEASURES.map((name) => [name, measured.map((each) => Number(each[name]))] as const),
  ),
});

// The labels are numbers: 0 for the first species by name, and so on.
const indexer = await new StringIndexer({
  inputCols: ['Species'],
  outputCols: ['label'],
  stringOrderType: 'alphabetAsc',
}).fit(species);
const names = indexer.modelData.stringArrays[0]!;
const penguins = await indexer.transform(species);
const splitter = new RandomSplitter({ weights: [7, 3], seed: 5 });
const [train, test] = (await splitter.transform(penguins)) as [Table, Table];
console.log(`${train.numRows} penguins to learn from, ${test.numRows} to be judged by`);

const pipeline = new Pipeline([
  new VectorAssembler({ inputCols: MEASURES, outputCol: 'measures', inputSizes: [1, 1, 1, 1] }),
  new StandardScaler({ inputCol: 'measures', outputCol: 'features', withMean: true }),
  new LogisticRegression({ solver: 'lbfgs', reg: 0.01 }),
]);
const model = await pipeline.fit(train);
const judged = await model.transform(test);

const evaluator = new MulticlassClassificationEvaluator({
  labelCol: 'label',
  metricsNames: ['accuracy'],
});
const [metrics] = (await evaluator.transform(judged as Table)).toRows();
console.log(`accuracy ${(100 * Number(metrics!.accuracy)).toFixed(1)} %`);

// A request: the same stages, at once and on this thread.
const servable = model.toServable();
const found = [
  [39, 18.5, 190, 3700],
  [50, 15, 220, 5200],
].map((values) => {
  const row = Object.fromEntries(MEASURES.map((name, i) => [name, values[i]] as const));
  return names[Number(servable.transform(row)!.prediction)];
});
console.log(`two more: ${found.join(', ')}`);
