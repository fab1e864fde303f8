import { basename, dirname } from 'node:path';
import { compare, explain, rcompare, satisfies, valid } from '@renovatebot/pep440';
import { InfrastructureError, InputError } from './errors.ts';
import type { LockRequest } from './lock.ts';
import type { MatrixPin } from './matrix.ts';
import type { Device } from './pin.ts';

/** A release as a package index lists it. */
export interface ListedRelease {
  readonly version: string;
  /** ISO timestamp in UTC. */
  readonly uploadedAt: string;
  readonly yanked: boolean;
}

/** Asks a package index for all releases of a package. */
export type ReleasesOf = (name: string) => Promise<readonly ListedRelease[]>;

/** A package from its repository, in place of the one that is installed. */
export interface PlannedTree {
  /** Normalised name. */
  readonly package: string;
  /** A branch, a tag or a hash. */
  readonly commit: string;
  /** URL or absolute path of the repository; absent for the known one of the package. */
  readonly git?: string;
}

/** A pin with one exact release of PEFT, or an interpreter; not resolved to a lock yet. */
export interface PlannedPin {
  /** Unique in the matrix: `peft-0.21.2`, with what tells it from its twins (`-torch-2.3.0`), or `env-<folder>`. */
  readonly id: string;
  readonly device: Device;
  readonly source:
    | {
        readonly kind: 'resolve';
        /** `major.minor`. */
        readonly python: string;
        /** Normalised package name to PEP 440 range, `''` for any version. */
        readonly requirements: Readonly<Record<string, string>>;
        /** Day, or `release`: the moment when that release of PEFT came out. */
        readonly asOf?: string;
        readonly tree?: PlannedTree;
      }
    | { readonly kind: 'interpreter'; readonly path: string };
}

/** What every release of PEFT from 0.8 to 0.21 runs on. */
const defaultPython = '3.11';

/**
 * The pins of a matrix with ranges of PEFT expanded to the newest patch of each minor release, in the order of the file,
 * oldest first within a range. Yanked releases, pre-releases (unless the pin asks for them) and what is younger than `asOf`
 * are left out. Pins that come to the same are one.
 *
 * @param releasesOf - Called only when a pin has a range.
 * @throws InputError when no release is in a range.
 */
export const expandPins = async (
  { pins, asOf }: { readonly pins: readonly MatrixPin[]; readonly asOf?: string },
  releasesOf: ReleasesOf,
): Promise<readonly PlannedPin[]> => {
  const expanded: Unnamed[] = [];
  for (const given of pins) {
    const pin = { ...(asOf === undefined ? {} : { asOf }), ...given };
    if (pin.interpreter !== undefined) {
      expanded.push({ device: pin.device, source: { kind: 'interpreter', path: pin.interpreter } });
      continue;
    }
    const range = pin.peft ?? '';
    const versions = valid(range) === null ? newestPatches(pin, range, await releasesOf('peft')) : [range.trim()];
    expanded.push(...versions.map((version) => plan(pin, version)));
  }
  const keys = expanded.map((pin) => JSON.stringify(pin));
  return nameAll(expanded.filter((_, index) => keys.indexOf(keys[index] ?? '') === index));
};

/**
 * What to resolve for a pin on a platform such as `linux-x86_64`; undefined for an interpreter.
 *
 * @param releasesOf - Called only for `asOf: release`.
 * @throws InfrastructureError when the index does not have that release.
 */
export const lockRequestOf = async (
  pin: PlannedPin,
  platform: string,
  releasesOf: ReleasesOf,
): Promise<LockRequest | undefined> => {
  if (pin.source.kind === 'interpreter') return undefined;
  const { python, requirements, asOf } = pin.source;
  const request = { python, device: pin.device, platform, requirements };
  if (asOf === undefined) return request;
  if (asOf !== 'release') return { ...request, asOf };
  const version = requirements['peft']?.replace(/^==/, '') ?? '';
  const release = (await releasesOf('peft')).find((candidate) => compare(candidate.version, version) === 0);
  if (release === undefined) throw new InfrastructureError(`${pin.id}: the package index has no peft ${version}`);
  return { ...request, asOf: release.uploadedAt };
};

type Unnamed = Omit<PlannedPin, 'id'>;

const newestPatches = (pin: MatrixPin, range: string, releases: readonly ListedRelease[]): readonly string[] => {
  const limit = endOfDay(pin.asOf);
  const candidates = releases
    .filter(({ yanked, uploadedAt }) => !yanked && Date.parse(uploadedAt) < limit)
    .map(({ version }) => version)
    .filter((version) => (pin.prereleases === true || isFinal(version)) && isWithin(version, range))
    .toSorted(rcompare);
  const minors = candidates.map(minorOf);
  const newest = candidates.filter((_, index) => minors.indexOf(minors[index] ?? '') === index);
  if (newest.length > 0) return newest.toReversed();
  const day = limit === Infinity ? '' : ` as of ${pin.asOf}`;
  throw new InputError(`${pin.place}: no release of peft is in "${range}"${day}; ${describeReleases(releases)}`);
};

