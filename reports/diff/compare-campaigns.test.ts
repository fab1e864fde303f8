import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureOf, pinOf, quietReport } from '../fixtures/reports.ts';
import { cellOf, verdictsOf } from '../fixtures/verdicts.ts';
import type { Failure, ReportedPin } from '../report-model.ts';
import type { CellVerdict } from '../verdicts-model.ts';
import type { ComparedCampaign } from './asked-cells.ts';
import { compareCampaigns } from './compare-campaigns.ts';
import { changeKinds, formatDiffJson, type CampaignDiff } from './diff-model.ts';
import type { PinPair } from './pair-pins.ts';

const pin = 'peft-0.21.2';
const reasons = [{ because: 'not there' }, { because: 'refused' }];

/**
 * A campaign of these cells; failures are those that cells show, each with a signature of its own, and `more`. Those called merge
 * are of merging; the others stop the cell earlier.
 */
const campaignOf = (
  cells: readonly CellVerdict[],
  {
    pins = [pinOf({})],
    more = [],
  }: { readonly pins?: readonly ReportedPin[]; readonly more?: readonly Failure[] } = {},
): ComparedCampaign => {
  const ids = [...new Set(cells.flatMap(({ failures = [] }) => failures))];
  const failures = ids.map((id) => {
    const showing = cells.filter((cell) => cell.failures?.includes(id));
    return failureOf({
      id,
      signature: `looks of ${id.replace(/-.*/u, '')}`,
      ...(id.startsWith('merge') ? { property: 'merge-agrees', phase: 'merge' } : {}),
      pins: [...new Set(showing.map((cell) => cell.pin))],
      cells: showing.length,
    });
  });
  return {
    report: { ...quietReport, pins, failures: [...failures, ...more] },
    verdicts: verdictsOf({ reasons, cells }),
  };
};

const lora = { adapter: 'lora' };
const passed = cellOf({ config: lora });
const shows = (config: CellVerdict['config'], ...failures: readonly string[]): CellVerdict =>
  cellOf({ config, verdict: 'fail', failures });
const failing = (...failures: readonly string[]): CellVerdict => shows(lora, ...failures);
const not = (verdict: CellVerdict['verdict'], reason = 0): CellVerdict => cellOf({ config: lora, verdict, reason });

const changesOf = ({ changes }: CampaignDiff): readonly string[] =>
  changes.map(({ change, failure, missing }) => `${change} ${failure}${missing === undefined ? '' : ` by ${missing}`}`);

const diff = (a: readonly CellVerdict[], b: readonly CellVerdict[]): CampaignDiff =>
  compareCampaigns(campaignOf(a), campaignOf(b));

/** The same on another pin, too. */
const twice = (cell: CellVerdict): readonly CellVerdict[] => [cell, { ...cell, pin: 'old' }];

