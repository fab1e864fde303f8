/** Phases of a cell's life, in the order in which they happen at the earliest. */
export const phases = [
  'import',
  'build',
  'adapt',
  'wrap',
  'train',
  'disable',
  'enable',
  'generate',
  'save',
  'load',
  'resume',
  'merge',
  'unmerge',
  'second-adapter',
  'switch',
  'delete',
  'combine',
  'hotswap',
  'mixed-batch',
  'read',
] as const;

export type Phase = (typeof phases)[number];

/**
 * What a failure in a phase leaves undone: without the core, from the model to a resumed training, a method is of no use; the
 * rest is what is done with a trained adapter.
 */
export const isCore = (phase: string): boolean => core.has(phase);

const core: ReadonlySet<string> = new Set<Phase>([
  'import',
  'build',
  'adapt',
  'wrap',
  'train',
  'save',
  'load',
  'resume',
]);

/**
 * Whether a cell that is spread so is asked a phase at all: what is done with a trained adapter is asked on one process, and
 * ranks that work together end with saving and loading. So such a run says nothing of a failure in another phase.
 */
export const isAskedOf = (phase: string, sharding: string): boolean => sharding === 'none' || ofRanks.has(phase);

const ofRanks: ReadonlySet<string> = new Set<Phase>(['import', 'build', 'adapt', 'wrap', 'train', 'save', 'load']);
