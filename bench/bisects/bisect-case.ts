import { bisectFailure, type BisectOptions } from '../../harness/bisect/bisect-failure.ts';
import type { FailureRecord } from '../../harness/failure-record.ts';
import { InputError } from '../../matrices/errors.ts';
import type { Versions } from '../../matrices/pin.ts';
import type { Bisect, Boundary } from '../../reports/bisect-model.ts';
import type { Case } from './cases.ts';
import { agrees, agreesWithEdge, edgeOf, expectedOf, isBeyond, type Direction, type Expected } from './expected.ts';

/** What a bisect came to on one side of a release that shows a bug. */
export interface Side {
  readonly direction: Direction;
  readonly expected: Expected;
  readonly found?: Boundary;
  /**
   * No release that way is good, and some cannot be asked: they do not offer it, or stop earlier. The release at which that
   * begins: the first that shows it, or the first that does not any more.
   */
  readonly hiddenAt?: string;
  /** Undefined where the corpus does not say, or nothing can be asked. */
  readonly agrees: boolean | undefined;
  /** Releases that were asked, and rounds of asking. */
  readonly asked: number;
  readonly rounds: number;
  readonly ms: number;
  /** Releases that were considered. */
  readonly releases: number;
  readonly confirmed: boolean;
}

/** Bisects a failure over the releases of PEFT, all else held: to the one that brought it, and to the one that took it away. */
export const bisectCase = async (
  { sign, peft }: Case,
  record: FailureRecord,
  versions: Versions,
  options: BisectOptions,
): Promise<readonly Side[]> => {
  const sides: Side[] = [];
  for (const direction of ['since', 'fixed in'] as const) {
    const began = performance.now();
    const bisect = await bisectOneWay(record, peft, direction, options);
    const [releases] = bisect.releases;
    if (releases === undefined) throw new InputError(`${record.id}: nothing was asked`);
    const names = releases.candidates.map(({ version }) => version);
    const expected = expectedOf(sign, versions, names, peft, direction);
    const found = direction === 'since' ? bisect.since : bisect.fixedIn;
    const isThatWay = isBeyond(peft, direction);
    const beyond = releases.candidates.filter(({ version }) => isThatWay(version));
    const hiddenAt = found === undefined ? edgeOf(beyond, peft, direction) : undefined;
    sides.push({
      direction,
      ...(hiddenAt === undefined ? {} : { hiddenAt }),
      expected,
      ...(found === undefined ? {} : { found }),
      agrees: hiddenAt === undefined ? agrees(expected, found) : agreesWithEdge(expected, hiddenAt),
      asked: releases.candidates.filter(({ order }) => order !== undefined).length,
      rounds: releases.rounds,
      ms: performance.now() - began,
      releases: names.length,
      confirmed: releases.changes.every(({ confirmed }) => confirmed),
    });
  }
  return sides;
};

const bisectOneWay = (
  record: FailureRecord,
  found: string,
  direction: Direction,
  options: BisectOptions,
): Promise<Bisect> => {
  const { source } = record.pin;
  if (source.kind !== 'lock') throw new InputError(`${record.id}: the corpus is bisected on locks`);
  const range = { package: 'peft', found, from: '0.8.0', prereleases: false, findFix: direction === 'fixed in' };
  return bisectFailure(record, { kind: 'releases', range, others: 'held', base: source.lock }, options);
};
