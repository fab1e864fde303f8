import { canonicalConfig } from '../../matrices/config.ts';
import type { Failure } from '../report-model.ts';
import { askedCells, type AskedCells, type ComparedCampaign } from './asked-cells.ts';
import { changeKinds, type CampaignDiff, type ChangeKind, type FailureChange } from './diff-model.ts';
import { pairPins, type PinPair } from './pair-pins.ts';
import { seenElsewhere, type SeenElsewhere } from './seen-elsewhere.ts';

/**
 * What changed from one campaign to another, failure by failure and pin by pin.
 *
 * It concludes from what both asked: the same config on pins that are compared. A failure whose cells the other campaign
 * did not ask, or could not, is `not-asked`, whatever may be supposed of it.
 *
 * @param given - Pins to compare beside those of the same id.
 */
export const compareCampaigns = (
  a: ComparedCampaign,
  b: ComparedCampaign,
  given: readonly PinPair[] = [],
): CampaignDiff => compareAsked(askedCells(a), askedCells(b), given);

/** The same of campaigns that are ready to be looked up: one that is compared with several others is made so once. */
export const compareAsked = (before: AskedCells, after: AskedCells, given: readonly PinPair[] = []): CampaignDiff => {
  const pins = pairPins(before.report.pins, after.report.pins, given);
  const changes = groupChanges([...changesOfB(before, after, pins), ...changesOfA(before, after, pins)]);
  const count = (kind: ChangeKind): number => changes.filter(({ change }) => change === kind).length;
  return {
    version: 1,
    a: describe(before),
    b: describe(after),
    pins,
    regressed: count('regressed') > 0,
    counts: {
      regressed: count('regressed'),
      new: count('new'),
      changed: count('changed'),
      fixed: count('fixed'),
      gone: count('gone'),
      'not-asked': count('not-asked'),
      same: count('same'),
    },
    changes,
    reasons: changedReasons(before, after, pins.paired),
  };
};

/** One failure on one pin. */
type PinChange = Omit<FailureChange, 'pins'> & { readonly pin: string };

/** What B shows, looked up in A. */
const changesOfB = (before: AskedCells, after: AskedCells, pins: CampaignDiff['pins']): readonly PinChange[] =>
  after.report.failures.flatMap((failure) =>
    failure.pins.map((pin): PinChange => {
      const cells = after.showing(pin, failure.id);
      const facts = { ...factsOf(failure), pin, cells: cells.length };
      const pair = pins.paired.find(({ b }) => b === pin);
      if (pair === undefined) return { ...facts, change: 'not-asked', missing: 'a', seen: notSeen(cells.length) };
      const seen = seenElsewhere(failure, cells, pair.a, before);
      const change = changeIn(seen, { passed: 'regressed', unsupported: 'new' });
      return {
        ...facts,
        change,
        seen: seen.counts,
        ...exampleOf(change, seen),
        ...(change === 'not-asked' ? { missing: 'a' } : {}),
        ...(seen.failures.length === 0 ? {} : { was: seen.failures }),
      };
    }),
  );

/** What A shows and B does not, looked up in B. */
const changesOfA = (before: AskedCells, after: AskedCells, pins: CampaignDiff['pins']): readonly PinChange[] =>
  before.report.failures.flatMap((failure) =>
    failure.pins.flatMap((pin): PinChange[] => {
      const cells = before.showing(pin, failure.id);
      const pair = pins.paired.find(({ a }) => a === pin);
      const facts = { ...factsOf(failure), pin: pair?.b ?? pin, cells: cells.length };
      if (pair === undefined) return [{ ...facts, change: 'not-asked', missing: 'b', seen: notSeen(cells.length) }];
      const seen = seenElsewhere(failure, cells, pair.b, after);
      // What B shows as well has been told from B's side, under B's id.
      if (seen.isThere || seen.counts.same > 0) return [];
      const otherwise = changeIn(seen, { passed: 'fixed', unsupported: 'gone' });
      const isKnown = otherwise === 'changed' && isTold(seen.failures, pair, before, after);
      if (isKnown && seen.counts.passed === 0) return [];
      const change = isKnown ? 'fixed' : otherwise;
      return [
        {
          ...facts,
          change,
          seen: seen.counts,
          ...exampleOf(change, seen),
          ...(change === 'changed' ? { becomes: seen.failures } : {}),
          ...(change === 'not-asked' ? { missing: 'b' } : {}),
        },
      ];
    }),
  );

/** What the cells of a change came to on the other side. */
const elsewhere = {
  regressed: 'passed',
  fixed: 'passed',
  changed: 'otherwise',
  new: 'unsupported',
  gone: 'unsupported',
} as const;

