import type { Config } from '../../matrices/config.ts';
import type { Recognised, Sign } from '../score/signs.ts';
import { mustShow, type Shrunk } from '../score/tally.ts';

/** A bug of the corpus that the generator found, with the smallest config that shows it. */
export interface Case {
  readonly bug: string;
  readonly sign: Sign;
  /** Only what differs from the defaults; nothing for an environment that cannot be imported. */
  readonly minimal: Config;
  /** The release of PEFT on which it was seen. */
  readonly peft: string;
}

/**
 * What bisects are put to: of every bug of the corpus the first sign that was seen where it must show, and shrunk. Left out is
 * what depends on the order of a set, for which no release is good or bad.
 */
export const casesOf = (recognised: readonly Recognised[], sightings: readonly Shrunk[]): readonly Case[] =>
  recognised.flatMap((entry) => {
    if (!('signs' in entry) || entry.byChance === true) return [];
    const found = sightings.find(
      ({ bug, sign, minimal, versions }) =>
        bug === entry.id && sign.verdict === 'fail' && minimal !== undefined && mustShow(sign, versions),
    );
    const peft = found?.versions['peft'];
    return found?.minimal === undefined || peft === undefined
      ? []
      : [{ bug: entry.id, sign: found.sign, minimal: found.minimal, peft }];
  });
