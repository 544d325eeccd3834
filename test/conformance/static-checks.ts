/** Checks of what a stage's class offers beside its stages. */
import * as assert from 'uvu/assert';
import type { Check, RunContext } from './batch-checks.js';
import type { AnyStageClass } from './stages.js';
import type { Vector } from './vector.js';

/** `StopWordsRemover`, the one class that vectors ask such things of. */
interface StaticMembers extends AnyStageClass {
  getAvailableLocales(): ReadonlySet<string>;
  loadDefaultStopWords(language: string): string[];
}

export function staticChecks({ expectStatic }: Vector, { Class }: RunContext): Check[] {
  if (expectStatic === undefined) return [];
  const { getAvailableLocalesContains = [], loadDefaultStopWordsCounts = {} } = expectStatic;
  const members = Class as StaticMembers;
  return [
    ...getAvailableLocalesContains.map((wanted): Check => {
      const run = () => {
        const locales = members.getAvailableLocales();
        assert.ok(locales.has(wanted), `${wanted} is available`);
        for (const locale of locales) {
          const stage = new Class({ inputCols: ['a'], outputCols: ['b'], locale });
          assert.is(stage.params.locale, locale);
        }
      };
      return [`getAvailableLocales ${wanted}`, run];
    }),
    ...Object.entries(loadDefaultStopWordsCounts).map(([language, count]): Check => {
      const run = () => assert.is(members.loadDefaultStopWords(language).length, count);
      return [`loadDefaultStopWords ${language}`, run];
    }),
  ];
}
