import { compare, explain, rcompare, satisfies, valid } from '@renovatebot/pep440';
import { InputError } from '../../matrices/errors.ts';
import { endOfDay, type ListedRelease } from '../../matrices/expand-pins.ts';
import type { Matrix, MatrixPin } from '../../matrices/matrix.ts';

/** A matrix as it is on one day. */
export interface NightMatrix {
  readonly matrix: Matrix;
  /** What of it was not out yet, in its own words. */
  readonly leftOut: readonly string[];
}

/** What a pin leaves open, beside PEFT. */
export const companions = ['torch', 'transformers', 'accelerate'] as const;

/** All releases of PEFT, and of its companions where their pre-releases are looked at. */
export type Releases = { readonly peft: readonly ListedRelease[] } & {
  readonly [name in (typeof companions)[number]]?: readonly ListedRelease[];
};

/**
 * The matrix of a day: nothing younger is in any environment, what was not out yet is left out, and what came after the
 * newest PEFT that the file names is looked at too, with everything else as that pin has it. What a pin leaves open (torch,
 * transformers, accelerate) is the newest of that day by itself.
 *
 * @param prereleases - Let pre-releases of PEFT in, and beside the newest PEFT of each device those of its companions.
 * @throws InputError when nothing of the matrix was out on that day.
 */
export const nightMatrix = (matrix: Matrix, day: string, releases: Releases, prereleases: boolean): NightMatrix => {
  const dated = matrix.pins.map((pin) =>
    pin.interpreter === undefined ? datedPin(matrix, pin, day, prereleases) : pin,
  );
  const all = [...dated, ...comingPins(dated)];
  const out = all.filter((pin) => pin.interpreter !== undefined || newestOut(pin, day, releases.peft) !== undefined);
  const pins = prereleases ? [...out, ...companionPins(out, day, releases)] : out;
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

/** The newest PEFT of a pin that was out on a day. */
const newestOut = (pin: MatrixPin, day: string, releases: readonly ListedRelease[]): string | undefined =>
  outOn(day, releases)
    .filter(({ version, yanked }) =>
      isExact(pin)
        ? compare(version, peftOf(pin)) === 0
        : !yanked && satisfies(version, peftOf(pin), { prereleases: pin.prereleases === true }),
    )
    .map(({ version }) => version)
    .toSorted(rcompare)[0];

const outOn = (day: string, releases: readonly ListedRelease[]): readonly ListedRelease[] =>
  releases.filter(({ uploadedAt }) => Date.parse(uploadedAt) < endOfDay(day));

/** The pin with the newest PEFT of each device once more, with each pre-release that is newer than what it has. */
const companionPins = (pins: readonly MatrixPin[], day: string, releases: Releases): readonly MatrixPin[] =>
  [...Map.groupBy(pins, ({ device }) => device).values()].flatMap((ofDevice) => {
    const [newest] = ofDevice
      .flatMap((pin) => {
        const peft = pin.interpreter === undefined ? newestOut(pin, day, releases.peft) : undefined;
        return peft === undefined || pin.asOf === 'release' ? [] : [{ ...pin, peft }];
      })
      .toSorted((left, right) => rcompare(left.peft, right.peft));
    return newest === undefined
      ? []
      : companions.flatMap((name) => {
          const coming = newestOf(day, releases[name] ?? []);
          return coming === undefined || !allows(newest[name], coming) ? [] : [{ ...newest, [name]: coming }];
        });
  });

/** The newest of a day, where that is a pre-release. */
const newestOf = (day: string, releases: readonly ListedRelease[]): string | undefined => {
  const [newest] = outOn(day, releases)
    .filter(({ yanked }) => !yanked)
    .map(({ version }) => version)
    .toSorted(rcompare);
  return newest !== undefined && explain(newest)?.is_prerelease === true ? newest : undefined;
};

const allows = (requirement: string | undefined, version: string): boolean =>
  requirement === undefined ||
  (valid(requirement.trim()) === null && satisfies(version, requirement, { prereleases: true }));
