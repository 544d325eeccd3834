import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Graph,
  GraphBuilder,
  GraphModel,
  KMeans,
  loadStage,
  PipelineModel,
  Session,
  type StageProgress,
  Table,
  type TableId,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { rejectsError, throwsError } from '../table/expect-error.js';
import { numbers, SplitAt, SumEstimator, SumModel, Union, valuesOf } from './toy-stages.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const folder = mkdtempSync(join(tmpdir(), 'gyre-graph-'));
const session = new Session({ threads: 2, inlineWork: 0 });
test.after(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});
let paths = 0;
const newPath = () => join(folder, String(paths++));
const classes = [SumModel, SumEstimator, Union, SplitAt] as never[];
const PLAN = 'ERR_GYRE_PLAN';

const outputs = async (model: GraphModel, ...tables: Table[]) =>
  (await model.transform(tables)).map(valuesOf);

it('a graph model transforms any number of times, also at the same time', async () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const [output] = builder.addEstimator(new SumEstimator(), input);
  const model = builder.buildModel([input], [output]);
  assert.equal(await outputs(model, numbers(1, 2)), [[4, 5]]);
  assert.equal(await outputs(model, numbers(5)), [[10]], 'stages that learn are fitted anew');
  const together = [1, 2, 3].map((n) => outputs(model, numbers(n)));
  assert.equal(await Promise.all(together), [[[2]], [[4]], [[6]]]);
});

it('every stage transforms in fit, the last one too', async () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const [first] = builder.addEstimator(new SumEstimator(), input);
  const failing = { save: async () => {}, transform: () => Promise.reject(new TypeError('ran')) };
  const [last] = builder.addAlgoOperator(failing, first);
  const [error] = await Promise.allSettled([
    builder.buildEstimator([input], [last]).fit(numbers(1)),
  ]);
  assert.instance((error as PromiseRejectedResult).reason, TypeError);
});

it('a stage may learn from other tables than its model transforms', async () => {
  const builder = new GraphBuilder();
  const [learned, given] = [builder.createTableId(), builder.createTableId()];
  const [output] = builder.addEstimator(new SumEstimator(), [learned], [given]);
  const graph = builder.buildEstimator([learned, given], [output], { modelInputs: [given] });
  const model = await graph.fit([numbers(10, 20), numbers(0)]);
  assert.equal(await outputs(model, numbers(1, 2)), [[31, 32]]);
});

it('stages of several outputs and inputs are connected by ids', async () => {
  const builder = new GraphBuilder().setMaxOutputTableNum(2);
  const input = builder.createTableId();
  const ids = builder.addAlgoOperator(new SplitAt({ bound: 3 }), input);
  assert.is(ids.length, 2);
  const [low, high] = ids as readonly [TableId, TableId];
  const [more] = builder.addAlgoOperator(SumModel.of(100), high);
  const [all] = builder.addAlgoOperator(new Union(), more, low);
  const model = builder.buildAlgoOperator([input], [all, low]);
  assert.equal(await outputs(model, numbers(1, 5, 2, 4)), [
    [105, 104, 1, 2],
    [1, 2],
  ]);
});

it('model data go from model to model, in and out, as tables', async () => {
  const builder = new GraphBuilder();
  const [input, data] = [builder.createTableId(), builder.createTableId()];
  const [estimator, follower, other] = [new SumEstimator(), SumModel.of(0), SumModel.of(0)];
  const [first] = builder.addEstimator(estimator, input);
  const [second] = builder.addAlgoOperator(follower, first);
  builder.setModelDataOnModel(follower, builder.getModelDataFromEstimator(estimator));
  const [third] = builder.addAlgoOperator(other, second);
  builder.setModelDataOnModel(other, data);
  const model = builder.buildModel([input], [third], {
    inputModelData: [data],
    outputModelData: [builder.getModelDataFromModel(follower)],
  });
  throwsError(() => model.modelData, 'ERR_GYRE_MODEL', /no data before the first transform/);
  await rejectsError(model.transform(numbers(1)), 'ERR_GYRE_MODEL', /call setModelData/);
  throwsError(() => model.setModelData([]), PLAN, /setModelData takes 1 tables, got 0/);
  model.setModelData([Table.fromRows([{ delta: 1000 }])]);
  assert.equal(await outputs(model, numbers(1, 2)), [[1007, 1008]]);
  assert.equal(
    model.modelData.map((table) => table.toRows()),
    [[{ delta: 3 }]],
  );
  assert.equal(await outputs(model, numbers(1)), [[1003]], 'again, with other data');
  assert.equal(follower.modelData, { delta: 0 }, 'the stage that was added is left as it was');
});

