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
