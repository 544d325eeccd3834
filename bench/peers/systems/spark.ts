/** Spark ML, through pyspark. */
import { writeFileSync } from 'node:fs';
import {
  installedAt,
  installOnce,
  JAVA_OPTIONS,
  javaVersion,
  memoryShare,
  sourceOf,
  virtualEnvironment,
} from './install.js';
import type { ModelFacts } from './model-facts.js';
import { type System, THREADS } from './system.js';

const FOLDER = 'spark';
const REQUIREMENTS = ['pyspark==4.3.0', 'numpy==2.4.6'];
const HEAP_SHARE = 0.4;

function python(...args: string[]) {
  const programs = process.platform === 'win32' ? 'Scripts' : 'bin';
  const interpreter = installedAt(`${FOLDER}/venv/${programs}/python`);
  return {
    file: interpreter,
    args: ['-u', sourceOf('spark.py'), ...args],
    env: {
      // Of the processes in which Spark runs Python: the checks do.
      PYSPARK_PYTHON: interpreter,
      GYRE_BENCH_THREADS: String(THREADS),
      GYRE_BENCH_HEAP: memoryShare(HEAP_SHARE),
      GYRE_BENCH_JAVA_OPTIONS: JAVA_OPTIONS.join(' '),
      GYRE_BENCH_FOLDER: installedAt(`${FOLDER}/scratch`),
      SPARK_LOCAL_IP: '127.0.0.1',
    },
  };
}

export const spark: System = {
  name: 'Spark ML',
  kmeansStart: 'firstRows',
  install: () => {
    const java = javaVersion();
    installOnce(FOLDER, REQUIREMENTS.join('\n'), () => {
      console.error(`bench:peers: installing ${REQUIREMENTS.join(', ')}`);
      virtualEnvironment(`${FOLDER}/venv`, REQUIREMENTS);
    });
    return `${REQUIREMENTS[0]!.replace('==', ' ')}, local[${THREADS}], ${java}`;
  },
  endToEnd: (work, resultFile) => {
    const workFile = `${work.configFile}.work`;
    writeFileSync(workFile, JSON.stringify(work));
    return python('run', workFile, resultFile);
  },
  process: () => python('serve'),
  factsOf: (_work, { model }) => model as ModelFacts,
};
