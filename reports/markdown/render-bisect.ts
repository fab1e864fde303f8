import type { Bisect, BisectedCommits, BisectedPackages, BisectedReleases, Culprit } from '../bisect-model.ts';
import { pictureLegend, rangePicture } from '../text/range-picture.ts';
import { oneLine } from '../text/safe-text.ts';
import {
  dayOf,
  inOrder,
  showAnswer,
  showBoundary,
  showCampaigns,
  showChanges,
  showCommit,
  showCommitOrigin,
  showCommits,
  showCulprit,
  showProof,
} from '../text/show-bisect.ts';
import { showMinimal } from '../text/show-config.ts';
import { codeBlock, codeCell, codeSpan, plainText } from './escape.ts';
import { markdownTable } from './table.ts';

/** A bisect as text for an issue of the package that did it. */
export const renderBisectMarkdown = (bisect: Bisect): string => {
  const sections = [
    headLines(bisect),
    answerItems(bisect),
    ...bisect.releases.map(releaseSection),
    ...bisect.packages.map(packageSection),
    ...bisect.culprits.flatMap(commitSections),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const headLines = ({ failure }: Bisect): readonly string[] => [
  `### ${codeSpan(`${failure.exception}: ${failure.message}`, 200)}`,
  '',
  `- configuration: ${codeSpan(showMinimal(failure))}`,
  `- found with: ${codeSpan(
    Object.entries(failure.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  )}`,
  `- seen by: ${codeSpan(`${failure.property}/${failure.phase}`, 80)}`,
];

const answerItems = (bisect: Bisect): readonly string[] => {
  const { culprits, unanswered, since, fixedIn, campaigns, executor, device } = bisect;
  return [
    ...culprits.flatMap((culprit) => {
      const again = culprit.confirmed ? ' Both were run a second time, in a cold process.' : '';
      return [
        `- **${plainText(showCulprit(culprit, bisect))}**; ${plainText(showProof(culprit, bisect), 800)}.${again}`,
        ...commitItems(culprit.commits),
      ];
    }),
    ...(since === undefined ? [] : [`- since ${plainText(showBoundary(since))}`]),
    ...(fixedIn === undefined ? [] : [`- fixed in ${plainText(showBoundary(fixedIn))}`]),
    ...(campaigns === undefined ? [] : [`- compared were ${plainText(showCampaigns(campaigns), 600)}`]),
    ...(unanswered === undefined ? [] : [`- no change point was found: ${codeSpan(unanswered, 600)}`]),
    `- run by peft-matrix, ${plainText(executor, 20)}, ${device}`,
  ];
};

const commitItems = (commits: BisectedCommits | undefined): readonly string[] => {
  if (commits === undefined) return [];
  const [commit, ...others] = commits.candidates;
  const origin = commit === undefined || others.length > 0 ? '' : ` by ${plainText(showCommitOrigin(commit), 200)}`;
  return [
    `- commit: ${plainText(showCommits(commits), 1_000)}${origin}`,
    ...commits.merges.map((merge) => `- merged by ${plainText(showCommit(merge))}`),
  ];
};

const commitSections = ({ package: name, commits }: Culprit): readonly (readonly string[])[] =>
  commits === undefined || commits.asked.length === 0
    ? []
    : [
        [
          `Commits of ${codeSpan(name, 80)}, in ${codeSpan(commits.history ?? '', 200)}:`,
          '',
          ...markdownTable(
            ['commit', 'of', 'answer', 'title'],
            ['left', 'left', 'left', 'left'],
            commits.asked.map(({ commit, answer }) => [
              codeCell(commit.hash.slice(0, 10), 10),
              dayOf(commit.date),
              showAnswer({ answer }),
              codeCell(commit.title, 200),
            ]),
          ),
        ],
      ];

const releaseSection = (releases: BisectedReleases): readonly string[] => {
  const others = releases.others === 'held' ? 'all other packages held' : 'the other packages of the day of each';
  return [
    `Releases of ${codeSpan(releases.package, 80)}, ${others}:`,
    '',
    ...codeBlock([rangePicture(releases), pictureLegend]),
    '',
    ...(releases.changes.length > 1 ? [plainText(showChanges(releases)), ''] : []),
    ...markdownTable(
      ['version', 'came out', 'answer', 'seen'],
      ['left', 'left', 'left', 'left'],
      inOrder(releases).map((candidate) => [
        codeCell(candidate.version, 40),
        dayOf(candidate.releasedAt),
        showAnswer(candidate),
        codeCell(candidate.answer?.reason ?? '', 200),
      ]),
    ),
  ];
};

const packageSection = ({ differences, mixtures }: BisectedPackages): readonly string[] => [
  'Packages that moved at once:',
  '',
  ...differences.map(({ package: name, from, to }) => `- ${codeSpan(oneLine(`${name} ${from} -> ${to}`, 200))}`),
  '',
  ...markdownTable(
    ['moved', 'with them', 'answer'],
    ['left', 'left', 'left'],
    mixtures.map(({ moved, companions, answer }) => [
      codeCell(moved.join(', '), 400),
      codeCell(companions.join(', '), 400),
      showAnswer({ answer }),
    ]),
  ),
];
