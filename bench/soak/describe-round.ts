import type { Recorded, Round } from '../../harness/soak/disturb.ts';
import { formatSeconds } from '../../reports/text/duration.ts';

/** One line a round, for the terminal. */
export const roundLine = (round: Round, number: number, of: number): string => {
  const verdict = round.problems.length === 0 && round.isEqual ? 'ok' : 'NOT OK';
  return [
    `round ${number}/${of}: ${round.kills.map(killText).join(', then ')}`,
    `finished in ${formatSeconds(round.finishMs)}`,
    round.isEqual ? 'same report' : 'ANOTHER REPORT',
    `all gone in ${formatSeconds(longest(round))}`,
    ...round.problems,
    verdict,
  ].join('; ');
};

/** One row of Markdown a round; `tableHead` above. */
export const tableRow = (round: Round, number: number): string =>
  `| ${[
    String(number),
    round.kills.map(({ target }) => target).join(', '),
    round.kills.map(({ atMs }) => formatSeconds(atMs)).join(', '),
    round.kills.map(({ reached }) => reached).join(', '),
    round.kills.map(({ rows }) => String(rows)).join(', '),
    formatSeconds(round.finishMs),
    round.isEqual ? 'yes' : '**no**',
    formatSeconds(longest(round)),
    String(round.lingered.flatMap(({ left }) => left).length),
    round.problems.length === 0 ? '' : round.problems.join('; ').replaceAll('|', '\\|').replaceAll('\n', ' '),
  ].join(' | ')} |`;

export const tableHead = [
  '| round | killed | at | while | cells in the ledger | last run took | same report | all gone in | processes left | otherwise |',
  '| ----: | ------ | -- | ----- | ------------------: | ------------: | ----------- | ----------: | -------------: | --------- |',
].join('\n');

const killText = ({ target, reached, atMs, rows }: Recorded): string =>
  `${target} killed at ${formatSeconds(atMs)} (${reached}, ${rows} cells in the ledger)`;

const longest = ({ lingered }: Round): number => Math.max(...lingered.map(({ ms }) => ms));
