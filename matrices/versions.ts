import { compare, explain, satisfies } from '@renovatebot/pep440';
import type { Versions } from './pin.ts';

/** Package name (or `python`) to PEP 440 range. */
export type VersionRanges = Readonly<Record<string, string>>;

/**
 * True when every package that is named is installed in a version within its range.
 *
 * A pre-release or a development version counts as the release that it leads to, and local suffixes (`+cpu`) do not
 * count: `2.6.0a0+git1` is in `>=2.6`.
 */
export const matchesVersions = (ranges: VersionRanges, versions: Versions): boolean =>
  Object.entries(ranges).every(([name, range]) => {
    const version = versions[name];
    return version !== undefined && satisfies(finalRelease(version), range);
  });

/** True when `version` is `since` or later; the same about pre-releases. */
export const isAtLeast = (version: string, since: string): boolean =>
  compare(finalRelease(version), finalRelease(since)) >= 0;

/** `0.21.0` for `0.21.0rc1.dev2+local`; what is no PEP 440 version is given back as it is. */
export const finalRelease = (version: string): string => explain(version)?.base_version ?? version;