describe('a failure', () => {
  test.each<readonly [string, readonly CellVerdict[], readonly CellVerdict[], readonly string[]]>([
    ['both show it', [failing('f')], [failing('f')], ['same f']],
    ['its cell passed before', [passed], [failing('f')], ['regressed f']],
    ['its cell was unsupported before', [not('unsupported')], [failing('f')], ['new f']],
    ['its cell was not asked before', [], [failing('f')], ['not-asked f by a']],
    ['its cell was skipped before', [not('skipped')], [failing('f')], ['not-asked f by a']],
    ['its cell was broken before', [not('broken')], [failing('f')], ['not-asked f by a']],
    ['its cell was flaky before', [not('flaky')], [failing('f')], ['not-asked f by a']],
    ['its cell passes now', [failing('f')], [passed], ['fixed f']],
    ['its cell is unsupported now', [failing('f')], [not('unsupported')], ['gone f']],
    ['its cell is not asked now', [failing('f')], [], ['not-asked f by b']],
    ['its cell is skipped now', [failing('f')], [not('skipped')], ['not-asked f by b']],
    ['its cell is broken now', [failing('f')], [not('broken')], ['not-asked f by b']],
    ['its cell is flaky now', [failing('f')], [not('flaky')], ['not-asked f by b']],
    ['its cell fails in another way now', [failing('f')], [failing('g')], ['changed g']],
    ['it had another minimal config, and the same looks', [failing('f-1')], [failing('f-2')], ['same f-2']],
    ['another was there before that hid it', [failing('f')], [failing('merge')], ['changed merge', 'fixed f']],
    ['another is there now that hides it', [failing('merge')], [failing('f')], ['regressed f', 'changed merge']],
    ['it comes beside another', [failing('f')], [failing('f', 'g')], ['regressed g', 'same f']],
    ['it goes from beside another', [failing('f', 'g')], [failing('f')], ['fixed g', 'same f']],
  ])('when %s', (_, a, b, changes) => {
    const found = diff(a, b);
    expect(changesOf(found)).toEqual(changes);
    expect(found.regressed).toBe(changes.some((change) => change.startsWith('regressed')));
  });

  test('says which of its cells came to something else', () => {
    const [dora, vera] = [{ adapter: 'dora' }, { adapter: 'vera' }];
    const before = [shows(lora, 'f'), cellOf({ config: dora }), shows(vera, 'g')];
    const after = [shows(lora, 'f'), shows(dora, 'f'), shows(vera, 'h')];
    expect(diff(before, after).changes).toMatchObject([
      { change: 'regressed', failure: 'f', seen: { same: 1, passed: 1 }, example: dora },
      { change: 'changed', failure: 'h', example: vera },
    ]);
    expect(diff(after, before).changes).toMatchObject([
      { change: 'changed', failure: 'g', example: vera },
      { change: 'same', failure: 'f' },
    ]);
    expect(diff([shows(dora, 'f')], [cellOf({ config: dora })]).changes).toMatchObject([
      { change: 'fixed', failure: 'f', example: dora },
    ]);
  });

  test('that has changed says what it was', () => {
    expect(diff([failing('f')], [failing('g')]).changes).toMatchObject([
      { change: 'changed', failure: 'g', was: ['f'] },
    ]);
  });

  test('that has become one that was there before says which', () => {
    const other = cellOf({ config: { adapter: 'dora' }, verdict: 'fail', failures: ['g'] });
    const { changes } = diff([failing('f'), other], [failing('g'), other]);
    expect(changes).toMatchObject([
      { change: 'changed', failure: 'f', becomes: ['g'] },
      { change: 'same', failure: 'g' },
    ]);
  });

  test('on two pins is one entry where the same became of it, else two', () => {
    const pins = [pinOf({}), pinOf({ id: 'old' })];
    const both = compareCampaigns(campaignOf(twice(passed), { pins }), campaignOf(twice(failing('f')), { pins }));
    expect(both.changes).toMatchObject([{ change: 'regressed', pins: [pin, 'old'], cells: 2, seen: { passed: 2 } }]);
    const apart = compareCampaigns(
      campaignOf([failing('f'), { ...passed, pin: 'old' }], { pins }),
      campaignOf(twice(failing('f')), { pins }),
    );
    expect(apart.changes).toMatchObject([
      { change: 'regressed', pins: ['old'] },
      { change: 'same', pins: [pin] },
    ]);
  });

  test('that only shrinking met is not asked where it is not met', () => {
    const met = failureOf({ id: 'm', cells: 0, pins: [pin] });
    const a = campaignOf([passed], { more: [met] });
    expect(changesOf(compareCampaigns(a, campaignOf([passed])))).toEqual(['not-asked m by b']);
    expect(changesOf(compareCampaigns(campaignOf([passed]), a))).toEqual(['not-asked m by a']);
    expect(changesOf(compareCampaigns(a, a))).toEqual(['same m']);
  });

  test('of an import is one while nothing runs, and mended when something does', () => {
    const more = [failureOf({ id: 'i', phase: 'import', pins: [pin], minimal: {} })];
    const failed = campaignOf([], { more });
    const ran = campaignOf([passed]);
    expect(changesOf(compareCampaigns(ran, failed))).toEqual(['regressed i']);
    expect(changesOf(compareCampaigns(failed, ran))).toEqual(['fixed i']);
    expect(changesOf(compareCampaigns(failed, campaignOf([])))).toEqual(['not-asked i by b']);
    const otherwise = campaignOf([], { more: [failureOf({ id: 'j', phase: 'import', pins: [pin], minimal: {} })] });
    expect(changesOf(compareCampaigns(failed, otherwise))).toEqual(['changed j']);
  });
});

describe('pins', () => {
  const old = pinOf({ id: 'peft-0.20.0' });
  const before = campaignOf([{ ...passed, pin: old.id }], { pins: [old] });
  const after = campaignOf([failing('f')]);

  test('that only one campaign has are compared with nothing', () => {
    const found = compareCampaigns(before, after);
    expect(changesOf(found)).toEqual(['not-asked f by a']);
    expect(found.pins).toEqual({ paired: [], onlyA: [old.id], onlyB: [pin] });
  });

  test('can be paired', () => {
    const pairs: readonly PinPair[] = [{ a: old.id, b: pin }];
    expect(changesOf(compareCampaigns(before, after, pairs))).toEqual(['regressed f']);
    expect(changesOf(compareCampaigns(after, before, [{ a: pin, b: old.id }]))).toEqual(['fixed f']);
  });

  test('of the same id on another device are not the same', () => {
    const cuda = campaignOf([failing('f')], { pins: [pinOf({ device: 'cuda' })] });
    expect(changesOf(compareCampaigns(campaignOf([passed]), cuda))).toEqual(['not-asked f by a']);
  });
});

