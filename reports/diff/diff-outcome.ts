import type { CampaignDiff } from './diff-model.ts';

/** What a comparison comes to, for a CI. */
export interface DiffOutcome {
  /** 4: there was nothing to compare, and nobody knows. */
  readonly exitCode: 0 | 1 | 4;
  readonly meaning: string;
}

export const diffOutcome = ({ regressed, pins }: Pick<CampaignDiff, 'regressed' | 'pins'>): DiffOutcome => {
  if (regressed) return { exitCode: 1, meaning: 'something regressed' };
  if (pins.paired.length > 0) return { exitCode: 0, meaning: 'nothing regressed' };
  return { exitCode: 4, meaning: 'nothing was compared, for no pin is in both: --pins A=B compares one with another' };
};
