import type { FailureChange } from '../diff/diff-model.ts';
import { culpritsOf, nightSummary, nightTitle, pinNews } from '../night/night-lines.ts';
import type { Night } from '../night/night-model.ts';
import { newsOf } from '../night/night-news.ts';
import type { Failure } from '../report-model.ts';
import { showMinimal } from '../text/show-config.ts';
import { boundMarkdown, type MarkdownSection } from './bound-markdown.ts';
import { codeCell, plainText } from './escape.ts';
import { failureSection } from './failure-section.ts';
import { markdownTable } from './table.ts';

/** GitHub takes no more of a step's summary. */
const stepLimit = 1_048_576;

/** What came and went in a night as Markdown, fit for `$GITHUB_STEP_SUMMARY`; what has no room is left out, and so said. */
export const renderNightMarkdown = (night: Night, limit = stepLimit): string =>
  boundMarkdown(sectionsOf(night), limit, 'night.json has all of it.');

const sectionsOf = (night: Night): readonly MarkdownSection[] => {
  const { broke, found, mended } = newsOf(night);
  const culprits = culpritsOf(night);
  const details = new Map(night.failures.map(({ failure }) => [failure.id, failure]));
  const came = [...broke.map(({ failure }) => failure), ...found.map(({ failure }) => failure.id)];
  return [
    { name: 'the head', lines: [`## ${plainText(nightTitle(night))}`, '', ...nightSummary(night).map(asItem)] },
    {
      name: 'pins',
      lines: night.pins
        .map(pinNews)
        .filter((line) => line !== '')
        .map(asItem),
    },
    table('what broke', broke, culprits),
    table(
      'what was found where nobody had looked',
      found.map(({ failure }) => rowOf(failure)),
      culprits,
    ),
    table('what was mended', mended, new Map()),
    ...[...new Set(came)].flatMap((id) => {
      const failure = details.get(id);
      return failure === undefined ? [] : [{ name: 'failures in detail', lines: failureSection(failure) }];
    }),
  ].filter(({ lines }) => lines.length > 0);
};

const asItem = (line: string): string => `- ${plainText(line)}`;

type Row = Pick<FailureChange, 'change' | 'failure' | 'exception' | 'message' | 'minimal' | 'phase' | 'pins'>;

const rowOf = (failure: Failure): Row => ({ ...failure, change: 'not-asked', failure: failure.id });

const table = (name: string, rows: readonly Row[], culprits: ReadonlyMap<string, string>): MarkdownSection => {
  if (rows.length === 0) return { name, lines: [] };
  const body = markdownTable(
    ['', 'failure', 'what', 'minimal config', 'pins', 'culprit'],
    ['left', 'left', 'left', 'left', 'left', 'left'],
    rows.map((row) => [
      row.change === 'not-asked' ? 'found' : row.change,
      codeCell(row.failure, 16),
      codeCell(`${row.exception}: ${row.message}`, 200),
      codeCell(showMinimal(row), 300),
      codeCell(row.pins.join(', '), 300),
      codeCell(culprits.get(row.failure) ?? '', 300),
    ]),
  );
  return { name, lines: [`### ${plainText(name)}`, '', ...body], head: 4 };
};
