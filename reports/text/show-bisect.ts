import type {
  Bisect,
  BisectedCandidate,
  BisectedCommit,
  BisectedCommits,
  BisectedPackages,
  BisectedReleases,
  Boundary,
  Culprit,
} from '../bisect-model.ts';
import { oneLine } from './safe-text.ts';

/** `2024-07-24` of an ISO timestamp. */
export const dayOf = (at: string | undefined): string => oneLine(at?.slice(0, 10) ?? '', 10);

/** `peft 0.12.0 (2024-07-24)`, and that it may have been one before; with the commit, where that is known. */
export const showBoundary = ({
  package: name,
  version,
  releasedAt,
  skipped = [],
  commit,
  hiddenBefore,
}: Boundary): string => {
  const day = releasedAt === undefined ? '' : ` (${dayOf(releasedAt)})`;
  const before = skipped.length === 0 ? '' : `, or ${skipped.join(' or ')}, which could not be asked`;
  const by = commit === undefined ? '' : `, by ${showCommit(commit)}`;
  const hidden = hiddenBefore === true ? '; before it, it passes or fails otherwise' : '';
  return oneLine(`${name} ${version}${day}${before}${by}${hidden}`, 400);
};

/** `3cbbc6f0ab "Fix the scale of OSF (#2990)" of 2026-09-01`. */
export const showCommit = ({ hash, title, date }: BisectedCommit): string =>
  oneLine(`${hash.slice(0, 10)} "${oneLine(title, 120)}" of ${dayOf(date)}`, 200);

/** Who wrote a commit, and the pull request that it came with. */
export const showCommitOrigin = ({ author, pullRequest }: BisectedCommit): string =>
  oneLine([author, ...(pullRequest === undefined ? [] : [`pull request #${pullRequest}`])].join(', '), 200);

/** What a bisect over commits came to, in one line. */
export const showCommits = ({ candidates, unanswered = '' }: BisectedCommits): string => {
  const [first, ...others] = candidates;
  if (first === undefined) return `no commit was found: ${oneLine(unanswered, 600)}`;
  if (others.length === 0) return showCommit(first);
  return `one of ${candidates.length}, for the others could not be asked: ${candidates.map(showCommit).join('; ')}`;
};

/** The campaigns whose locks were compared. */
export const showCampaigns = ({ good, bad }: NonNullable<Bisect['campaigns']>): string =>
  oneLine(`the campaigns ${good}, which does not show it, and ${bad}, which does`, 600);

/** `peft 0.12.0 (2024-07-24) brought it: 0.11.1 does not show it`, or may fail otherwise where that counted as good. */
export const showCulprit = (culprit: Culprit, { maskedAsGood }: Pick<Bisect, 'maskedAsGood'>): string => {
  const { package: name, before, after, kind } = culprit;
  const said =
    kind === 'introduced'
      ? `brought it: ${name} ${before} does not show it${maskedAsGood === true ? ', or fails otherwise' : ''}`
      : `took it away: ${name} ${before} shows it still`;
  return `${showBoundary({ ...culprit, version: after })} ${oneLine(said, 200)}`;
};

/** How it is known to be that package. */
export const showProof = (culprit: Culprit, { packages, releases }: Pick<Bisect, 'packages' | 'releases'>): string => {
  const { package: name, proof } = culprit;
  switch (proof) {
    case 'held':
      return `all other packages were held${butMoved(culprit, releases)}`;
    case 'only-difference':
      return 'nothing else differs between the two';
    case 'swap':
      return oneLine(`moving ${name} alone, all else held, changes the answer`, 200);
    case 'smallest-set':
      return smallestSetProof(packages);
    case 'moved-together':
      return 'other packages moved with it, and which of them did it is not known';
  }
};

/** At the two releases of a change, what could not be held. */
const butMoved = ({ package: name, before, after }: Culprit, releases: readonly BisectedReleases[]): string => {
  const moved = releases
    .filter((each) => each.package === name)
    .flatMap(({ candidates }) => candidates.filter(({ version }) => version === before || version === after))
    .flatMap((candidate) => candidate.moved ?? []);
  const names = [...new Set(moved.map((move) => move.package))];
  return names.length === 0
    ? ''
    : oneLine(`, but for ${names.join(', ')}, which no set of packages has as they were`, 300);
};

const smallestSetProof = (packages: readonly BisectedPackages[]): string => {
  const asked = packages.find(({ proof }) => proof === 'smallest-set');
  if (asked === undefined) return '';
  const { culprits, differences, companions, unproven, mixtures } = asked;
  const names = culprits.map(({ package: name }) => name);
  const others = unproven.filter((name) => !names.includes(name));
  return oneLine(
    [
      `of ${differences.length} packages that moved, ${names.join(' and ')}: ${movesOf(asked)} (${mixtures.length} mixtures)`,
      companions.length === 0 ? '' : `with them, for the resolver allows no other, ${companions.join(', ')}`,
      others.length === 0
        ? ''
        : `${others.join(', ')} moved with them in all that could be asked, and cannot be ruled out`,
    ]
      .filter((text) => text !== '')
      .join('; '),
    800,
  );
};

/** What moving the culprits of a smallest set did. */
const movesOf = ({ culprits, unproven }: BisectedPackages): string => {
  const isNeeded = culprits.some(({ package: name }) => !unproven.includes(name));
  if (!isNeeded) return 'moving these together changes the answer, and fewer could not be asked';
  if (unproven.length > 0) return 'without moving it the answer does not change';
  return culprits.length === 1
    ? 'moving it alone changes the answer'
    : 'moving these together, and no fewer, changes the answer';
};

/** `, with huggingface-hub 2.4.0 -> 1.33.0`: what could not be held beside a release. */
export const showMoved = (moved: BisectedCandidate['moved'] = []): string =>
  moved.length === 0
    ? ''
    : oneLine(`, with ${moved.map(({ package: name, from, to }) => `${name} ${from} -> ${to}`).join(', ')}`, 300);

/** Those that were asked, in order; before them those that were known. */
export const inOrder = ({ candidates }: Pick<BisectedReleases, 'candidates'>): readonly BisectedCandidate[] =>
  candidates
    .filter(({ answer }) => answer !== undefined)
    .toSorted((left, right) => (left.order ?? 0) - (right.order ?? 0));

/** `bad`, `skip, broken`; and what a second run said where that is something else. */
export const showAnswer = ({ answer, again }: Pick<BisectedCandidate, 'answer' | 'again'>): string => {
  if (answer === undefined) return 'not asked';
  const said = answer.kind === 'skip' ? `skipped, ${answer.cause ?? 'for some reason'}` : answer.kind;
  return again?.kind === answer.kind && answer.kind !== 'skip' ? `${said} twice` : said;
};

/** Changes of a history that went to and fro: `introduced in 0.12.0, fixed in 0.13.0`. */
export const showChanges = ({ changes }: Pick<BisectedReleases, 'changes'>): string =>
  oneLine(changes.map(({ kind, after }) => `${kind} in ${after}`).join(', '), 800);
