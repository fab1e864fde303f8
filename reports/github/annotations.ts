import { newFirst, outcomeOf, markOf } from '../outcome.ts';
import type { Failure, Report } from '../report-model.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';
import { showMinimal } from '../text/show-config.ts';

/** GitHub shows no more of a kind for one step. */
const most = 10;

/**
 * Workflow commands that make GitHub show new failures, and what else turns a campaign red, as annotations: ten at most,
 * of which the last says how many there are beside them. Empty when there is nothing to show.
 */
export const renderAnnotations = (report: Report): string => {
  const all = [...failureLines(report), ...staleLines(report), ...brokenLines(report)];
  const rest = all.length - most + 1;
  const shown = all.length <= most ? all : [...all.slice(0, most - 1), moreLine(rest, report)];
  return shown.map((line) => `${line}\n`).join('');
};

const failureLines = ({ failures }: Report): readonly string[] =>
  newFirst(failures)
    .filter((failure) => markOf(failure) === 'new')
    .map((failure) => command('error', titleOf(failure), messageOf(failure)));

const titleOf = ({ id, property, phase }: Failure): string =>
  `${oneLine(id, 16)} ${oneLine(property, 60)}/${oneLine(phase, 20)}`;

const messageOf = (failure: Failure): string =>
  [
    `${oneLine(failure.exception, 80)}: ${oneLine(failure.message, 300)}`,
    `config: ${showMinimal(failure)}`,
    `pins: ${oneLine(failure.pins.join(', '), 300)}`,
    `replay: ${oneLine(failure.replay, 300)}`,
  ].join('\n');

const staleLines = ({ expectations, refusals }: Report): readonly string[] => [
  ...expectations
    .filter(({ state }) => state === 'stale')
    .map(({ id, title }) => command('error', `stale: ${oneLine(id, 80)}`, `It did not fail: ${oneLine(title, 300)}`)),
  ...refusals
    .filter(({ state }) => state === 'stale')
    .map(({ id, because }) =>
      command('error', `stale: ${oneLine(id, 80)}`, `PEFT did not refuse it: ${oneLine(because, 300)}`),
    ),
];

const brokenLines = ({ pins, counts }: Report): readonly string[] => [
  ...pins.flatMap(({ id, broken }) =>
    broken === undefined ? [] : [command('warning', `${oneLine(id, 80)} could not be asked`, oneLine(broken, 300))],
  ),
  ...(counts.broken === 0
    ? []
    : [command('warning', 'broken', `${countOf(counts.broken, 'cell')} could not be asked`)]),
];

const moreLine = (rest: number, report: Report): string =>
  command('notice', `${rest} more`, `${outcomeOf(report).reasons.join('; ')}. The job summary has all of it.`);

/** A workflow command. Line feeds, and what ends a property, are escaped as GitHub's own toolkit does it. */
const command = (kind: 'error' | 'warning' | 'notice', title: string, message: string): string =>
  `::${kind} title=${escapeProperty(title)}::${escapeData(message)}`;

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
