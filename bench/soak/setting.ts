import type { Ground } from '../../harness/soak/campaign-process.ts';
import type { Part } from '../../harness/soak/parts.ts';

/** Where the cells of a soak's campaigns run, and what that changes for the soak. */
export interface Setting {
  /** Words of the command line: of a campaign's and of ours. */
  readonly words: readonly string[];
  /** Whether a probe and its ranks are processes beside the campaign's, so that one of them can be killed alone. */
  readonly hasProbes: boolean;
  /** File name of the report, and what is said there besides. */
  readonly file: string;
  readonly text: string;
  /** Before a campaign begins on its ground. */
  readonly prepare: (ground: Ground) => Promise<void>;
  /** Parts that would hardly ever be hit, besides those of the undisturbed campaign. */
  readonly refine: (parts: readonly Part[]) => readonly Part[];
  /** What a campaign that is over left elsewhere than on its ground, in words. */
  readonly left: () => Promise<readonly string[]>;
}

/** In local environments. */
export const inEnvironments: Setting = {
  words: [],
  hasProbes: true,
  file: 'SOAK.md',
  text: 'After a kill of a probe or of a rank alone it has to come there by itself.',
  prepare: () => Promise.resolve(),
  refine: (parts) => parts,
  left: () => Promise.resolve([]),
};
