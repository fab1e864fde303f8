import type { Phase } from '../matrices/phase.ts';

/**
 * Whether a run that is spread so could show a failure at all. What is done with a trained adapter, and what is compared with
 * other releases or options, is asked on one process: ranks that work together train, save and load. So they say nothing of a
 * failure in another phase, or of a property that does not apply to them.
 */
export const isAskedOf = (
  { property, phase }: { readonly property: string; readonly phase: string },
  sharding: string,
): boolean => sharding === 'none' || (phasesOfRanks.has(phase) && !onOneProcess.has(property));

const phasesOfRanks: ReadonlySet<string> = new Set<Phase>([
  'import',
  'build',
  'adapt',
  'wrap',
  'train',
  'save',
  'load',
]);

/** Ids of the properties for which `isAdapterAlone` is needed; the site would have to carry all of them to ask. */
const onOneProcess: ReadonlySet<string> = new Set([
  'options-have-effect',
  'agrees-with-release',
  'disable-restores',
  'generate-agrees',
  'checkpoint-crosses-releases',
  'resume-continues',
  'adapters-do-not-leak',
  'merge-agrees',
]);
