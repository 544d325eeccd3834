/**
 * Flink ML 2.3.0 on Flink 1.17.1, with its own benchmark program. Maven Central has Flink, but of
 * Flink ML nothing newer than 2.2.0; the release on PyPI carries the jar, in which that program is.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import type { Work } from '../work.js';
import {
  installedAt,
  installOnce,
  JAVA_OPTIONS,
  javaVersion,
  memoryShare,
  runInstaller,
  sourceOf,
  virtualEnvironment,
} from './install.js';
import type { Answer } from './line-process.js';
import type { ModelFacts } from './model-facts.js';
import { type System, THREADS } from './system.js';

const FOLDER = 'flink-ml';
const RELEASE = 'apache-flink-ml==2.3.0';
/** Its setup runs on Python 3.7 and 3.8 only, so pip cannot fetch it: this can. */
const FETCHER = 'unearth==0.19.0';
const JARS = ['flink-ml-uber-1.17-2.3.0.jar', 'statefun-flink-core-3.2.0.jar'];
/** Classes of the JDK that Flink 1.17 looks into. */
const OPENED = [
  ...['java.lang', 'java.lang.invoke', 'java.lang.reflect', 'java.io', 'java.net', 'java.nio'],
  ...['java.text', 'java.time', 'java.util', 'java.util.concurrent'],
  ...['java.util.concurrent.atomic', 'java.util.concurrent.locks', 'sun.nio.ch'],
];
const MAIN = 'gyre.bench.FlinkMl';
const HEAP_SHARE = 0.35;
/** Of memory outside of the heap, which holds the rows of iterations. */
const MANAGED_SHARE = 0.15;

function install(): string {
  const java = javaVersion();
  const files = ['flink-ml/pom.xml', 'flink-ml/src/main/java/gyre/bench/FlinkMl.java'];
  const key = [RELEASE, FETCHER, ...files.map((file) => readFileSync(sourceOf(file), 'utf8'))];
  installOnce(FOLDER, key.join('\n'), () => {
    console.error(`bench:peers: installing ${RELEASE} and Flink 1.17.1`);
    fetchRelease();
    runInstaller({ file: 'mvn', args: ['--batch-mode', '-f', sourceOf(files[0]!), 'compile'] });
  });
  return `Flink ML 2.3.0 on Flink 1.17.1, ${java}`;
}

function fetchRelease(): void {
  const programs = virtualEnvironment(`${FOLDER}/fetcher`, [FETCHER]);
  const folder = installedAt(`${FOLDER}/release`);
  mkdirSync(folder, { recursive: true });
  const fetch = [RELEASE, '--no-binary', '--download', folder];
  runInstaller({ file: `${programs}/unearth`, args: fetch });
  const name = RELEASE.replace('==', '-');
  const members = JARS.map((jar) => `${name}/deps/lib/${jar}`);
  runInstaller({
    file: 'tar',
    args: ['-xzf', `${folder}/${name}.tar.gz`, '-C', folder, ...members],
  });
  for (const jar of JARS) copyFileSync(`${folder}/${name}/deps/lib/${jar}`, `${folder}/${jar}`);
}

function java(...args: string[]): { file: string; args: string[] } {
  const at = (path: string): string => installedAt(`${FOLDER}/${path}`);
  const opened = OPENED.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
  const classPath = [at('target/classes'), `${at('lib')}/*`, `${at('release')}/*`].join(delimiter);
  const heap = `-Xmx${memoryShare(HEAP_SHARE)}`;
  const [mode, ...rest] = args;
  const cluster = [mode!, String(THREADS), memoryShare(MANAGED_SHARE), ...rest];
  return {
    file: 'java',
    args: [heap, ...JAVA_OPTIONS, ...opened, '-cp', classPath, MAIN, ...cluster],
  };
}

type Numbers = readonly number[];

/** The rows of a model's data, one or more. */
const FACTS: Readonly<Record<string, (rows: readonly (readonly unknown[])[]) => ModelFacts>> = {
  KMeans: ([row]) => {
    const [centroids, weights] = row as readonly [readonly Numbers[], Numbers];
    return { centroids: centroids.flat(), weights };
  },
  MinMaxScaler: ([row]) => {
    const [min, max] = row as readonly [Numbers, Numbers];
    return { min, max };
  },
  // Of pairs of a column and its largest index.
  OneHotEncoder: (rows) => ({
    maxIndices: ([...rows] as [number, number][]).sort(([a], [b]) => a - b).map(([, max]) => max),
  }),
  StringIndexer: ([row]) => ({ strings: [...(row as readonly string[][][])[0]![0]!].sort() }),
};

function factsOf({ stage }: Work, { model }: Answer): ModelFacts {
  const name = stage.className.slice(stage.className.lastIndexOf('.') + 1);
  const facts = FACTS[name];
  if (facts === undefined) throw new Error(`there are no facts of ${name}`);
  return facts(model as readonly (readonly unknown[])[]);
}

export const flinkMl: System = {
  name: 'Flink ML',
  kmeansStart: 'sample',
  install,
  endToEnd: ({ configFile }, resultFile) => java('bench', configFile, '--output-file', resultFile),
  process: () => java('serve'),
  factsOf,
};
