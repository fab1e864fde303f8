import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteDataOf, usualSize } from '../fixtures/site-data.ts';
import { siteOnDisk, type SiteOnDisk } from './fixtures/browser.ts';

const data = siteDataOf({ ...usualSize, releases: 8, methods: 9 });
const failure = Object.keys(data.matrix.failures)[0] ?? '';

const addresses: Readonly<Record<string, string>> = {
  matrix: '#/matrix?on=cpu-gloo-2',
  'matrix with evidence': '#/matrix?on=cpu-gloo-2&cell=lora%400.20.0',
  'matrix without a method': '#/matrix?q=no-such-method',
  'will it work': '#/check?method=dora&sharding=fsdp1&release=0.20.0',
  'will it work, unknown': '#/check?method=none&on=cuda-nccl-2',
  'will it work, not here': '#/check?method=lora&release=0.1.0',
  'matrix, not here': '#/matrix?sharding=deepspeed',
  failures: '#/failures?on=cpu-gloo-2',
  failure: `#/failure/${failure}`,
  'no such failure': '#/failure/000000000000',
  method: '#/method/lora?on=cpu-gloo-2',
  'method with evidence': '#/method/lora?on=cpu-gloo-2&cell=%5B%22ddp%22%2C%22fp32%22%5D%400.20.0',
  'no such method': '#/method/nothing',
  release: '#/release/0.20.0?on=cpu-gloo-2',
  'no such release': '#/release/9.9.9',
  night: '#/night',
  'the first night': '#/night?campaign=2026-11-23-a1b2',
  'no such page': '#/nothing',
  'heat map': '#/map?on=cpu-gloo-2',
};

let site: SiteOnDisk;
let axe: string;

beforeAll(async () => {
  site = await siteOnDisk(data);
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
});

afterAll(() => site[Symbol.asyncDispose]());

/** What axe calls a violation, with the elements that it names. */
const violations = async (page: Page): Promise<readonly string[]> => {
  // Evaluated by the debugger, because the page's own policy lets no other script in.
  await page.evaluate(axe);
  const found = await page.evaluate<AxeResults>('axe.run()');
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
};

describe.each(Object.entries(addresses))('the page "%s"', { tags: ['browser'] }, (_name, address) => {
  test.each(['light', 'dark'] as const)('is accessible and quiet in a %s theme', async (colorScheme) => {
    await using opened = await site.open(address, { colorScheme });
    // Text in what is closed is looked at, too.
    await opened.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
    expect(await violations(opened.page)).toEqual([]);
    expect(opened.troubles).toEqual([]);
  });

  test('fits a phone of 360 pixels', async () => {
    await using opened = await site.open(address, { width: 360, height: 740 });
    expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    const cutOff =
      "[...document.querySelectorAll('.top a')].filter((each) => each.getBoundingClientRect().right > 360)";
    expect(await opened.page.evaluate(`${cutOff}.map((each) => each.textContent)`)).toEqual([]);
  });

  test('prints', async () => {
    await using opened = await site.open(address);
    await opened.page.emulateMedia({ media: 'print' });
    const useless = '.top nav, .theme, .segments label:not(.chosen)';
    expect(await opened.page.locator(useless).filter({ visible: true }).count()).toBe(0);
    const empty =
      "[...document.querySelectorAll('input')].filter((each) => each.type === 'search' && each.value === '')";
    expect(await opened.page.evaluate(`${empty}.filter((each) => each.checkVisibility()).length`)).toBe(0);
    const hidden = await opened.page.evaluate(
      "[...document.querySelectorAll('.scroll, .panel')].filter((each) => each.scrollHeight > each.clientHeight + 1).length",
    );
    expect(hidden).toBe(0);
    expect((await opened.page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
  });
});

test(
  'a failure shows its losses beside those it is compared with, and the numbers',
  { tags: ['browser'] },
  async () => {
    await using opened = await site.open(`#/failure/${failure}`);
    const { page } = opened;
    const region = page.getByRole('region', { name: 'Losses by step' });
    expect(await region.locator('polyline').count()).toBe(3);
    // The cell has no third loss that could be drawn.
    expect(await region.locator('.cell circle').count()).toBe(2);
    expect(await region.locator('.other circle').count()).toBe(6);
    const numbers = page.locator('details:has([aria-label="Numbers of the losses"])');
    await numbers.locator('summary').click();
    const rows = await numbers.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s+/u).slice(0, 6).join(' '))).toEqual([
      '1 3.718 3.718 (equal) 3.718 (equal)',
      '2 3.702 3.651 (1.4 %) 3.66',
      '3 – 3.588 (not finite) 3.601',
    ]);
  },
);

test('losses that lie on each other are told in words', { tags: ['browser'] }, async () => {
  await using opened = await site.open(`#/failure/${failure}`);
  expect(await opened.page.locator('.apart li').allInnerTexts()).toEqual([
    'sharding=none: at most 1.4 % apart, at step 2; at step 3 only one of them is finite',
    `on peft-${data.matrix.releases[0]}: at most 1.1 % apart, at step 2; at step 3 only one of them is finite`,
  ]);
});