it('model data of another form are refused by their model', async () => {
  const builder = new GraphBuilder();
  const [input, data] = [builder.createTableId(), builder.createTableId()];
  const stage = SumModel.of(1);
  const [output] = builder.addAlgoOperator(stage, input);
  builder.setModelDataOnModel(stage, data);
  const model = builder.buildModel([input], [output], { inputModelData: [data] });
  model.setModelData([Table.fromRows([{ delta: 4 }])]);
  assert.equal(await outputs(model, numbers(1)), [[5]]);
});

it('what the builder is told wrongly is refused at once', () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const estimator = new SumEstimator();
  const model = SumModel.of(1);
  const INVALID = 'ERR_GYRE_INVALID_PARAM';
  throwsError(() => builder.setMaxOutputTableNum(0), INVALID, /from 1 to 1000, got 0/);
  throwsError(() => builder.addAlgoOperator(estimator as never, input), PLAN, /must transform/);
  throwsError(() => builder.addEstimator(model as never, input), PLAN, /must learn, got SumModel/);
  throwsError(() => builder.addAlgoOperator(model), PLAN, /at least one input/);
  throwsError(() => builder.addEstimator(estimator, [], [input]), PLAN, /at least one input/);
  throwsError(() => builder.addAlgoOperator(model, 3 as never), INVALID, /takes TableIds, got 3/);
  throwsError(() => builder.getModelDataFromModel(model), PLAN, /SumModel must be added first/);
  builder.addAlgoOperator(model, input);
  throwsError(() => builder.addAlgoOperator(model, input), PLAN, /has been added already/);
  throwsError(() => builder.getModelDataFromEstimator(model as never), PLAN, /must learn/);
  builder.setModelDataOnModel(model, input);
  throwsError(() => builder.setModelDataOnModel(model, input), PLAN, /has got model data already/);
  const union = new Union();
  builder.addAlgoOperator(union as never, input);
  throwsError(() => builder.getModelDataFromModel(union as never), PLAN, /must be a model/);
  builder.addEstimator(estimator, input);
  throwsError(() => builder.setModelDataOnModel(estimator as never, input), PLAN, /must not learn/);
});

it('a graph that cannot run is refused when it is built', () => {
  const builder = new GraphBuilder();
  const [a, b] = [builder.createTableId(), builder.createTableId()];
  const [c] = builder.addAlgoOperator(SumModel.of(1), b);
  throwsError(
    () => builder.buildModel([a], [c]),
    PLAN,
    /^GraphModel: node 0, SumModel, waits for TableId\(1\), which is never made\.$/,
  );
  throwsError(() => builder.buildModel([b], [a]), PLAN, /TableId\(0\) is made by no node/);
  throwsError(() => builder.buildModel([b, b], [c]), PLAN, /TableId\(1\) of the inputs has been/);
  throwsError(() => builder.buildModel([b, c], [c]), PLAN, /of node 0, SumModel, has been made/);
  throwsError(() => builder.buildEstimator([a], [c]), PLAN, /^Graph: node 0/);
  throwsError(() => builder.buildEstimator([b], [c], { modelInputs: [a] }), PLAN, /never made/);
  const model = SumModel.of(2);
  const [d] = builder.addAlgoOperator(model, c);
  builder.setModelDataOnModel(model, d);
  throwsError(() => builder.buildModel([b], [d]), PLAN, /node 1, SumModel, waits for/);
});

it('another number of tables is refused, with both', async () => {
  const builder = new GraphBuilder().setMaxOutputTableNum(1);
  const input = builder.createTableId();
  const [output] = builder.addAlgoOperator(new SplitAt(), input);
  const model = builder.buildModel([input], [output]);
  await rejectsError(model.transform([]), PLAN, /GraphModel\.transform takes 1 tables, got 0/);
  await rejectsError(
    model.transform(numbers(1)),
    PLAN,
    /node 0, SplitAt, gives 2 tables, and there are 1 ids; see GraphBuilder\.setMaxOutputTableNum/,
  );
  const more = new GraphBuilder();
  const id = more.createTableId();
  const [, second] = more.addAlgoOperator(SumModel.of(1), id);
  const lacking = more.buildModel([id], [second!]);
  await rejectsError(lacking.transform(numbers(1)), PLAN, /was not given by its stage/);
});

it('a graph is left as it is when its builder goes on', async () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const stage = SumModel.of(1);
  const [output] = builder.addAlgoOperator(stage, input);
  const model = builder.buildModel([input], [output]);
  builder.addAlgoOperator(SumModel.of(2), output);
  builder.setModelDataOnModel(stage, builder.createTableId());
  assert.equal(await outputs(model, numbers(1)), [[2]]);
});

it('a graph model is a stage of a pipeline', async () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const [output] = builder.addAlgoOperator(SumModel.of(1), input);
  const model = new PipelineModel([builder.buildModel([input], [output]), SumModel.of(10)]);
  assert.equal(valuesOf(await model.transform(numbers(1))), [12]);
  assert.is(model.supportsServable, false);
});

