import type { Report } from '../../reports/report-model.ts';
import { countOf } from '../../reports/text/count.ts';

/** A night of which a larger share could not be asked teaches nothing. */
const tolerated = 0.25;

/**
 * Why a night is suspect: too much of it could not be asked, so that what it shows may be the machine's doing. A pin that
 * could not be opened counts as all of its cells. Undefined where it may be believed.
 */
export const suspicionOf = ({ pins, counts }: Report): string | undefined => {
  const shares = pins.filter(({ skipped }) => skipped === undefined).map((pin) => brokenShare(pin));
  const share = shares.reduce((sum, one) => sum + one, 0) / Math.max(1, shares.length);
  if (share <= tolerated) return undefined;
  const broken = pins.filter((pin) => pin.broken !== undefined);
  const parts = [
    ...(broken.length === 0 ? [] : [`${broken.length} of ${countOf(pins.length, 'pin')}`]),
    ...(counts.broken === 0 ? [] : [`${counts.broken} of ${countOf(counts.cells, 'cell')}`]),
  ];
  return `${parts.join(' and ')} could not be asked`;
};

const brokenShare = ({ broken, counts }: Report['pins'][number]): number => {
  if (broken !== undefined) return 1;
  const asked = counts.pass + counts.fail + counts.flaky + counts.broken;
  return asked === 0 ? 0 : counts.broken / asked;
};
