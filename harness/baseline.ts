import { compare } from '@renovatebot/pep440';
import type { Config } from '../matrices/config.ts';
import type { Reference } from '../properties/property.ts';
import type { ReadyPin } from './cell.ts';

/** The pin that the numbers of another are compared with; undefined where there is none. */
export type BaselineOf = (ready: ReadyPin) => ReadyPin | undefined;

/**
 * Among the pins of a campaign, the one with the next older release of PEFT and the same of everything else that touches
 * numbers: what differs then is PEFT's doing. Where two pins are the same release, the first in the matrix counts.
 */
export const nextOlderRelease =
  (pins: readonly ReadyPin[]): BaselineOf =>
  (ready) => {
    const peft = ready.hello.versions['peft'];
    if (peft === undefined) return undefined;
    return pins
      .filter((other) => hasSameStack(other, ready) && compare(other.hello.versions['peft'] ?? peft, peft) < 0)
      .reduce<ReadyPin | undefined>(
        (best, other) => (best === undefined || isNewer(other, best) ? other : best),
        undefined,
      );
  };

/** Where a reference is run, and whose checkpoint it reads; undefined where there is no such pin, or it cannot run it. */
export const placeReference = (
  { config, pin, reads }: Reference,
  ready: ReadyPin,
  baselineOf: BaselineOf,
  isFeasible: (config: Config, on: ReadyPin) => boolean,
): { readonly ready: ReadyPin; readonly reads?: ReadyPin } | undefined => {
  const baseline = pin === 'baseline' || reads === 'baseline' ? baselineOf(ready) : ready;
  if (baseline === undefined || !isFeasible(config, baseline)) return undefined;
  if (reads === undefined) return { ready: baseline };
  return isFeasible(config, ready) ? { ready, reads: baseline } : undefined;
};

const isNewer = (left: ReadyPin, right: ReadyPin): boolean =>
  compare(left.hello.versions['peft'] ?? '0', right.hello.versions['peft'] ?? '0') > 0;

const hasSameStack = (left: ReadyPin, right: ReadyPin): boolean =>
  left.hello.device === right.hello.device &&
  ['torch', 'transformers', 'numpy'].every((name) => left.hello.versions[name] === right.hello.versions[name]);
