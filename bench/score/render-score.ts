import type { Config } from '../../matrices/config.ts';
import { formatConfig } from '../../matrices/config.ts';
import { shareFound, type Score } from './tally.ts';

/** Entries that must be found. */
export const wantedShare = 0.9;

/** The scores as Markdown: a summary, the table, and every miss and false alarm with what is known of it. */
export const renderScore = (scores: readonly Score[], setting: string): string => {
  const count = (state: Score['state']): number => scores.filter((score) => score.state === state).length;
  const inScope = scores.length - count('out-of-scope') - count('not-asked');
  const alarmed = scores.filter(({ alarms }) => alarms.length > 0);
  return [
    '## Score: real bugs that the generator finds',
    setting,
    'Every entry of `bench/corpus/known-bugs.yaml`, recognised as `bench/corpus/signs.yaml` says, in matrices over the axes ' +
      '(`bench/score/setting.yaml`), none of them made for a bug. `must`: releases that were asked and that the corpus says show ' +
      'it. `config` is the smallest that shows it, what it does not name is at its default.',
    `**${(100 * shareFound(scores)).toFixed(0)} % of ${inScope} entries found on every release that must show them, without a false alarm** ` +
      `(wanted: ${100 * wantedShare} %). Partly: ${count('partly')}; missed: ${count('missed') + count('blind')}; with false alarms: ` +
      `${alarmed.length}; out of scope: ${count('out-of-scope')}.`,
    tableOf(scores.filter(({ state }) => state !== 'out-of-scope' && state !== 'not-asked')),
    listOf('Missed or found in part', scores.flatMap(missLine)),
    listOf('False alarms', alarmed.flatMap(alarmLines)),
    listOf(
      'Out of scope',
      scores.flatMap(({ id, state, reason }) => (state === 'out-of-scope' ? [`${id}: ${reason}`] : [])),
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
};

const tableOf = (scores: readonly Score[]): string =>
  [
    '| entry | state | must | found | phase | config |',
    '| --- | --- | --- | --- | --- | --- |',
    ...scores.map(
      ({ id, state, expected, found, phases, minimal }) =>
        `| ${[id, state, spans(expected, expected), spans(found, expected), phases.join(', '), describe(minimal)].join(' | ')} |`,
    ),
  ].join('\n');

const describe = (minimal: Config | undefined): string => {
  if (minimal === undefined) return '';
  return Object.keys(minimal).length === 0 ? 'all defaults' : `\`${formatConfig(minimal)}\``;
};

/** `0.12.0 to 0.21.2 (9)`; with its gaps against the whole list. */
const spans = (some: readonly string[], whole: readonly string[]): string => {
  if (some.length === 0) return 'none';
  if (some.length <= 2) return some.join(', ');
  return some.length === whole.length ? `${some[0]} to ${some.at(-1)} (${some.length})` : some.join(', ');
};

const missLine = ({ id, state, reason, expected, found }: Score): readonly string[] => {
  if (state === 'blind') return [`${id}: ${reason}`];
  if (state !== 'partly' && state !== 'missed') return [];
  return [`${id}: not seen on ${expected.filter((release) => !found.includes(release)).join(', ')}`];
};

const alarmLines = ({ id, alarms }: Score): readonly string[] =>
  alarms.map(
    ({ versions, what, config, cells }) =>
      `${id} on ${versions['peft']}: ${what} (${cells} cells, e.g. \`${formatConfig(config)}\`)`,
  );

const listOf = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : [`### ${title}`, lines.map((line) => `- ${line}`).join('\n')].join('\n\n');
