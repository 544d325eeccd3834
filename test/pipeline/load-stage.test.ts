import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gyre from '../../src/index.js';
import {
  KMeans,
  loadServable,
  loadStage,
  Pipeline,
  PipelineModel,
  StandardScaler,
} from '../../src/index.js';
import { STAGES } from '../../src/pipeline/stages.js';
import { readable } from '../conformance/readable.js';
import { rejectsError } from '../table/expect-error.js';
import { numbers, SumEstimator, SumModel, valuesOf } from './toy-stages.js';

const it = (sentence: string, body: () => void | Promise<void>) => test(sentence, readable(body));
const root = mkdtempSync(join(tmpdir(), 'gyre-load-'));
test.after(() => rmSync(root, { recursive: true }));
let paths = 0;
const newPath = () => join(root, String(paths++));
const classes = [SumModel, SumEstimator] as never[];
const FORMAT = 'ERR_GYRE_FORMAT';
const INVALID = 'ERR_GYRE_INVALID_PARAM';

/** A saved pipeline of two stages. */
async function saved(): Promise<string> {
  const path = newPath();
  await new PipelineModel([SumModel.of(1), SumModel.of(2)]).save(path);
  return path;
}

/** Changes the metadata of a folder. */
function change(path: string, fields: object): string {
  const file = join(path, 'metadata.json');
  const metadata = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...metadata, ...fields }));
  return path;
}

it('every stage class that the package exports can be loaded by its name', async () => {
  const exported = Object.values(gyre as Readonly<Record<string, unknown>>).filter(
    (value): value is { readonly className: string } =>
      typeof value === 'function' && 'className' in value && 'params' in value,
  );
  assert.ok(exported.length > 10);
  assert.equal(Object.keys(STAGES), exported.map(({ className }) => className).sort());
  for (const Class of exported) {
    const module = await STAGES[Class.className]!();
    assert.is((module as Record<string, unknown>)[Class.className], Class);
  }
});

it('a stage is loaded as one of its class', async () => {
  const path = newPath();
  await new KMeans({ k: 7 }).save(path);
  const loaded = await loadStage(path);
  assert.instance(loaded, KMeans);
  assert.equal((loaded as KMeans).params, new KMeans({ k: 7 }).params);
});

it('a pipeline of pipelines is loaded with all of its stages', async () => {
  const path = newPath();
  const inner = new Pipeline([new SumEstimator(), SumModel.of(1)]);
  await new Pipeline([SumModel.of(10), inner, new SumEstimator()]).save(path);
  const loaded = (await loadStage(path, { classes })) as Pipeline;
  const model = await loaded.fit(numbers(1, 2));
  assert.equal(valuesOf(await model.transform(numbers(1, 2))), [106, 107]);
});

