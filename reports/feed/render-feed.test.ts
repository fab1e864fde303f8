import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareCampaigns } from '../diff/compare-campaigns.ts';
import type { CampaignDiff } from '../diff/diff-model.ts';
import { hostileReport, hostileVerdicts } from '../fixtures/hostile.ts';
import { allElements, parseXml, type ParsedElement } from '../fixtures/parse-xml.ts';
import { failureOf, quietReport } from '../fixtures/reports.ts';
import { cellOf, verdictsOf } from '../fixtures/verdicts.ts';
import { renderFeed } from './render-feed.ts';

const asOf = '2026-11-24T00:00:00.000Z';

const night = (day: number, failing: boolean): Parameters<typeof compareCampaigns>[0] => {
  const campaign = { ...quietReport.campaign, id: `night-${day}`, finishedAt: `2026-11-2${day}T00:00:00.000Z` };
  const cell = failing ? cellOf({ verdict: 'fail', failures: ['f'] }) : cellOf();
  const failures = failing ? [failureOf({ id: 'f', pins: [cell.pin] })] : [];
  return { report: { ...quietReport, campaign, failures }, verdicts: verdictsOf({ cells: [cell] }) };
};

const diffs = [
  compareCampaigns(night(1, false), night(2, true)),
  compareCampaigns(night(2, true), night(3, true)),
  compareCampaigns(night(3, true), night(4, false)),
];

const textOf = (element: ParsedElement | undefined, name: string): string | undefined =>
  element?.children.find((child) => child.name === name)?.text;

const entriesOf = (feed: string): readonly ParsedElement[] =>
  parseXml(feed).children.filter(({ name }) => name === 'entry');

test('tells what broke and what was mended, once each and newest first', () => {
  const feed = renderFeed(diffs, asOf);
  expect(entriesOf(feed).map((entry) => [textOf(entry, 'title'), textOf(entry, 'updated')])).toEqual([
    ['Fixed: IndexError: tuple index out of range', '2026-11-24T00:00:00.000Z'],
    ['Regressed: IndexError: tuple index out of range', '2026-11-22T00:00:00.000Z'],
  ]);
  expect(renderFeed(diffs, asOf)).toBe(feed);
});

test('an entry keeps its id when others come', () => {
  const [first] = entriesOf(renderFeed(diffs.slice(0, 1), asOf));
  expect(textOf(first, 'id')).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/u);
  expect(textOf(entriesOf(renderFeed(diffs, asOf)).at(-1), 'id')).toBe(textOf(first, 'id'));
});

const count = (element: ParsedElement, name: string): number =>
  element.children.filter((child) => child.name === name).length;

/** What of that which RFC 4287 demands of a feed and its entries is not so. */
const atomProblems = (feed: string): readonly string[] => {
  const root = parseXml(feed);
  const elements = [root, ...entriesOf(feed)];
  const ids = elements.map((element) => textOf(element, 'id'));
  return [
    ...(root.name === 'feed' && root.attributes['xmlns'] === 'http://www.w3.org/2005/Atom' ? [] : ['is no feed']),
    ...(count(root, 'author') === 1 ? [] : ['has no author']),
    ...elements.flatMap((element) =>
      ['id', 'title', 'updated'].filter((name) => count(element, name) !== 1).map((name) => `not one ${name}`),
    ),
    ...elements.filter((element) => Number.isNaN(Date.parse(textOf(element, 'updated') ?? ''))).map(() => 'no time'),
    ...(new Set(ids).size === ids.length ? [] : ['ids are not unique']),
  ];
};

test('is what Atom demands, with news and without', () => {
  expect(atomProblems(renderFeed(diffs, asOf))).toEqual([]);
  expect(atomProblems(renderFeed([], asOf))).toEqual([]);
});

/** Every failure of a hostile campaign is news. */
const hostileDiff: fc.Arbitrary<CampaignDiff> = hostileReport.chain((report) =>
  hostileVerdicts(report).map((verdicts) => {
    const failures = report.failures.map((failure, index) => ({
      ...failure,
      id: `f${index}`,
      pins: [report.pins[0]?.id ?? ''],
    }));
    const cells = verdicts.cells.map((cell) => (cell.verdict === 'fail' ? { ...cell, failures: ['f0', 'f1'] } : cell));
    const sound = verdicts.cells.map(({ pin, config }) => cellOf({ pin, config }));
    return compareCampaigns(
      { report: { ...report, failures: [] }, verdicts: { ...verdicts, cells: sound } },
      { report: { ...report, failures }, verdicts: { ...verdicts, cells } },
    );
  }),
);

test('is well-formed and plain text, whatever is in it', () => {
  fc.assert(
    fc.property(hostileDiff, (diff) => {
      const feed = renderFeed([diff], asOf);
      expect(atomProblems(feed)).toEqual([]);
      expect(entriesOf(feed).length).toBeGreaterThan(0);
      const names = new Set(allElements(parseXml(feed)).map(({ name }) => name));
      expect([...names].toSorted()).toEqual([
        'author',
        'category',
        'content',
        'entry',
        'feed',
        'id',
        'name',
        'title',
        'updated',
      ]);
      const contents = allElements(parseXml(feed)).filter(({ name }) => name === 'content');
      expect(contents.every(({ attributes }) => attributes['type'] === 'text')).toBe(true);
    }),
  );
});

test('ten megabytes of one message are cut', () => {
  const [diff] = diffs;
  const changes = (diff?.changes ?? []).map((change) => ({ ...change, message: '<&'.repeat(5_000_000) }));
  expect(renderFeed(diff === undefined ? [] : [{ ...diff, changes }], asOf).length).toBeLessThan(20_000);
});
