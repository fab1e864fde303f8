import { compare } from '@renovatebot/pep440';
import { dump } from 'js-yaml';
import type { Expectation } from '../../matrices/expectation.ts';
import type { VersionRanges } from '../../matrices/versions.ts';
import type { Bisect, FoundBisect } from '../bisect-model.ts';
import { oneLine } from './safe-text.ts';

/**
 * An entry of `known-issues.yaml` that names the failure of a bisect on the releases on which it shows, and nothing else:
 * the words of its message, its minimal config, and the range that this bisect and earlier ones of it have found.
 */
export const formatKnownIssue = (bisect: Bisect, found: FoundBisect): string => {
  const ranges = rangesOf(bisect, found);
  const issue = knownIssueOf(bisect, Object.fromEntries(ranges.map(({ package: name, range }) => [name, range])));
  const unasked = ranges.flatMap(({ package: name, oldestAsked }) =>
    oldestAsked === undefined ? [] : [`# Whether a ${name} older than ${oldestAsked} shows it is not known.\n`],
  );
  return [
    '# Say what it is: kind (bug, by-design or limitation), title, and the link to the issue that tells of it.\n',
    ...unasked,
    dump([issue], { flowLevel: 2, lineWidth: -1 }),
  ].join('');
};

const knownIssueOf = ({ failure }: Bisect, versions: VersionRanges): Expectation => {
  const { id, property, phase, exception, message, minimal } = failure;
  const axes = Object.entries(minimal);
  return {
    id: `${property}-${id}`,
    kind: 'bug',
    title: oneLine(message, 120),
    link: 'https://github.com/huggingface/peft/issues',
    property,
    phase,
    exceptions: [exception],
    words: [message],
    ...(axes.length > 0 && { config: Object.fromEntries(axes.map(([axis, value]) => [axis, [value]])) }),
    ...(Object.keys(versions).length > 0 && { versions }),
  };
};

/** The releases of a package that show a failure. */
interface KnownRange {
  readonly package: string;
  /** As PEP 440 has it. */
  readonly range: string;
  /** The lower end, where nothing older is known to be without it. */
  readonly oldestAsked?: string;
}

const rangesOf = (bisect: Bisect, { since, fixedIn, culprits }: FoundBisect): readonly KnownRange[] => {
  // Several packages that did it together are no one's `since`.
  const together = since === undefined ? culprits.filter(({ kind }) => kind === 'introduced') : [];
  const beginnings = new Map(
    [
      ...together.map((culprit) => ({ ...culprit, version: culprit.after })),
      ...(since === undefined ? [] : [since]),
    ].map(
      // A release that could not be asked may show it: the entry speaks of it too.
      ({ package: name, version, skipped }) => [name, skipped?.[0] ?? version] as const,
    ),
  );
  const named = [...beginnings.keys(), ...(fixedIn === undefined ? [] : [fixedIn.package])];
  return [...new Set(named.length === 0 ? ['peft'] : named)].flatMap((name) => {
    const beginning = beginnings.get(name);
    const oldestAsked = beginning === undefined ? oldestThatShows(bisect, name) : undefined;
    const from = beginning ?? oldestAsked;
    const bounds = [
      ...(from === undefined ? [] : [notOlderThan(from)]),
      ...(fixedIn?.package === name ? [`<${fixedIn.version}`] : []),
    ];
    if (bounds.length === 0) return [];
    return [{ package: name, range: bounds.join(','), ...(oldestAsked === undefined ? {} : { oldestAsked }) }];
  });
};

/** PEP 440 has no range that begins at a commit: it is one that comes after its release. */
const notOlderThan = (version: string): string => {
  const [release = version, commit] = version.split('+');
  return commit === undefined ? `>=${version}` : `>${release}`;
};

/** The oldest release of a package on which the failure was seen. */
const oldestThatShows = ({ failure, releases }: Bisect, name: string): string | undefined => {
  const found = failure.versions[name];
  const asked = releases
    .filter((each) => each.package === name)
    .flatMap(({ candidates }) => candidates.filter(({ answer }) => answer?.kind === 'bad'))
    .map(({ version }) => version);
  return [...asked, ...(found === undefined ? [] : [found])].toSorted(compare)[0];
};