/** How many releases a package has, and which are the first and the last; pre-releases do not count. */
export const describeReleases = (releases: readonly Pick<ListedRelease, 'version'>[]): string => {
  const final = finalVersions(releases);
  return `the index has ${final.length} releases, from ${final[0]} to ${final.at(-1)}`;
};

/** Versions without pre-releases, oldest first. */
export const finalVersions = (releases: readonly Pick<ListedRelease, 'version'>[]): readonly string[] =>
  releases
    .map(({ version }) => version)
    .filter(isFinal)
    .toSorted(compare);

/** When the day of an `asOf` is over, in milliseconds; infinity where none limits. The whole day counts, in UTC. */
export const endOfDay = (asOf: string | undefined): number =>
  asOf === undefined || asOf === 'release' ? Infinity : Date.parse(asOf) + dayMs;

const dayMs = 86_400_000;

/** Neither a pre-release nor a development release. */
export const isFinal = (version: string): boolean => {
  const parts = explain(version);
  return parts !== null && !parts.is_prerelease && !parts.is_devrelease;
};

const isWithin = (version: string, range: string): boolean => satisfies(version, range, { prereleases: true });

const minorOf = (version: string): string => explain(version)?.release.slice(0, 2).join('.') ?? version;

const plan = (pin: MatrixPin, version: string): Unnamed => {
  const named = { peft: version, torch: pin.torch, transformers: pin.transformers, accelerate: pin.accelerate };
  const requirements = { ...named, ...pin.packages };
  return {
    device: pin.device,
    source: {
      kind: 'resolve',
      python: pin.python ?? defaultPython,
      requirements: Object.fromEntries(
        Object.entries(requirements).map(([name, text]) => [normalName(name), text === undefined ? '' : range(text)]),
      ),
      ...(pin.asOf === undefined ? {} : { asOf: pin.asOf }),
      ...(pin.tree === undefined ? {} : { tree: { ...pin.tree, package: normalName(pin.tree.package) } }),
    },
  };
};

/** PEP 503. */
export const normalName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');

const range = (text: string): string => (valid(text) === null ? text.replaceAll(/\s+/g, '') : `==${text.trim()}`);

const nameAll = (pins: readonly Unnamed[]): readonly PlannedPin[] => {
  const short = pins.map(shortName);
  const long = pins.map((pin, index) => {
    const twins = pins.filter((_, other) => short[other] === short[index]);
    return [short[index], ...differences(pin, twins)].join('-');
  });
  return pins.map((pin, index) => {
    const earlier = long.slice(0, index).filter((name) => name === long[index]).length;
    return { id: earlier === 0 ? (long[index] ?? '') : `${long[index]}-${earlier + 1}`, ...pin };
  });
};

const shortName = ({ device, source }: Unnamed): string => {
  const suffix = device === 'cpu' ? '' : `-${device}`;
  // The id of a branch stays the same when it moves on, and when the releases around it do.
  if (source.kind === 'resolve' && source.tree !== undefined) {
    return `${source.tree.package}-${plain(shortCommit(source.tree.commit))}${suffix}`;
  }
  if (source.kind === 'resolve') return `peft-${plain(source.requirements['peft'] ?? '')}${suffix}`;
  const folder = dirname(source.path);
  return `env-${plain(basename(/^(?:bin|Scripts)$/.test(basename(folder)) ? dirname(folder) : folder))}${suffix}`;
};

/** What tells a pin from others of its short name: `torch-2.3.0`, `python-3.10`, `as-of-release`. */
const differences = (pin: Unnamed, twins: readonly Unnamed[]): readonly string[] => {
  const facts = factsOf(pin);
  const names = new Set(twins.flatMap((twin) => Object.keys(factsOf(twin))));
  return [...names]
    .filter((name) => new Set(twins.map((twin) => factsOf(twin)[name])).size > 1)
    .flatMap((name) => (facts[name] === undefined || facts[name] === '' ? [] : [`${name}-${plain(facts[name])}`]));
};

const factsOf = ({ source }: Unnamed): Readonly<Record<string, string>> =>
  source.kind === 'interpreter'
    ? {}
    : {
        ...source.requirements,
        python: source.python,
        ...(source.asOf === undefined ? {} : { 'as-of': source.asOf }),
        ...(source.tree?.git === undefined ? {} : { git: source.tree.git }),
      };

const shortCommit = (name: string): string => (/^[0-9a-f]{13,40}$/.test(name) ? name.slice(0, 12) : name);

/** Fit for a file name and a command line. */
const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
