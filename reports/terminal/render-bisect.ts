import type {
  Bisect,
  BisectedCandidate,
  BisectedCommits,
  BisectedPackages,
  BisectedReleases,
  Culprit,
} from '../bisect-model.ts';
import { countOf } from '../text/count.ts';
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
  showMoved,
  showProof,
} from '../text/show-bisect.ts';
import { showMinimal } from '../text/show-config.ts';
import { wrapWords } from '../text/text-width.ts';
import { paintWith } from './paint.ts';
import type { Paint } from './paint.ts';
import type { TerminalOptions } from './render-terminal.ts';
import { renderTable } from './text-table.ts';

/** A bisect for a person at a terminal: the answer, then the runs that it stands on. */
export const renderBisect = (bisect: Bisect, options: Omit<TerminalOptions, 'quiet'>): string => {
  const paint = paintWith(options.colour);
  const width = Math.max(40, options.width);
  const sections = [
    answerLines(bisect, width, paint),
    ...bisect.releases.map((releases) => releaseLines(releases, width, paint)),
    ...bisect.packages.map((packages) => mixtureLines(packages, width, paint)),
    ...bisect.culprits.flatMap((culprit) => commitLines(culprit, width, paint)),
    lastLines(bisect, width),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const indent = 18;

const field = (name: string, text: string, width: number, paint: Paint): readonly string[] =>
  text === ''
    ? []
    : wrapWords(text, Math.max(20, width - indent)).map(
        (line, index) => `       ${paint('faint', (index === 0 ? name : '').padEnd(indent - 7))}${line}`,
      );

const answerLines = (bisect: Bisect, width: number, paint: Paint): readonly string[] => {
  const { failure, culprits, unanswered = '', since, fixedIn, campaigns } = bisect;
  const versions = Object.entries(failure.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${paint('strong', oneLine(failure.id, 16))}  ${oneLine(`${failure.property}/${failure.phase}`, 80)}`,
    ...wrapWords(oneLine(`${failure.exception}: ${failure.message}`, 300), width - 7).map((line) => `       ${line}`),
    ...field('config', showMinimal(failure), width, paint),
    ...field('found at', oneLine(versions.join(', '), 400), width, paint),
    ...field('between', campaigns === undefined ? '' : showCampaigns(campaigns), width, paint),
    ...culprits.flatMap((culprit) => [
      ...field('culprit', showCulprit(culprit, bisect), width, paint),
      ...field('proof', showProof(culprit, bisect), width, paint),
      ...field('confirmed', confirmation(culprit.confirmed), width, paint),
      ...commitFields(culprit.commits, width, paint),
    ]),
    ...field('since', since === undefined ? '' : showBoundary(since), width, paint),
    ...field('fixed in', fixedIn === undefined ? '' : showBoundary(fixedIn), width, paint),
    ...field('no answer', oneLine(unanswered, 600), width, paint),
  ];
};

const commitFields = (commits: BisectedCommits | undefined, width: number, paint: Paint): readonly string[] => {
  if (commits === undefined) return [];
  const [commit, ...others] = commits.candidates;
  const isOne = commit !== undefined && others.length === 0;
  return [
    ...field('commit', showCommits(commits), width, paint),
    ...(isOne ? field('', showCommitOrigin(commit), width, paint) : []),
    ...commits.merges.flatMap((merge) => field('merged by', showCommit(merge), width, paint)),
  ];
};

const confirmation = (isConfirmed: boolean): string =>
  isConfirmed ? 'both sides once more, in a cold process' : 'not run a second time';

const releaseLines = (releases: BisectedReleases, width: number, paint: Paint): readonly string[] => {
  const { package: name, others, rounds, changes } = releases;
  const asked = inOrder(releases);
  const around = others === 'held' ? 'the others held' : 'the others of the day of each';
  return [
    paint('strong', `releases of ${oneLine(name, 80)}, ${around}`),
    `  ${rangePicture(releases)}`,
    paint('faint', `  ${pictureLegend}`),
    ...(changes.length > 1 ? wrapWords(showChanges(releases), width - 2).map((line) => `  ${line}`) : []),
    ...candidateTable(asked, width, paint).map((line) => `  ${line}`),
    paint(
      'faint',
      `  ${countOf(asked.length, 'release')} of ${releases.candidates.length} asked in ${countOf(rounds, 'round')}`,
    ),
  ];
};

/** Makes columns of plain text, with a cell for each row. */
const columnsOf =
  <Row>(rows: readonly Row[]) =>
  (title: string, text: (row: Row) => string, shrinkTo?: number) => ({
    title,
    align: 'left' as const,
    ...(shrinkTo === undefined ? {} : { shrinkTo }),
    cells: rows.map((row) => ({ text: text(row), style: 'plain' as const })),
  });

const candidateTable = (asked: readonly BisectedCandidate[], width: number, paint: Paint): readonly string[] => {
  const column = columnsOf(asked);
  return renderTable(
    [
      column('run', ({ order }) => (order === undefined ? 'known' : String(order))),
      column('version', ({ version }) => oneLine(version, 40)),
      column('came out', ({ releasedAt }) => dayOf(releasedAt)),
      column('answer', showAnswer),
      column('seen', ({ answer, moved }) => oneLine(`${answer?.reason ?? ''}${showMoved(moved)}`, 300), 10),
    ],
    width - 2,
    paint,
  );
};

const commitLines = (
  { package: name, commits }: Culprit,
  width: number,
  paint: Paint,
): readonly (readonly string[])[] => {
  if (commits === undefined || commits.asked.length === 0) return [];
  const { asked, history = '' } = commits;
  const column = columnsOf(asked);
  const table = renderTable(
    [
      column('commit', ({ commit }) => commit.hash.slice(0, 10)),
      column('of', ({ commit }) => dayOf(commit.date)),
      column('answer', showAnswer),
      column('title', ({ commit }) => oneLine(commit.title, 200), 10),
      column('seen', ({ answer }) => oneLine(answer.reason ?? '', 200), 10),
    ],
    width - 2,
    paint,
  );
  return [
    [
      paint('strong', oneLine(`commits of ${name}, in ${history}`, 300)),
      ...table.map((line) => `  ${line}`),
      paint('faint', `  ${countOf(asked.length, 'commit')} asked`),
    ],
  ];
};

const mixtureLines = (packages: BisectedPackages, width: number, paint: Paint): readonly string[] => [
  paint('strong', `${countOf(packages.differences.length, 'package')} moved at once`),
  ...packages.differences.map(({ package: name, from, to }) => `  ${oneLine(`${name} ${from} -> ${to}`, 200)}`),
  ...packages.mixtures.flatMap(({ moved, companions, answer }) => {
    const others = companions.length === 0 ? '' : ` (with ${companions.join(', ')})`;
    const text = `${showAnswer({ answer })} with ${moved.join(', ')} moved${others}`;
    return wrapWords(oneLine(text, 800), width - 4).map((line, index) => `${index === 0 ? '  ' : '    '}${line}`);
  }),
];

const lastLines = ({ ran, replay, executor, device }: Bisect, width: number): readonly string[] => [
  ...wrapWords(`${countOf(ran, 'cell')} run, the rest from the ledger; ${oneLine(executor, 20)}, ${device}`, width),
  `for upstream: ${oneLine(replay)} --markdown`,
];
