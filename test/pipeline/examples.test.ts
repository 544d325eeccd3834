import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { examplesOf, promised, runScript, withoutSpace } from '../estimators/examples.js';

for (const [name, source] of [
  ['Pipeline', 'src/pipeline/pipeline.ts'],
  ['PipelineModel', 'src/pipeline/pipeline-model.ts'],
  ['GraphBuilder', 'src/pipeline/graph-builder.ts'],
  ['Servable', 'src/stage/servable.ts'],
  ['BLAS', 'src/table/blas.ts'],
  ['DistanceMeasure', 'src/table/distance-measure.ts'],
  ['vectorToArray', 'src/table/vector-arrays.ts'],
  ['arrayToVector', 'src/table/vector-arrays.ts'],
] as const) {
  test(`the examples of ${name} run and print what they say`, () => {
    const examples = examplesOf(source, name);
    assert.ok(examples.length > 0, 'the docstring has an example');
    examples.forEach((example, i) => {
      const { code, output, errors } = runScript(`${name}-${i}`, example);
      assert.is(code, 0, errors);
      assert.match(withoutSpace(output), promised(example));
    });
  });
}

test.run();