test('cells that are unsupported for another reason are told', () => {
  expect(diff([not('unsupported', 0)], [not('unsupported', 1)]).reasons).toEqual([
    { was: 'not there', becomes: 'refused', pins: [pin], cells: 1 },
  ]);
  expect(diff([not('unsupported', 0)], [not('unsupported', 0)]).reasons).toEqual([]);
});

test('without verdicts nothing is concluded from a failure that is not there', () => {
  const blind = { report: campaignOf([passed]).report };
  expect(changesOf(compareCampaigns(campaignOf([failing('f')]), blind))).toEqual(['not-asked f by b']);
  expect(changesOf(compareCampaigns(blind, campaignOf([failing('f')])))).toEqual(['not-asked f by a']);
  expect(
    changesOf(compareCampaigns({ report: campaignOf([failing('f')]).report }, campaignOf([failing('f')]))),
  ).toEqual(['same f']);
});

/** Any verdict on some of six configs of two pins. */
const anyCells = fc
  .array(
    fc.record({
      pin: fc.constantFrom(pin, 'peft-0.20.0'),
      rank: fc.integer({ min: 1, max: 3 }),
      verdict: fc.constantFrom<CellVerdict['verdict']>('pass', 'fail', 'flaky', 'unsupported', 'skipped', 'broken'),
      failures: fc.uniqueArray(fc.constantFrom('f', 'g', 'h-1', 'h-2'), { minLength: 1, maxLength: 2 }),
      reason: fc.integer({ min: 0, max: 1 }),
    }),
    { maxLength: 8 },
  )
  .map((told) =>
    told
      .filter((one, index) => told.findIndex((other) => other.pin === one.pin && other.rank === one.rank) === index)
      .map(({ rank, failures, ...cell }) =>
        cellOf({ ...cell, config: { rank }, ...(cell.verdict === 'fail' ? { failures } : {}) }),
      ),
  );

const bothPins = [pinOf({}), pinOf({ id: 'peft-0.20.0' })];
const anyCampaign = anyCells.map((cells) => campaignOf(cells, { pins: bothPins }));

test('a campaign compared with itself is the same', () => {
  fc.assert(
    fc.property(anyCampaign, (campaign) => {
      const found = compareCampaigns(campaign, campaign);
      expect(found.changes.filter(({ change }) => change !== 'same')).toEqual([]);
      expect(found.counts.same).toBe(campaign.report.failures.length);
      expect(found.reasons).toEqual([]);
    }),
  );
});

test('what is said stands on cells that both asked', () => {
  fc.assert(
    fc.property(anyCampaign, anyCampaign, (a, b) => {
      const found = compareCampaigns(a, b);
      for (const { change, seen, cells } of found.changes) {
        const proof = {
          regressed: seen.passed,
          fixed: seen.passed,
          new: seen.unsupported,
          gone: seen.unsupported,
          changed: seen.otherwise,
          'not-asked': seen.inconclusive === cells ? 1 : 0,
          same: 1,
        };
        expect(proof[change]).toBeGreaterThan(0);
        const total = Object.values(seen).reduce((sum, count) => sum + count, 0);
        expect(total).toBe(cells);
      }
      expect(formatDiffJson(found)).toContain('"regressed"');
      expect(Object.keys(found.counts).toSorted()).toEqual(changeKinds.toSorted());
    }),
  );
});

test('every failure of both campaigns is told', () => {
  fc.assert(
    fc.property(anyCampaign, anyCampaign, (a, b) => {
      const { changes } = compareCampaigns(a, b);
      const told = new Set(changes.flatMap(({ failure, was = [], becomes = [] }) => [failure, ...was, ...becomes]));
      for (const { id } of [...a.report.failures, ...b.report.failures]) expect([...told]).toContain(id);
    }),
  );
});

test('a regression is fixed the other way round', () => {
  fc.assert(
    fc.property(anyCampaign, (a) => {
      const cells = (a.verdicts?.cells ?? []).map((cell) => cellOf({ pin: cell.pin, config: cell.config }));
      const sound = campaignOf(cells, { pins: bothPins });
      const there = compareCampaigns(sound, a).changes.map(({ change, failure }) => [change, failure]);
      const back = compareCampaigns(a, sound).changes.map(({ change, failure }) => [
        change === 'fixed' ? 'regressed' : change,
        failure,
      ]);
      expect(there).toEqual(back);
    }),
  );
});
