/**
 * Peers beside those of requirements.txt. Each is installed by itself, so that one that cannot be had
 * takes no other with it; `differs` is what its figures are to be read with.
 */

/** A library with a process of its own: a script beside this file, and its packages by pip. */
export interface PythonLibrary {
  readonly script: string;
  readonly packages: readonly string[];
  readonly differs: string;
}

export type PythonName = 'intelex' | 'faiss' | 'vowpal' | 'river' | 'duckdb';

export const PYTHON_LIBRARIES: Readonly<Record<PythonName, PythonLibrary>> = {
  intelex: {
    script: 'models_intelex.py',
    packages: ['scikit-learn-intelex==2026.2.0'],
    differs:
      'float64, as Gyre; the classes of scikit-learn, patched, in a process of their own. Stops where ' +
      'scikit-learn would; its KMeans knows Lloyd only; its L-BFGS is that of SciPy on other losses.',
  },
  faiss: {
    script: 'models_faiss.py',
    packages: ['faiss-cpu==1.15.1'],
    differs:
      'float32, half the bytes of Gyre and twice the numbers an instruction. KMeans runs all rounds and ' +
      'splits clusters that become empty; Knn is its exact IndexFlatL2, votes by numpy. Checked by the ' +
      'cost of the centroids and the distances of the neighbours: near ties fall either way in float32.',
  },
  vowpal: {
    script: 'models_vowpal.py',
    packages: ['vowpalwabbit==9.11.9'],
    differs:
      'weights in float32, a step for each row, hashed features read from its cache file, which is in ' +
      "the page cache; one pass. Log-loss by its own count, before each row's step, of the best of " +
      'some settings.',
  },
  river: {
    script: 'models_river.py',
    packages: ['river==0.26.1'],
    differs:
      'float64 in dicts of Python, a step for each row; one pass over the first rows only, scaled up: ' +
      'A FIGURE OF A SLICE. Log-loss before each row is learned from, at the best of some rates.',
  },
  duckdb: {
    script: 'stages_duckdb.py',
    packages: ['duckdb==2.0.0', 'pyarrow==26.0.1'],
    differs:
      'float64, as Gyre. Quantiles are quantile_cont, exact, on a table in memory. Files become a table ' +
      'of pyarrow by way of its own columns.',
  },
};

/** A library in JavaScript, which runs in this process: its packages by npm, by exact version. */
export interface NpmLibrary {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
  readonly differs: string;
}

export type NpmName = 'tfjs' | 'stdlib';

export const NPM_LIBRARIES: Readonly<Record<NpmName, NpmLibrary>> = {
  tfjs: {
    dependencies: {
      '@tensorflow/tfjs-core': '4.22.0',
      '@tensorflow/tfjs-backend-wasm': '4.22.0',
    },
    differs:
      'float32 by SIMD in WebAssembly, one thread: its backend starts none in Node. Work is put ' +
      'together from matMul, argMin, oneHot and topk; all rounds and steps are run. A slice of the ' +
      'rows, scaled up; checked to what float32 leaves.',
  },
  stdlib: {
    dependencies: {
      '@stdlib/ml-incr-kmeans': '0.1.0',
      '@stdlib/ml-incr-binary-classification': '0.1.0',
      '@stdlib/ndarray-ctor': '0.1.0',
    },
    // What depends on it asks for a branch on GitHub, which is no exact version.
    overrides: { '@stdlib/ndarray-dtype-ctor': '0.1.1' },
    differs:
      'float64 in plain JavaScript, one thread, a step for each row. A slice of the rows, scaled up. ' +
      'ml-incr-sgd-regression is left out: Gyre has no regression that learns online.',
  },
};
