import { compare } from '@renovatebot/pep440';
import type { Config } from '../../matrices/config.ts';
import type { Versions } from '../../matrices/pin.ts';
import { matchesVersions } from '../../matrices/versions.ts';
import type { Sighting } from './sightings.ts';
import type { Recognised, Sign } from './signs.ts';

/** What the generator made of one entry of the corpus. */
export interface Score {
  readonly id: string;
  /** `partly`: on some of the releases that must show it. `not-asked`: no pin that was asked must show it. */
  readonly state: 'found' | 'partly' | 'missed' | 'blind' | 'out-of-scope' | 'not-asked';
  /** Why it is out of scope, or nothing of ours would show it. */
  readonly reason?: string;
  /** Releases of PEFT that were asked and must show it, oldest first; those that did; those that did and must not. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
  readonly alarms: readonly Sighting[];
  readonly phases: readonly string[];
  /** The smallest config of all sightings, only what differs from the defaults. */
  readonly minimal?: Config;
}

/** A sighting, and the smallest config that shows it, if that was looked for. */
export interface Shrunk extends Sighting {
  readonly minimal?: Config;
}

/** Holds what was seen against what must be seen, entry by entry. `askedFor` gives the versions of the pins that answered. */
export const tally = (
  recognised: readonly Recognised[],
  askedFor: (bug: string) => readonly Versions[],
  sightings: readonly Shrunk[],
): readonly Score[] => recognised.map((entry) => scoreOf(entry, askedFor(entry.id), sightings));

/** Of the entries that something could show, the share that was found, without a false alarm. NaN when there is none. */
export const shareFound = (scores: readonly Score[]): number => {
  const inScope = scores.filter(({ state }) => state !== 'out-of-scope' && state !== 'not-asked');
  return inScope.filter(({ state, alarms }) => state === 'found' && alarms.length === 0).length / inScope.length;
};

/** Whether a pin must show what a sign stands for. */
export const mustShow = ({ shows }: Sign, versions: Versions): boolean => matchesVersions(shows, versions);

/** Whether a pin must not. */
const mustNotShow = (sign: Sign, versions: Versions): boolean =>
  !mustShow(sign, versions) && (sign.unsettled === undefined || !matchesVersions(sign.unsettled, versions));

const nothing = { expected: [], found: [], alarms: [], phases: [] };

const scoreOf = (entry: Recognised, asked: readonly Versions[], all: readonly Shrunk[]): Score => {
  const { id } = entry;
  if ('outOfScope' in entry) return { id, state: 'out-of-scope', reason: entry.outOfScope, ...nothing };
  const sightings = all.filter(({ bug }) => bug === id);
  if ('blind' in entry) return { id, state: 'blind', reason: entry.blind, ...nothing };
  const right = sightings.filter(({ sign, versions }) => mustShow(sign, versions));
  const expected = releases(asked.filter((versions) => entry.signs.some((sign) => mustShow(sign, versions))));
  // A release that was asked in some areas only may have shown it, too.
  const found = releases(right.map(({ versions }) => versions)).filter((release) => expected.includes(release));
  const minimal = right.map((sighting) => sighting.minimal).find((config) => config !== undefined);
  return {
    id,
    state: stateOf(expected.length, found.length, entry.byChance === true),
    expected,
    found,
    alarms: sightings.filter(({ sign, versions }) => mustNotShow(sign, versions)),
    phases: [...new Set(right.map(({ phase }) => phase))],
    ...(minimal === undefined ? {} : { minimal }),
  };
};

const stateOf = (expected: number, found: number, byChance: boolean): Score['state'] => {
  if (expected === 0) return 'not-asked';
  if (found === 0) return 'missed';
  return found === expected || byChance ? 'found' : 'partly';
};

const releases = (pins: readonly Versions[]): readonly string[] =>
  [...new Set(pins.flatMap(({ peft }) => (peft === undefined ? [] : [peft])))].toSorted(compare);
