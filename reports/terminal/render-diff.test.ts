import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareCampaigns } from '../diff/compare-campaigns.ts';
import { hostileReport, hostileVerdicts } from '../fixtures/hostile.ts';
import { failureOf, pinOf, quietReport } from '../fixtures/reports.ts';
import { cellOf, verdictsOf } from '../fixtures/verdicts.ts';
import type { CellVerdict } from '../verdicts-model.ts';
import { renderDiff } from './render-diff.ts';

const options = { colour: false, width: 100 };

const failure = (id: string): ReturnType<typeof failureOf> =>
  failureOf({ id, signature: id, pins: ['peft-0.21.2'], minimal: { adapter: id } });

const fail = (adapter: string, id: string): CellVerdict =>
  cellOf({ config: { adapter }, verdict: 'fail', failures: [id] });

test('campaigns that have no pin in common are not compared, and that is no success', () => {
  const verdicts = verdictsOf({ cells: [] });
  const diff = compareCampaigns(
    { report: { ...quietReport, pins: [pinOf({ id: 'old' })] }, verdicts },
    { report: quietReport, verdicts },
  );
  expect(renderDiff(diff, { ...options, width: 200 })).toMatch(/exit 4: nothing was compared, for no pin is in both/u);
});

test('what changed, with the evidence; what did not is counted', () => {
  const known = { id: 'k', kind: 'bug', title: 't', link: 'https://example.org' } as const;
  const cells = [
    cellOf({ config: { adapter: 'a' } }),
    cellOf({ config: { adapter: 'b' } }),
    cellOf({ config: { adapter: 'c' }, verdict: 'unsupported', reason: 0 }),
  ];
  const reasons = [{ because: 'too old' }];
  const diff = compareCampaigns(
    {
      report: { ...quietReport, pins: [pinOf({}), pinOf({ id: 'old' })], failures: [failure('x'), failure('s')] },
      verdicts: verdictsOf({ reasons, cells: [...cells, fail('d', 'x'), fail('e', 's')] }),
    },
    {
      report: { ...quietReport, failures: [failure('r'), { ...failure('y'), known }, failure('s')] },
      verdicts: verdictsOf({
        reasons: [{ because: 'refused' }],
        cells: [
          fail('a', 'r'),
          fail('b', 'r'),
          { ...(cells[2] ?? cellOf()), reason: 0 },
          fail('d', 'y'),
          fail('e', 's'),
        ],
      }),
    },
  );
  expect(renderDiff(diff, options)).toMatchInlineSnapshot(`
    "A: 2026-11-22-7c1e (local, 2026-11-22T02:03:07.000Z)
    B: 2026-11-22-7c1e (local, 2026-11-22T02:03:07.000Z)
    compared: peft-0.21.2
    only in A: old

    REGRESSED  r  runs/train
               IndexError: tuple index out of range
               config adapter=r
               such as adapter=a
               pins peft-0.21.2; of 2 cells, in A: 2 passed

    CHANGED    y  runs/train
               IndexError: tuple index out of range
               config adapter=y
               such as adapter=d
               pins peft-0.21.2; of 1 cell, in A: 1 failed in another way
               was x
               known as k

    REASON     1 unsupported cell, peft-0.21.2
               was too old
               now refused

    1 regressed, 0 new, 1 changed, 0 fixed, 0 gone, 0 not asked, 1 same; 1 other reason of what is unsupported
    exit 1: something regressed
    "
  `);
});

test('nothing of it acts on a terminal', () => {
  fc.assert(
    fc.property(
      hostileReport.chain((report) => hostileVerdicts(report).map((verdicts) => ({ report, verdicts }))),
      hostileReport.chain((report) => hostileVerdicts(report).map((verdicts) => ({ report, verdicts }))),
      (a, b) => {
        const text = renderDiff(compareCampaigns(a, b), options);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(text).toMatch(/\nexit [014]: /u);
      },
    ),
  );
});
