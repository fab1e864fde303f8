import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareCampaigns } from '../../reports/diff/compare-campaigns.ts';
import { failureOf, pinOf, quietReport } from '../../reports/fixtures/reports.ts';
import type { Failure } from '../../reports/report-model.ts';
import type { CellVerdict } from '../../reports/verdicts-model.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { inherit, whatStands } from './what-stands.ts';

/** What a cell of a config comes to: 0 and 1 are failures. */
type Fate = 'pass' | 'unsupported' | 'skipped' | 'flaky' | 'broken' | 0 | 1;

/** One night: which releases were asked, and what the configs came to on each of them. */
interface Asked {
  readonly releases: Readonly<Record<string, readonly Fate[]>>;
  readonly isSuspect: boolean;
}

const failures: readonly Failure[] = [0, 1].map((number) =>
  failureOf({ id: `f${number}`, signature: `s${number}`, message: `it broke ${number}` }),
);

const configOf = (index: number): CellVerdict['config'] => ({ rank: index + 1 });

const campaignOf = (asked: Asked['releases'], night: number): StoredCampaign => {
  const cells = Object.entries(asked).flatMap(([release, fates]) =>
    fates.map((fate, index): CellVerdict => {
      const cell = { pin: `peft-${release}`, config: configOf(index), evidence: 0 };
      if (typeof fate === 'number') return { ...cell, verdict: 'fail', failures: [`f${fate}`] };
      return fate === 'pass' ? { ...cell, verdict: fate } : { ...cell, verdict: fate, reason: 0 };
    }),
  );
  const shown = failures.flatMap((failure) => {
    const showing = cells.filter((cell) => cell.failures?.includes(failure.id) === true);
    const pins = [...new Set(showing.map(({ pin }) => pin))];
    return pins.length === 0 ? [] : [{ ...failure, pins, cells: showing.length }];
  });
  return {
    report: {
      ...quietReport,
      campaign: { ...quietReport.campaign, id: `night-${night}` },
      pins: Object.keys(asked).map((release) => pinOf({ id: `peft-${release}`, versions: { peft: release } })),
      failures: shown,
    },
    verdicts: {
      version: 1,
      campaign: `night-${night}`,
      defaults: {},
      evidence: [{ device: 'cpu', backend: 'none', ranks: 1 }],
      reasons: [{ because: 'so' }],
      cells,
    },
  };
};

/** What is told, as the nightly command does it: by night, `change failure pin`. */
const tellAll = (nights: readonly Asked[]): readonly (readonly string[])[] => {
  let standing: StoredCampaign | undefined;
  return nights.map(({ releases, isSuspect }, night) => {
    if (isSuspect) return [];
    const campaign = campaignOf(releases, night);
    const before = standing === undefined ? undefined : inherit(standing, campaign.report.pins).standing;
    standing = whatStands(before, [campaign], `night-${night}`);
    if (before === undefined) return [];
    return compareCampaigns(before, standing)
      .changes.filter(({ change }) => change === 'regressed' || change === 'fixed')
      .flatMap(({ change, failure, pins }) => pins.map((pin) => `${change} ${failure} ${pin}`))
      .toSorted();
  });
};

/**
 * The same from each cell's own story, without campaigns: on a release a failure regresses on the night on which a cell
 * shows it that was last seen to pass, there or, of a release that is new, on the one before it; it is fixed on the night
 * on which the last cell that showed it is seen not to, one at least passing.
 */