it('progress says of which node it is, and an abort stops the graph', async () => {
  const builder = new GraphBuilder();
  const input = builder.createTableId();
  const [first] = builder.addEstimator(new KMeans({ k: 2, maxIter: 2, seed: 1 }), input);
  const kmeans = new KMeans({ k: 2, maxIter: 1, seed: 1, predictionCol: 'second' });
  const [second] = builder.addEstimator(kmeans, first);
  const graph = builder.buildEstimator([input], [second]);
  const table = Table.fromColumns({ features: [[0], [1], [5]] }, { features: 'vector' });
  const seen: StageProgress[] = [];
  await graph.fit(table, { session, onProgress: (progress) => seen.push(progress) });
  assert.equal(
    seen.map(({ stage, epoch }) => [stage, epoch]),
    [
      [0, 1],
      [0, 2],
      [1, 1],
    ],
  );
  const signal = AbortSignal.abort(new Error('enough'));
  await rejectsError(graph.fit(table, { signal }), 'ERR_GYRE_ABORTED', /aborted/);
});

/** A saved graph of two stages, whose description was changed. */
async function changed(
  change: (graph: Record<string, unknown> & { nodes: Record<string, unknown>[] }) => unknown,
): Promise<string> {
  const builder = new GraphBuilder().setMaxOutputTableNum(1);
  const input = builder.createTableId();
  const [first] = builder.addEstimator(new SumEstimator(), input);
  const [second] = builder.addAlgoOperator(SumModel.of(1), first);
  const path = newPath();
  await builder.buildEstimator([input], [second]).save(path);
  const file = join(path, 'metadata.json');
  const metadata = JSON.parse(readFileSync(file, 'utf8'));
  metadata.graph = change(metadata.graph) ?? metadata.graph;
  writeFileSync(file, JSON.stringify(metadata));
  return path;
}

it('a saved graph has its stages in folders of their nodes', async () => {
  const path = await changed(() => undefined);
  assert.equal(readdirSync(join(path, 'stages')).sort(), ['0', '1']);
  const graph = await Graph.load(path, { classes });
  const model = await graph.fit(numbers(1, 2));
  assert.equal(await outputs(model, numbers(1)), [[5]]);
  const again = newPath();
  await model.save(again);
  assert.equal(await outputs(await GraphModel.load(again, { classes }), numbers(1)), [[5]]);
  await rejectsError(Graph.load(again, { classes }), 'ERR_GYRE_FORMAT', /className must be Graph,/);
});

it('a saved graph that lies about its nodes is refused', async () => {
  type Change = Parameters<typeof changed>[0];
  const node =
    (index: number, fields: object): Change =>
    (g) => ({ ...g, nodes: g.nodes.map((n, i) => (i === index ? { ...n, ...fields } : n)) });
  const changes: readonly (readonly [Change, RegExp])[] = [
    [() => 3, /graph must be an object, got 3/],
    [() => ({}), /number of nodes must be an integer from 0 to 1000/],
    [(g) => ({ ...g, nodes: 7_000_000_000 }), /number of nodes must be/],
    [(g) => ({ ...g, nodes: new Array(1001).fill(null) }), /from 0 to 1000, got 1001/],
    [(g) => ({ ...g, nodes: [null, null] }), /node 0: its id must be 0/],
    [(g) => ({ ...g, nodes: [...g.nodes].reverse() }), /node 0: its id must be 0, got 1/],
    [(g) => ({ ...g, nodes: g.nodes.slice(0, 1) }), /there is no such file|is made by no node/],
    [(g) => ({ ...g, outputs: [99] }), /TableId\(99\) is made by no node/],
    [(g) => ({ ...g, outputs: 'x' }), /outputs must be a list of table ids, got "x"/],
    [(g) => ({ ...g, inputs: [-1] }), /inputs must be a list of table ids/],
    [(g) => ({ ...g, inputs: new Array(10_001).fill(0) }), /inputs must be a list/],
    [(g) => ({ ...g, estimatorInputs: [] }), /waits for TableId\(0\), which is never made/],
    [(g) => ({ ...g, outputModelData: null }), /outputModelData must be a list/],
    [node(0, { inputs: [1.5] }), /node 0: inputs must be a list/],
    [node(0, { estimatorInputs: null }), /node 0: estimatorInputs must be ids/],
    [node(1, { estimatorInputs: [0] }), /node 1: estimatorInputs must be null/],
    [node(1, { inputModelData: 'x' }), /must be a table id or null, got "x"/],
    [node(1, { inputs: [9] }), /which is never made/],
  ];
  for (const [change, message] of changes) {
    await rejectsError(loadStage(await changed(change), { classes }), 'ERR_GYRE_FORMAT', message);
  }
});

test.run();
