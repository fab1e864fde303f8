import { compare, satisfies, valid } from '@renovatebot/pep440';
import { InputError } from '../../matrices/errors.ts';
import { endOfDay, type ListedRelease } from '../../matrices/expand-pins.ts';
import type { Matrix, MatrixPin } from '../../matrices/matrix.ts';

/** A matrix as it is on one day. */
export interface NightMatrix {
  readonly matrix: Matrix;
  /** What of it was not out yet, in its own words. */
  readonly leftOut: readonly string[];
}

/**
 * The matrix of a day: nothing younger is in any environment, what was not out yet is left out, and what came after the
 * newest PEFT that the file names is looked at too, with everything else as that pin has it. What a pin leaves open (torch,
 * transformers, accelerate) is the newest of that day by itself.
 *
 * @param releases - All of PEFT.
 * @param prereleases - Let pre-releases of PEFT in.
 * @throws InputError when nothing of the matrix was out on that day.
 */
export const nightMatrix = (
  matrix: Matrix,
  day: string,
  releases: readonly ListedRelease[],
  prereleases: boolean,
): NightMatrix => {
  const dated = matrix.pins.map((pin) =>
    pin.interpreter === undefined ? datedPin(matrix, pin, day, prereleases) : pin,
  );
  const all = [...dated, ...comingPins(dated)];
  const pins = all.filter((pin) => pin.interpreter !== undefined || isOut(pin, day, releases));
  if (pins.length === 0) throw new InputError(`No PEFT that ${matrix.name} wants was out on ${day}`);
  const leftOut = dated.filter((pin) => !pins.includes(pin)).map(({ peft = '' }) => `peft ${peft}`);
  const { asOf: _, ...rest } = matrix;
  return { matrix: { ...rest, pins }, leftOut };
};

/** A pin with a day of its own that is past stays as it is; so does one that has the packages of its release's day. */
const datedPin = (matrix: Matrix, pin: MatrixPin, day: string, prereleases: boolean): MatrixPin => {
  const own = pin.asOf ?? (matrix.asOf === 'release' ? 'release' : undefined);
  const asOf = own === undefined || (own !== 'release' && own > day) ? day : own;
  return { ...pin, asOf, ...(prereleases ? { prereleases } : {}) };
};

/** Nobody wrote down what is not out yet: of each device, what is newer than its newest exact version. */
const comingPins = (pins: readonly MatrixPin[]): readonly MatrixPin[] =>
  [...Map.groupBy(pins, ({ device }) => device).values()].flatMap((ofDevice) => {
    const newest = ofDevice
      .filter((pin) => isExact(pin))
      .toSorted((left, right) => compare(peftOf(right), peftOf(left)))[0];
    const isOpen = ofDevice.some((pin) => pin.peft !== undefined && !isExact(pin) && satisfies('99999', pin.peft));
    return newest === undefined || isOpen ? [] : [{ ...newest, peft: `>${peftOf(newest)}` }];
  });

const isExact = ({ peft }: MatrixPin): boolean => peft !== undefined && valid(peft.trim()) !== null;

const peftOf = ({ peft = '' }: MatrixPin): string => peft.trim();

const isOut = (pin: MatrixPin, day: string, releases: readonly ListedRelease[]): boolean =>
  releases.some(
    ({ version, uploadedAt, yanked }) =>
      Date.parse(uploadedAt) < endOfDay(day) &&
      (isExact(pin)
        ? compare(version, peftOf(pin)) === 0
        : !yanked && satisfies(version, peftOf(pin), { prereleases: pin.prereleases === true })),
  );
