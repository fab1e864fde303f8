import type { Phase } from '../matrices/phase.ts';

/** What users do with a trained adapter, in the order in which it is tried. */
export const usages = [
  'disable',
  'generate',
  'checkpoint',
  'resume',
  'adapters',
  'combine',
  'hotswap',
  'mixed-batch',
  'merge',
] as const;

export type Usage = (typeof usages)[number];

/** The phases of each usage. */
export const phasesOfUsage: Readonly<Record<Usage, readonly Phase[]>> = {
  disable: ['disable', 'enable'],
  generate: ['generate'],
  checkpoint: ['save', 'load'],
  resume: ['resume'],
  adapters: ['second-adapter', 'switch', 'delete'],
  combine: ['combine'],
  hotswap: ['hotswap'],
  'mixed-batch': ['mixed-batch'],
  merge: ['merge', 'unmerge'],
};
