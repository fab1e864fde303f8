import { compare, rcompare, satisfies, valid } from '@renovatebot/pep440';
import { InputError } from '../../matrices/errors.ts';
import { endOfDay, isFinal, type ListedRelease, type ReleasesOf } from '../../matrices/expand-pins.ts';
import type { Matrix, MatrixPin } from '../../matrices/matrix.ts';

/** A matrix as it is on one day. */
export interface NightMatrix {
  readonly matrix: Matrix;
  /** What of it was not out yet, in its own words. */
  readonly leftOut: readonly string[];
}

/** What of a day is looked at beyond what is released for good. */
export interface Ahead {
  /** Pre-releases of PEFT, and beside the newest PEFT of each device those of its companions. */
  readonly prereleases: boolean;
  /** Packages whose main branch is tried with the newest PEFT of each device. */
  readonly main: readonly MainBranch[];
}

/** Where the main branch of a package is. */
export interface MainBranch {
  readonly package: string;
  /** URL or path of the repository; absent for the known one. */
  readonly git?: string;
}

/**
 * The matrix of a day: nothing younger is in any environment, what was not out yet is left out, and what came after the
 * newest PEFT that the file names is looked at too, with everything else as that pin has it. What a pin leaves open (torch,
 * transformers, accelerate) is the newest of that day by itself.
 *
 * @param releasesOf - Called only where a pin is no interpreter; for more than PEFT only with `prereleases`.
 * @throws InputError when nothing of the matrix was out on that day.
 */
export const nightMatrix = async (
  matrix: Matrix,
  day: string,
  releasesOf: ReleasesOf,
  { prereleases, main }: Ahead,
): Promise<NightMatrix> => {
  const dated = matrix.pins.map((pin) =>
    pin.interpreter === undefined ? datedPin(matrix, pin, day, prereleases) : pin,
  );
  const all = [...dated, ...comingPins(dated)];
  const isResolved = all.some(({ interpreter }) => interpreter === undefined);
  const releases = isResolved ? outOn(day, await releasesOf('peft')) : [];
  const out = all
    .map((pin) => ({ pin, newest: pin.interpreter === undefined ? newestOf(pin, releases) : undefined }))
    .filter(({ pin, newest }) => pin.interpreter !== undefined || newest !== undefined);
  const coming = isResolved && prereleases ? await comingCompanions(day, releasesOf) : [];
  const newest = newestOfDevices(out);
  const pins = [...out.map(({ pin }) => pin), ...companionPins(newest, coming), ...mainPins(newest, main)];
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
      .filter((pin) => isExact(pin) && pin.tree === undefined)
      .toSorted((left, right) => compare(peftOf(right), peftOf(left)))[0];
    const isOpen = ofDevice.some((pin) => pin.peft !== undefined && !isExact(pin) && satisfies('99999', pin.peft));
    return newest === undefined || isOpen ? [] : [{ ...newest, peft: `>${peftOf(newest)}` }];
  });

const isExact = ({ peft }: MatrixPin): boolean => peft !== undefined && valid(peft.trim()) !== null;

const peftOf = ({ peft = '' }: MatrixPin): string => peft.trim();

const outOn = (day: string, releases: readonly ListedRelease[]): readonly ListedRelease[] =>
  releases.filter(({ uploadedAt }) => Date.parse(uploadedAt) < endOfDay(day));

/** The newest of the releases of PEFT that a pin lets in. */
const newestOf = (pin: MatrixPin, releases: readonly ListedRelease[]): string | undefined =>
  newestVersion(
    releases.filter(({ version, yanked }) =>
      isExact(pin)
        ? compare(version, peftOf(pin)) === 0
        : !yanked && satisfies(version, peftOf(pin), { prereleases: pin.prereleases === true }),
    ),
  );

const newestVersion = (releases: readonly ListedRelease[]): string | undefined =>
  releases.map(({ version }) => version).toSorted(rcompare)[0];

/** What a pin leaves open, beside PEFT. */
const companions = ['torch', 'transformers', 'accelerate'] as const;

interface Coming {
  readonly name: (typeof companions)[number];
  readonly version: string;
}

/** The companions whose newest release of a day is a pre-release. */
const comingCompanions = async (day: string, releasesOf: ReleasesOf): Promise<readonly Coming[]> => {
  const found = companions.map(async (name) => {
    const version = newestVersion(outOn(day, await releasesOf(name)).filter(({ yanked }) => !yanked));
    return version === undefined || isFinal(version) ? [] : [{ name, version }];
  });
  return (await Promise.all(found)).flat();
};

/** Of each device the pin with the newest PEFT that is released; none whose packages are those of its release's day. */
const newestOfDevices = (
  out: readonly { readonly pin: MatrixPin; readonly newest: string | undefined }[],
): readonly MatrixPin[] => {
  const open = out.flatMap(({ pin, newest }) =>
    newest === undefined || pin.asOf === 'release' || pin.tree !== undefined ? [] : [{ ...pin, peft: newest }],
  );
  return [...Map.groupBy(open, ({ device }) => device).values()].flatMap((ofDevice) =>
    ofDevice.toSorted((left, right) => rcompare(left.peft, right.peft)).slice(0, 1),
  );
};

/** Those pins once more, with each companion's pre-release that they let in. */
const companionPins = (newest: readonly MatrixPin[], coming: readonly Coming[]): readonly MatrixPin[] =>
  newest.flatMap((pin) =>
    coming
      .filter(({ name, version }) => allows(pin[name], version))
      .map(({ name, version }) => ({ ...pin, [name]: version })),
  );

/** And once for each package whose main branch is wanted. */
const mainPins = (newest: readonly MatrixPin[], main: readonly MainBranch[]): readonly MatrixPin[] =>
  newest.flatMap((pin) => main.map((branch) => ({ ...pin, tree: { ...branch, commit: 'main' } })));

const allows = (requirement: string | undefined, version: string): boolean =>
  requirement === undefined ||
  (valid(requirement.trim()) === null && satisfies(version, requirement, { prereleases: true }));
