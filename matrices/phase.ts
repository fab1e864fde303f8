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