const exampleOf = (change: ChangeKind, { firstThat }: SeenElsewhere): Pick<FailureChange, 'example'> => {
  if (change === 'same' || change === 'not-asked') return {};
  const cell = firstThat(elsewhere[change]);
  return cell === undefined ? {} : { example: cell.config };
};

/** That a cell passed, or failed otherwise, outweighs that another was not asked. */
const changeIn = (
  { isThere, counts }: SeenElsewhere,
  means: { readonly passed: ChangeKind; readonly unsupported: ChangeKind },
): ChangeKind => {
  const isSame = isThere || counts.same > 0;
  if (means.passed === 'regressed' && counts.passed > 0) return 'regressed';
  if (isSame) return 'same';
  if (counts.otherwise > 0) return 'changed';
  if (counts.passed > 0) return means.passed;
  return counts.unsupported > 0 ? means.unsupported : 'not-asked';
};

/** Every failure into which one has changed is told as `changed` from B's side already. */
const isTold = (becomes: readonly string[], pair: PinPair, before: AskedCells, after: AskedCells): boolean =>
  becomes.length > 0 &&
  becomes.every((id) => {
    const failure = after.failures.get(id);
    if (failure === undefined) return false;
    return changeOnPin(failure, pair, before, after) === 'changed';
  });

const changeOnPin = (failure: Failure, pair: PinPair, before: AskedCells, after: AskedCells): ChangeKind =>
  changeIn(seenElsewhere(failure, after.showing(pair.b, failure.id), pair.a, before), {
    passed: 'regressed',
    unsupported: 'new',
  });

/** What is told of a failure in a diff. */
export const factsOf = ({
  id,
  signature,
  property,
  phase,
  exception,
  message,
  minimal,
  known,
}: Failure): Omit<PinChange, 'change' | 'pin' | 'cells' | 'seen'> => ({
  failure: id,
  signature,
  property,
  phase,
  exception,
  message,
  minimal,
  ...(known === undefined ? {} : { known: known.id }),
});

const notSeen = (cells: number): FailureChange['seen'] => ({
  same: 0,
  passed: 0,
  otherwise: 0,
  unsupported: 0,
  inconclusive: cells,
});

/** The same change of the same failure on several pins is one entry. */
const groupChanges = (changes: readonly PinChange[]): readonly FailureChange[] => {
  const groups = Map.groupBy(changes, ({ change, failure, was, becomes, missing }) =>
    JSON.stringify([change, failure, was, becomes, missing]),
  );
  return [...groups.values()].flatMap(merge).toSorted(byWeight);
};

const merge = (group: readonly PinChange[]): readonly FailureChange[] => {
  const [first] = group;
  if (first === undefined) return [];
  const { pin: _pin, ...facts } = first;
  const sum = (pick: (change: PinChange) => number): number => group.reduce((total, one) => total + pick(one), 0);
  return [
    {
      ...facts,
      pins: group.map(({ pin }) => pin),
      cells: sum(({ cells }) => cells),
      seen: {
        same: sum(({ seen }) => seen.same),
        passed: sum(({ seen }) => seen.passed),
        otherwise: sum(({ seen }) => seen.otherwise),
        unsupported: sum(({ seen }) => seen.unsupported),
        inconclusive: sum(({ seen }) => seen.inconclusive),
      },
    },
  ];
};

/** What matters most first; within that what nobody has named, then what most cells show. */
const byWeight = (left: FailureChange, right: FailureChange): number =>
  changeKinds.indexOf(left.change) - changeKinds.indexOf(right.change) ||
  Number(left.known !== undefined) - Number(right.known !== undefined) ||
  right.cells - left.cells ||
  (left.failure < right.failure ? -1 : Number(left.failure > right.failure));

const changedReasons = (before: AskedCells, after: AskedCells, pairs: readonly PinPair[]): CampaignDiff['reasons'] => {
  const changed = pairs.flatMap(({ a, b }) =>
    after.ofPin(b).flatMap((cell) => {
      const earlier = cell.verdict === 'unsupported' ? before.find(a, cell.config) : undefined;
      if (earlier?.verdict !== 'unsupported') return [];
      const [was, becomes] = [before.reasonOf(earlier), after.reasonOf(cell)];
      return was === becomes ? [] : [{ was, becomes, pin: b, config: canonicalConfig(cell.config) }];
    }),
  );
  return [...Map.groupBy(changed, ({ was, becomes }) => JSON.stringify([was, becomes])).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { was, becomes } = first;
    return [{ was, becomes, pins: [...new Set(group.map(({ pin }) => pin))], cells: group.length }];
  });
};

const describe = ({ report: { campaign }, hasVerdicts }: AskedCells): CampaignDiff['a'] => ({
  id: campaign.id,
  matrix: campaign.matrix,
  executor: campaign.executor,
  finishedAt: campaign.finishedAt,
  verdicts: hasVerdicts,
});
