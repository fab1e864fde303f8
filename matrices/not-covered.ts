import type { Catalogue } from './catalogue.ts';
import type { Capabilities } from './pin.ts';

/** Classes that methods are made from; they are none themselves. */
const bases: readonly string[] = ['PeftConfig', 'PromptLearningConfig'];

/**
 * Config classes of methods that the environment's PEFT offers and that no adapter names, in alphabetical order: what a
 * new release brings before somebody writes an entry for it. Parts of other configs (`EvaConfig`) are not among what a
 * probe reports.
 */
export const notCovered = (
  { adapters }: Pick<Catalogue, 'adapters'>,
  { configClasses }: Pick<Capabilities, 'configClasses'>,
): readonly string[] => {
  const covered = new Set<string | null>([...bases, ...adapters.map(({ configClass }) => configClass)]);
  return Object.keys(configClasses)
    .filter((name) => !covered.has(name))
    .toSorted();
};
