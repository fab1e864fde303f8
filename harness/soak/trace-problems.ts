import { lingerLimitMs, type Lingered } from './marked-processes.ts';
import type { Rows, Traces } from './traces.ts';

/**
 * Everything that is not as it must be after a campaign was killed and came to its end after all. `states`: the ledger
 * as each of its runs found it.
 */
export const traceProblems = (
  traces: Traces,
  whole: Traces,
  states: readonly Rows[],
  lingered: readonly Lingered[],
): readonly string[] => {
  const found = states.at(-1)?.size ?? 0;
  const recorded = traces.rows.size - found;
  const lost = [...states.slice(1), traces.rows].reduce(
    (total, rows, index) => total + countMissing(states[index] ?? new Map(), rows),
    0,
  );
  const left = lingered.flatMap((each) => each.left);
  const extra = traces.files.filter((file) => !whole.files.includes(file));
  const missing = whole.files.filter((file) => !traces.files.includes(file));
  return [
    [traces.exitCode !== whole.exitCode, `exit code ${traces.exitCode}, not ${whole.exitCode}: ${traces.stderr}`],
    [traces.health !== 'ok', `the ledger is damaged: ${traces.health}`],
    [lost > 0, `${lost} observations were lost or changed`],
    [traces.ran !== recorded, `${traces.ran} cells were run, but ${recorded} were missing`],
    [traces.rows.size !== whole.rows.size, `${traces.rows.size} observations, not ${whole.rows.size}`],
    [left.length > 0, `after ${lingerLimitMs / 1000} s still there: ${left.map(({ command }) => command).join('; ')}`],
    [extra.length > 0, `left in the results: ${extra.join(', ')}`],
    [missing.length > 0, `missing in the results: ${missing.join(', ')}`],
    [traces.scratch.length > 0 && traces.ran > 0, `left of dead probes: ${traces.scratch.join(', ')}`],
  ].flatMap(([isSo, words]) => (isSo === true ? [String(words)] : []));
};

const countMissing = (before: Rows, after: Rows): number => [...before.keys()].filter((row) => !after.has(row)).length;
