import { methodsNotCovered } from '../not-covered.ts';
import { markOf, newFirst, outcomeOf } from '../outcome.ts';
import { splitVersions } from '../pin-versions.ts';
import type { Failure, Report } from '../report-model.ts';
import { summaryOf } from '../summary.ts';
import { unaskedAs } from '../unasked-as.ts';
import { countOf } from '../text/count.ts';
import { manyLines } from '../text/safe-text.ts';
import { showConfig, showMinimal } from '../text/show-config.ts';
import type { MarkdownSection } from './bound-markdown.ts';
import { codeBlock, codeCell, codeSpan, plainText } from './escape.ts';
import { failureSection } from './failure-section.ts';
import { markdownTable } from './table.ts';

/**
 * The report as GitHub Markdown, for a README, a pull request or a step summary. Everything that comes from an exception
 * stands in code, where it is neither markup nor a mention.
 */
export const renderMarkdown = (report: Report): string =>
  `${markdownSections(report)
    .map(({ lines }) => lines.join('\n'))
    .join('\n\n')}\n`;

/** Its parts, what matters most first. */
export const markdownSections = (report: Report): readonly MarkdownSection[] => {
  const failures = newFirst(report.failures);
  const sections: readonly MarkdownSection[] = [
    { name: 'title', lines: [`## peft-matrix: ${plainText(report.campaign.matrix, 80)}`] },
    { name: 'result', lines: verdictLines(report) },
    { name: 'pins', lines: pinSection(report), head: 4 },
    { name: 'failures', lines: failureTable(failures), head: 4 },
    ...failures.map((failure) => ({ name: 'failures in detail', lines: failureSection(failure) })),
    { name: 'flaky cells', lines: listSection('Flaky', flakyItems(report)), head: 2 },
    { name: 'stale expectations', lines: listSection('Stale expectations', staleItems(report)), head: 2 },
    { name: 'stale refusals', lines: listSection('Stale refusals', unrefusedItems(report)), head: 2 },
    { name: 'what could not be asked', lines: brokenSection(report) },
    { name: 'what was not run', lines: listSection('Not run', reasonItems(report)), head: 2 },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
};

const verdictLines = (report: Report): readonly string[] => {
  const { exitCode, reasons } = outcomeOf(report);
  const meaning = exitCode === 0 ? 'as expected' : reasons.join('; ');
  return [`**${plainText(meaning)}** (exit ${exitCode})`, '', plainText(summaryOf(report))];
};

const pinSection = (report: Report): readonly string[] => {
  const { common, own } = splitVersions(report.pins);
  const titles = ['pin', 'cells', 'pass', 'new', 'known', 'flaky', 'unsupported', 'skipped', 'broken', 'versions'];
  const methods = methodsNotCovered(report.pins);
  const rows = report.pins.map((pin, index) => {
    const { cells, pass, fail, known, flaky, unsupported, skipped, broken } = pin.counts;
    const unasked = unaskedAs(pin);
    const counts = [cells, pass, fail - known, known, flaky, unsupported, skipped, broken].map((count, column) => {
      if (unasked === undefined) return String(count);
      return titles[column + 1] === unasked ? 'all' : '-';
    });
    return [codeCell(pin.id, 80), ...counts, codeCell(own[index] ?? '')];
  });
  return [
    '### Pins',
    '',
    ...markdownTable(titles, ['left', ...Array.from({ length: 8 }, () => 'right' as const), 'left'], rows),
    ...(common === '' ? [] : ['', `Everywhere: ${codeSpan(common)}`]),
    ...(methods.length === 0 ? [] : ['', `Not covered: ${codeSpan(methods.join(', '), 2_000)}`]),
  ];
};

const failureTable = (failures: readonly Failure[]): readonly string[] =>
  failures.length === 0
    ? ['No failures.']
    : [
        '### Failures',
        '',
        ...markdownTable(
          ['', 'id', 'property', 'phase', 'exception', 'minimal config', 'pins', 'cells'],
          ['left', 'left', 'left', 'left', 'left', 'left', 'left', 'right'],
          failures.map((failure) => [
            marks[markOf(failure)],
            codeCell(failure.id, 16),
            codeCell(failure.property, 60),
            codeCell(failure.phase, 20),
            codeCell(failure.exception, 80),
            codeCell(showMinimal(failure)),
            failure.pins.map((pin) => codeCell(pin, 80)).join(', '),
            String(failure.cells),
          ]),
        ),
      ];

const marks = { new: '**new**', met: 'met while shrinking', known: 'known' } as const;

const flakyItems = ({ flaky }: Report): readonly string[] =>
  flaky.map(
    ({ pin, config, property, attempts, failed }) =>
      `${codeSpan(pin, 80)} ${codeSpan(showConfig(config))}: ${codeSpan(property, 60)} failed ${failed} of ${attempts} times`,
  );

const staleItems = ({ expectations }: Report): readonly string[] =>
  expectations
    .filter(({ state }) => state === 'stale')
    .map(
      ({ id, title, file = 'known-issues.yaml' }) =>
        `${codeSpan(id, 80)}: ${plainText(title, 300)}. It was put to the test and did not fail: remove it from ${codeSpan(file, 200)}.`,
    );

const unrefusedItems = ({ refusals }: Report): readonly string[] =>
  refusals
    .filter(({ state }) => state === 'stale')
    .map(({ id, because }) => `${codeSpan(id, 80)}: ${plainText(because, 300)}. PEFT did not refuse it.`);

const reasonItems = ({ campaign: { unrepeated = 0 }, pins, unsupported, skipped }: Report): readonly string[] => [
  ...(unrepeated > 0
    ? [`skipped, ${countOf(unrepeated, 'second run')}: whether the same seed gives the same run`]
    : []),
  ...Object.entries(unsupported).map(
    ([reason, cells]) => `unsupported, ${countOf(cells, 'cell')}: ${codeSpan(reason, 300)}`,
  ),
  ...Object.entries(skipped).map(([reason, cells]) => `skipped, ${countOf(cells, 'cell')}: ${codeSpan(reason, 300)}`),
  ...pins.flatMap(({ id, skipped: reason }) =>
    reason === undefined ? [] : [`skipped, ${codeSpan(id, 80)}: ${codeSpan(reason, 300)}`],
  ),
];

const brokenSection = ({ pins, broken = {} }: Report): readonly string[] => {
  const brokenPins = pins.filter((pin) => pin.broken !== undefined);
  const cells = Object.entries(broken).map(
    ([reason, count]) => `- ${countOf(count, 'cell')}: ${codeSpan(reason, 300)}`,
  );
  if (brokenPins.length === 0 && cells.length === 0) return [];
  return [
    '### Could not be asked',
    ...brokenPins.flatMap((pin) =>
      ['', `Pin ${codeSpan(pin.id, 80)}:`, ''].concat(codeBlock(manyLines(pin.broken ?? '', 20, 300))),
    ),
    ...(cells.length === 0 ? [] : ['', ...cells]),
  ];
};

const listSection = (title: string, items: readonly string[]): readonly string[] =>
  items.length === 0 ? [] : [`### ${title}`, '', ...items.map((item) => `- ${item}`)];