const storyOf = (nights: readonly Asked[]): readonly (readonly string[])[] => {
  const known = new Map<string, Fate[]>();
  return nights.map(({ releases, isSuspect }, night) => {
    if (isSuspect) return [];
    const isFirst = known.size === 0;
    const earlier = new Map([...known].map(([release, fates]) => [release, [...fates]]));
    const told = Object.entries(releases).flatMap(([release, fates]) => {
      const older = [...earlier.keys()]
        .filter((other) => other < release)
        .toSorted()
        .at(-1);
      const was = earlier.get(release) ?? (older === undefined ? undefined : earlier.get(older));
      const is = fates.map((fate, index) => (decides(fate) ? fate : (was?.[index] ?? fate)));
      known.set(release, is);
      if (was === undefined || isFirst) return [];
      return ([0, 1] as const).flatMap((failure) => {
        const came = is.some((fate, index) => fate === failure && was[index] === 'pass');
        const stood = was.includes(failure);
        const stands = is.includes(failure);
        const passes = is.some((fate, index) => was[index] === failure && fate === 'pass');
        const others = is.filter(
          (fate, index) => was[index] === failure && typeof fate === 'number' && fate !== failure,
        );
        // What they have become is told as changed, unless it was there before or broke elsewhere.
        const isToldOtherwise = others.every(
          (other) => !was.includes(other) && !is.some((fate, index) => fate === other && was[index] === 'pass'),
        );
        return [
          ...(came ? [`regressed f${failure} peft-${release}`] : []),
          ...(stood && !stands && passes && isToldOtherwise ? [`fixed f${failure} peft-${release}`] : []),
        ];
      });
    });
    return night === 0 ? [] : told.toSorted();
  });
};

const decides = (fate: Fate): boolean => typeof fate === 'number' || fate === 'pass' || fate === 'unsupported';

const releases = ['0.18.0', '0.19.0', '0.20.0', '0.21.0'];

/** A history in which releases come one after the other and some are not asked on some nights. */
const history: fc.Arbitrary<readonly Asked[]> = fc.array(
  fc.record({
    releases: fc.dictionary(
      fc.constantFrom(...releases),
      fc.array(fc.constantFrom<Fate>('pass', 'unsupported', 'skipped', 'flaky', 'broken', 0, 1), {
        minLength: 3,
        maxLength: 3,
      }),
      { minKeys: 1 },
    ),
    isSuspect: fc.boolean(),
  }),
  { maxLength: 7 },
);

describe('whatever a week of nights is like', () => {
  test('what breaks and what is mended is told on its night, once, and suspect nights change nothing', () => {
    fc.assert(
      fc.property(history, (nights) => {
        expect(tellAll(nights)).toEqual(storyOf(nights));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a night like the one before tells nothing', () => {
    fc.assert(
      fc.property(history, (nights) => {
        const again = nights.flatMap((night) => [night, night]);
        const told = tellAll(again);
        expect(again.map((_, at) => (at % 2 === 1 ? told[at] : []))).toEqual(again.map(() => []));
      }),
    );
  });

  test('without suspect nights it tells what it tells with them', () => {
    fc.assert(
      fc.property(history, (nights) => {
        const good = nights.filter(({ isSuspect }) => !isSuspect);
        expect(tellAll(good)).toEqual(tellAll(nights).filter((_, at) => nights[at]?.isSuspect === false));
      }),
    );
  });
});

test('what was not asked for a night is not forgotten: it broke all the same', () => {
  const fates: readonly Fate[] = ['pass', 'skipped', 0, 'broken', 'pass'];
  expect(tellAll(fates.map((fate) => ({ releases: { '0.18.0': [fate] }, isSuspect: false })))).toEqual([
    [],
    [],
    ['regressed f0 peft-0.18.0'],
    [],
    ['fixed f0 peft-0.18.0'],
  ]);
});

test('a new release is compared with the one that it follows', () => {
  const nights: readonly Asked[] = [
    { releases: { '0.18.0': ['pass', 1] }, isSuspect: false },
    { releases: { '0.18.0': ['pass', 1], '0.19.0': [0, 'pass'] }, isSuspect: false },
    { releases: { '0.18.0': ['pass', 1], '0.19.0': [0, 'pass'] }, isSuspect: false },
  ];
  expect(tellAll(nights)).toEqual([[], ['fixed f1 peft-0.19.0', 'regressed f0 peft-0.19.0'], []]);
});
