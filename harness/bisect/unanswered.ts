import type { BisectedCandidate, BisectedReleases } from '../../reports/bisect-model.ts';

/** Why no change point was found: how far it was bad, and what lies beyond. */
export const whyUnanswered = (
  { package: name, candidates }: Pick<BisectedReleases, 'package' | 'candidates'>,
  towards: 'older' | 'newer',
): string => {
  const ordered = towards === 'older' ? candidates : candidates.toReversed();
  const last = ordered.findIndex(({ answer }) => answer?.kind === 'bad');
  const farthest = ordered[last];
  if (farthest === undefined) return `no release of ${name} that could be asked shows it twice`;
  const where = `${name} ${farthest.version}`;
  const isEnd = last === 0;
  if (isEnd) return `it shows as far as ${where}, the ${towards === 'older' ? 'oldest' : 'newest'} release looked at`;
  return `it shows as far as ${where}; no ${towards} release that was asked could tell${reasonOf(ordered[last - 1])}`;
};

const reasonOf = (next: BisectedCandidate | undefined): string => {
  const { answer, version = '' } = next ?? {};
  if (answer?.kind !== 'skip') return '';
  return ` (${version} is ${answer.cause ?? 'skipped'}: ${answer.reason ?? 'no reason is known'})`;
};