test('on a phone the losses are smaller, not cut, and a sign stays with its words', { tags: ['browser'] }, async () => {
  await using opened = await site.open(`#/failure/${failure}`, { width: 360, height: 740 });
  const { page } = opened;
  const isCut = 'document.querySelector(\'[aria-label="Losses by step"]\').scrollWidth > 336';
  expect(await page.evaluate(isCut)).toBe(false);
  const broken =
    "[...document.querySelectorAll('.key .sign')].filter((each) => each.firstElementChild.offsetTop > each.offsetTop + each.offsetHeight)";
  expect(await page.evaluate(`${broken}.length`)).toBe(0);
  expect(await page.locator('.key .sign').count()).toBeGreaterThan(5);
});

test('on paper the signs have their colours, and the numbers are there', { tags: ['browser'] }, async () => {
  await using opened = await site.open(`#/failure/${failure}`);
  const { page } = opened;
  await page.emulateMedia({ media: 'print' });
  const colours = "[...document.querySelectorAll('.key .dot')].map((each) => getComputedStyle(each).printColorAdjust)";
  expect(new Set(await page.evaluate<string[]>(colours))).toEqual(new Set(['exact']));
  const tables = page.locator('details', { hasText: 'The numbers' }).locator('table');
  expect(await tables.count()).toBe(3);
  expect(await tables.filter({ visible: true }).count()).toBe(3);
});

test('a failure says of which day and matrix the campaigns are that show it', { tags: ['browser'] }, async () => {
  await using opened = await site.open(`#/failure/${failure}`);
  const campaigns = opened.page.locator('section', { hasText: 'Campaigns that show it' }).locator('li');
  expect(await campaigns.first().innerText()).toBe('2026-11-24-c3d4 of 2026-11-24 03:41 UTC, matrix history');
});

test('an address that is no page is said to be none', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/nothing');
  const { page } = opened;
  expect(await page.locator('h1').innerText()).toBe('No such page');
  expect(await page.title()).toBe('Not here · peft-matrix');
  await page.getByRole('link', { name: 'the matrix' }).click();
  expect(await page.title()).toBe('Support matrix · peft-matrix');
});

test('on paper it says on what it was measured, and which sharding is meant', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/matrix?on=cpu-gloo-2&sharding=fsdp1');
  await opened.page.emulateMedia({ media: 'print' });
  const said = await opened.page.locator('.segments label').filter({ visible: true }).allInnerTexts();
  expect(said).toEqual(['CPU, gloo, 2 ranks', 'fsdp1', 'all']);
});

test('what is chosen can be read, also under the mouse', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/matrix?on=cpu-gloo-2');
  const chosen = opened.page.locator('.segments .chosen').first();
  const ground = (): Promise<unknown> =>
    opened.page.evaluate("getComputedStyle(document.querySelector('.segments .chosen')).backgroundColor");
  const before = await ground();
  await chosen.hover();
  expect(await ground()).toBe(before);
});

test('a failure shows the nights that told of it', { tags: ['browser'] }, async () => {
  await using opened = await site.open(`#/failure/${failure}`);
  const nights = opened.page.locator('details:has([aria-label="Numbers of the timeline by night"])');
  await nights.locator('summary').click();
  const told = await nights.locator('tr').allInnerTexts();
  expect(told.map((row) => row.trim().split(/\s*\t\s*/u))).toEqual([
    ['2026-11-23', '2026-11-24', '2026-11-25'],
    ['history, local', 'found: 3', 'same: 3', 'regressed: 3'],
  ]);
});

test('a night says what broke as the terminal counts it, and what brought it', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/night');
  const { page } = opened;
  // A failure that was hidden behind another one broke, too.
  expect(await page.getByRole('status').innerText()).toContain('3 broke, 0 found, 1 mended.');
  const [id = ''] = Object.entries(data.failures).find(([, { bisected }]) => bisected !== undefined) ?? [];
  const [culprit] = data.failures[id]?.bisected?.culprits ?? [];
  const line = page.locator('li').filter({ hasText: id }).first();
  expect(await line.innerText()).toContain(`culprit: peft ${culprit?.before} → ${culprit?.after}`);
  const campaigns = await page.getByLabel('Night').locator('option').allInnerTexts();
  expect(campaigns.at(-1)).toContain('2026-11-23-a1b2');
});

test('the first night shows what it found, and claims nothing of what broke', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/night?campaign=2026-11-23-a1b2');
  expect(await opened.page.getByRole('status').innerText()).toContain('The first: 1 found');
  expect(await opened.page.locator('main a.code').allInnerTexts()).toEqual([failure]);
});

test('the theme is the chosen one, also after the page is opened again', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/matrix', { colorScheme: 'dark' });
  const { page } = opened;
  const ground = (): Promise<unknown> => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.getByRole('button', { name: 'Theme: system' }).click();
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.reload();
  await page.locator('h1').waitFor();
  expect(await ground()).toBe(light);
  await page.getByRole('button', { name: 'Theme: light' }).click();
  expect(await ground()).toBe(dark);
});
