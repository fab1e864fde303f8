import type { Recorded, Round } from '../../harness/soak/disturb.ts';
import { formatSeconds } from '../../reports/text/duration.ts';

/** Same report, nothing lost, nobody left. */
export const isWell = ({ isEqual, problems }: Round): boolean => isEqual && problems.length === 0;

/** Nothing was killed: the campaign was over before. */
export const isMissed = ({ kills }: Round): boolean => kills.every(({ reached }) => reached === 'missed');

/** One line, for the terminal. */
export const roundLine = (round: Round): string =>
  [
    round.kills.map(killText).join(', then '),
    `finished in ${formatSeconds(round.finishMs)}`,
    round.isEqual ? 'same report' : 'ANOTHER REPORT',
    `all gone in ${formatSeconds(longest(round))}`,
    ...(round.problems.length === 0 ? [] : [`PROBLEMS: ${round.problems.join('; ')}`]),
  ].join('; ');

/** Titles of the columns of {@link roundRow}. */
export const roundTitles = [
  'killed',
  'while',
  'at',
  'cells in the ledger',
  'last run took',
  'same report',
  'processes gone in',
  'processes left',
  'other problems',
];

/** One row of a table; several kills of one campaign stand behind each other. */
export const roundRow = (round: Round): readonly string[] => [
  round.kills.map(({ target }) => target).join(', '),
  round.kills.map(whileText).join(', '),
  round.kills.map(({ atMs }) => formatSeconds(atMs)).join(', '),
  round.kills.map(({ rows }) => String(rows)).join(', '),
  formatSeconds(round.finishMs),
  round.isEqual ? 'yes' : 'NO',
  formatSeconds(longest(round)),
  String(round.lingered.flatMap(({ left }) => left).length),
  round.problems.join('; ').replaceAll(/[|\s]+/g, ' ') || 'none',
];

const killText = (kill: Recorded): string =>
  `${kill.target} killed at ${formatSeconds(kill.atMs)} (${whileText(kill)}, ${kill.rows} cells in the ledger)`;

/** A step that is called like its stage needs not be said. */
const whileText = ({ reached, step = reached }: Recorded): string =>
  step === reached ? reached : `${reached} (${step})`;

const longest = ({ lingered }: Round): number => Math.max(...lingered.map(({ ms }) => ms));
