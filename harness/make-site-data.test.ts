import { beforeAll, expect, test } from 'vitest';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import type { FoundBisect } from '../reports/bisect-model.ts';
import { culpritOf } from '../reports/fixtures/bisects.ts';
import { eventfulReport, failureOf, pinOf } from '../reports/fixtures/reports.ts';
import { cellOf, eventfulVerdicts, verdictsOf } from '../reports/fixtures/verdicts.ts';
import { siteDataSchema, type SiteData } from '../reports/site/site-model.ts';
import { makeSiteData } from './make-site-data.ts';
import { makeSupportMatrix } from './make-support-matrix.ts';
import type { StoredCampaign } from './newest-verdicts.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const dataOf = (
  campaigns: readonly StoredCampaign[],
  bisects: ReadonlyMap<string, FoundBisect> = new Map(),
): SiteData =>
  makeSiteData({ matrix: makeSupportMatrix(campaigns, catalogue), campaigns, nights: [], bisects, catalogue });

const eventful: StoredCampaign = { report: eventfulReport, verdicts: eventfulVerdicts };

test('data are what the schema promises, and every failure of the matrix has its details', () => {
  const data = dataOf([eventful]);
  expect(siteDataSchema.parse(data)).toEqual(data);
  expect(Object.keys(data.failures)).toEqual(Object.keys(data.matrix.failures));
  expect(Object.keys(data.failures)).not.toEqual([]);
});

test('a failure is told as the newest campaign tells it', () => {
  const [older, newer] = [1, 2].map((day): StoredCampaign => {
    const campaign = { ...eventfulReport.campaign, id: `c${day}`, finishedAt: `2026-11-0${day}T00:00:00.000Z` };
    const failures = [failureOf({ id: 'f', replay: `npx peft-matrix replay f --day ${day}` })];
    const cells = [cellOf({ verdict: 'fail', failures: ['f'] })];
    return { report: { ...eventfulReport, campaign, failures }, verdicts: verdictsOf({ cells }) };
  });
  expect(older === undefined || newer === undefined ? {} : dataOf([older, newer]).failures).toMatchObject({
    f: { replay: 'npx peft-matrix replay f --day 2' },
  });
});

test('what a bisect found stands with its failure', () => {
  const [id = ''] = Object.keys(dataOf([eventful]).failures);
  const bisect: FoundBisect = {
    since: { package: 'peft', version: '0.12.0' },
    culprits: [culpritOf()],
  };
  const { failures } = dataOf([eventful], new Map([[id, bisect]]));
  expect(failures[id]?.bisected).toEqual({
    since: { package: 'peft', version: '0.12.0' },
    culprits: [{ kind: 'introduced', package: 'peft', before: '0.11.1', after: '0.12.0', confirmed: true }],
  });
});

test('a config that passed is there as PEFT was given it', () => {
  const verdicts = verdictsOf({ cells: [cellOf({ config: { adapter: 'dora', rank: 8 } }), cellOf({ config: {} })] });
  const { recipes, matrix } = dataOf([{ report: { ...eventfulReport, failures: [], pins: [pinOf({})] }, verdicts }]);
  // Full fine-tuning has none.
  expect(recipes.map(({ method }) => method)).toEqual(['dora']);
  expect(matrix.configs[recipes[0]?.config ?? -1]).toEqual({ rank: 8 });
  expect(recipes[0]?.adapterConfig).toMatchObject({ r: 8, use_dora: true, task_type: 'CAUSAL_LM' });
});
