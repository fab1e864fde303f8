import { formatConfig } from '../../matrices/config.ts';
import { inSeconds, type Section } from '../section.ts';
import type { Side } from './bisect-case.ts';
import type { Case } from './cases.ts';
import type { Expected } from './expected.ts';

/** A case, and what became of it. */
export interface Bisected {
  readonly case: Case;
  readonly transformers: string;
  readonly phase: string;
  readonly kind: 'exception' | 'silent';
  readonly sides: readonly Side[];
}

/** Least number of entries whose change points are found. */
const wantedEntries = 20;

/** The part of `RESULTS.md` on bisects. `absent` are cases that no pin showed again. */
export const describeBisects = (bisected: readonly Bisected[], absent: readonly string[]): Section => {
  const sides = bisected.flatMap((each) => each.sides);
  const told = bisected.filter((each) => each.sides.some(isChange));
  const right = told.filter((each) => each.sides.every((side) => side.agrees !== false));
  const changes = sides.filter(isChange);
  const silent = right.filter(({ kind }) => kind === 'silent').length;
  return {
    title: 'Bisect: the releases that brought and fixed real bugs',
    text: [
      'Every entry of `bench/corpus/known-bugs.yaml` that the score found on some release, with the smallest config that shows it, bisected over the finals of PEFT from 0.8.0 on, all else held, in both directions.',
      '`corpus` is what its runs say (as `bench/corpus/signs.yaml` has it), `ours` what the bisect names; releases in parentheses could not be asked, so the change may lie in each of them; `hidden` where no release that way gets as far, or offers it, with the first that shows it, or the first that does not any more.',
      '`asked`, `rounds` and `s` of those whose answers were not all in the ledger of an earlier run; environments that had to be built count.',
      ...(absent.length === 0 ? [] : [`Not shown again on the release where the score saw it: ${absent.join(', ')}.`]),
    ].join('\n'),
    table: [
      '| entry | kind | config | found at | corpus: since | ours | corpus: fixed in | ours | asked | rounds | s |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --: | --: | --: |',
      ...bisected.map(rowOf),
    ].join('\n'),
    targets: [
      {
        what: 'entries with a change point, and every one of them right',
        got: `${right.length} of ${told.length}, ${silent} of them silent`,
        want: `at least ${wantedEntries}`,
        met: right.length >= wantedEntries,
      },
      {
        what: 'change points that the corpus names',
        got: `${changes.filter((side) => side.agrees === true).length} of ${changes.length}`,
        want: 'all',
        met: changes.every((side) => side.agrees === true),
      },
    ],
  };
};

const isChange = ({ expected, hiddenAt, agrees }: Side): boolean =>
  expected.kind === 'change' && (hiddenAt === undefined || agrees === true);

const rowOf = ({ case: { bug, minimal, peft }, transformers, phase, kind, sides }: Bisected): string => {
  const side = (direction: Side['direction']): readonly string[] => {
    const found = sides.find((each) => each.direction === direction);
    return found === undefined ? ['', ''] : [theirs(found.expected), ours(found)];
  };
  const config = Object.keys(minimal).length === 0 ? phase : `\`${formatConfig(minimal)}\``;
  const sum = (of: (each: Side) => number): number => sides.map(of).reduce((total, each) => total + each, 0);
  const cells = [
    bug,
    kind,
    config,
    `${peft}, transformers ${transformers}`,
    ...side('since'),
    ...side('fixed in'),
    ...(sum(({ asked }) => asked) === 0
      ? ['', '', '']
      : [String(sum(({ asked }) => asked)), String(sum(({ rounds }) => rounds)), inSeconds(sum(({ ms }) => ms))]),
  ];
  return `| ${cells.join(' | ')} |`;
};

const theirs = (expected: Expected): string => {
  if (expected.kind === 'none') return 'never';
  if (expected.kind === 'unsettled') return 'not said';
  const [first, ...others] = expected.anyOf;
  return others.length === 0 ? String(first) : `${first} to ${others.at(-1)}`;
};

const ours = ({ direction, found, hiddenAt, agrees, confirmed }: Side): string => {
  if (hiddenAt !== undefined) return `${hiddenAt}, hidden ${direction === 'since' ? 'before' : 'from there on'}`;
  const { version = 'never', skipped = [] } = found ?? {};
  const marks = [agrees === false ? '**differs**' : '', confirmed ? '' : 'not confirmed'];
  return [version, ...(skipped.length === 0 ? [] : [`(${skipped.join(', ')})`]), ...marks]
    .filter((part) => part !== '')
    .join(' ');
};