it('classes of your own have to be given, by loaders of one class too', async () => {
  const path = await saved();
  const message = /there is no stage class "SumModel"; give your own as \{ classes/;
  await rejectsError(loadStage(path), FORMAT, message);
  await rejectsError(PipelineModel.load(path), FORMAT, message);
  assert.instance(await PipelineModel.load(path, { classes }), PipelineModel);
  assert.instance(await loadServable(path, { classes }), gyre.Servable);
  for (const bad of [[null], [{}], [{ className: 'X' }]]) {
    await rejectsError(
      loadStage(path, { classes: bad as never }),
      INVALID,
      /className and fromSaved/,
    );
  }
  await rejectsError(loadStage(path, { clases: [] } as never), INVALID, /no option "clases"/);
});

it('names of things that every object has are no classes', async () => {
  for (const className of ['toString', 'constructor', '__proto__', 'hasOwnProperty', '', '../x']) {
    const path = change(await saved(), { className });
    await rejectsError(loadStage(path, { classes }), FORMAT, /there is no stage class/);
  }
});

it('another class of pipeline is refused, naming both', async () => {
  const path = await saved();
  await rejectsError(
    Pipeline.load(path, { classes }),
    FORMAT,
    /className must be Pipeline, got "PipelineModel"\.$/,
  );
  const learning = change(await savedPipeline(), { className: 'PipelineModel' });
  await rejectsError(
    loadStage(learning, { classes }),
    FORMAT,
    /does not fit: PipelineModel: stage 0/,
  );
});

async function savedPipeline(): Promise<string> {
  const path = newPath();
  await new Pipeline([new StandardScaler()]).save(path);
  return path;
}

it('a number of stages that is none is refused before anything is read', async () => {
  for (const numStages of [undefined, null, -1, 1.5, '2', 1e9, Number.MAX_VALUE, [2]]) {
    const path = change(await saved(), { numStages });
    await rejectsError(
      loadStage(path, { classes }),
      FORMAT,
      /numStages must be an integer from 0 to 1000, got /,
    );
  }
});

it('a stage that is missing is named', async () => {
  const path = change(await saved(), { numStages: 3 });
  await rejectsError(
    loadStage(path, { classes }),
    FORMAT,
    /stages\/2\/metadata\.json: there is no/,
  );
});

it('pipelines deeper than 16 are refused', async () => {
  let path = await saved();
  const make = () => {
    const outer = newPath();
    mkdirSync(join(outer, 'stages'), { recursive: true });
    const text = readFileSync(join(path, 'metadata.json'), 'utf8');
    writeFileSync(join(outer, 'metadata.json'), text.replace('"numStages": 2', '"numStages": 1'));
    renameSync(path, join(outer, 'stages', '0'));
    path = outer;
  };
  for (let depth = 1; depth < 16; depth++) make();
  assert.instance(await loadStage(path, { classes }), PipelineModel);
  make();
  await rejectsError(loadStage(path, { classes }), FORMAT, /must not be more than 16 deep/);
});

it('more than 10,000 stages in all are refused before they are loaded', async () => {
  const path = newPath();
  const inner = {
    className: 'Pipeline',
    params: {},
    formatVersion: 1,
    data: null,
    numStages: 1000,
  };
  for (let i = 0; i < 12; i++) {
    const folder = join(path, 'stages', String(i).padStart(2, '0'));
    mkdirSync(folder, { recursive: true });
    const numStages = i < 11 ? 0 : 1000;
    writeFileSync(join(folder, 'metadata.json'), JSON.stringify({ ...inner, numStages }));
  }
  writeFileSync(join(path, 'metadata.json'), JSON.stringify({ ...inner, numStages: 12 }));
  // The last one promises 1000 stages that are not there.
  await rejectsError(
    loadStage(path),
    FORMAT,
    /stages\/11\/stages\/0000\/metadata\.json: there is no/,
  );
});

it('links are not followed, wherever they lead', async () => {
  const other = await saved();
  const link = async (name: string, target: (path: string) => string): Promise<string> => {
    const path = await saved();
    rmSync(join(path, name), { recursive: true });
    symlinkSync(target(path), join(path, name));
    return path;
  };
  for (const path of [
    await link('metadata.json', () => join(other, 'metadata.json')),
    await link('stages', () => join(other, 'stages')),
    await link(join('stages', '0'), () => join(other, 'stages', '0')),
    await link(join('stages', '0'), (self) => join(self, 'stages', '1')),
    await link(join('stages', '0'), (self) => self),
    await link(join('stages', '0', 'data'), () => join(other, 'stages', '0', 'data')),
    await link(join('stages', '1', 'data', 'model.arrow'), () => '/dev/zero'),
  ]) {
    await rejectsError(
      loadStage(path, { classes }),
      FORMAT,
      /must not be a link, nor lie behind one/,
    );
  }
});

it('the path that is given may be a link', async () => {
  const path = newPath();
  symlinkSync(await saved(), path);
  assert.instance(await loadStage(path, { classes }), PipelineModel);
});

if (process.platform !== 'win32') {
  it('a pipe in the place of a file is refused, and not waited for', async () => {
    const path = await saved();
    const file = join(path, 'stages', '0', 'metadata.json');
    rmSync(file);
    assert.is(spawnSync('mkfifo', [file]).status, 0);
    await rejectsError(loadStage(path, { classes }), FORMAT, /it must be a file\.$/);
  });
}

it('code that lies in the folder is not run', async () => {
  const path = await saved();
  for (const name of ['index.js', 'package.json', 'SumModel.js', 'stages/0/index.js']) {
    writeFileSync(join(path, name), 'globalThis.hacked = true; throw new Error("ran")');
  }
  assert.instance(await loadStage(path, { classes }), PipelineModel);
  assert.not('hacked' in globalThis);
});

it('keys of prototypes in metadata change nothing', async () => {
  const path = await saved();
  const file = join(path, 'metadata.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('{', '{ "__proto__": { "numStages": 5, "polluted": 1 }, '));
  const model = (await loadStage(path, { classes })) as PipelineModel;
  assert.is(model.stages.length, 2);
  assert.is(({} as Record<string, unknown>).polluted, undefined);
  const without = text.replace(/"numStages": 2/, '"__proto__": { "numStages": 2 }');
  writeFileSync(file, without);
  await rejectsError(loadStage(path, { classes }), FORMAT, /numStages must be/);
});

it('metadata that are nested without end are refused', async () => {
  const path = await saved();
  const file = join(path, 'metadata.json');
  const deep = '['.repeat(400_000) + ']'.repeat(400_000);
  writeFileSync(file, `{ "className": ${deep} }`);
  await rejectsError(loadStage(path, { classes }), FORMAT, /metadata\.json: /);
});

it('a folder is loaded while it is copied elsewhere', async () => {
  const path = await saved();
  const copy = newPath();
  cpSync(path, copy, { recursive: true });
  const [a, b] = await Promise.all([loadStage(path, { classes }), loadStage(copy, { classes })]);
  assert.equal((a as PipelineModel).stages.length, (b as PipelineModel).stages.length);
});

it('what does not serve is refused, by name', async () => {
  const path = newPath();
  await new KMeans().save(path);
  await rejectsError(
    loadServable(path),
    INVALID,
    /^loadServable: KMeans does not look at every row/,
  );
});

test.run();
