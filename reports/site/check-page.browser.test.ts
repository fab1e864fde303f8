import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteDataOf, usualSize } from '../fixtures/site-data.ts';
import type { SupportCell } from '../support-matrix/support-matrix-model.ts';
import { siteOnDisk, type SiteOnDisk } from './fixtures/browser.ts';

const data = siteDataOf({ ...usualSize, releases: 8, methods: 12 });

let site: SiteOnDisk;

beforeAll(async () => {
  site = await siteOnDisk(data);
});

afterAll(() => site[Symbol.asyncDispose]());

const answerOf = (page: Page): Promise<string> => page.locator('#answer').innerText();

/** The address of the question about a place on CPUs with gloo that is as it is wanted. */
const questionAbout = (isWanted: (cell: SupportCell | undefined) => boolean): string => {
  const places = data.matrix.rows
    .filter(({ evidence }) => evidence === 1)
    .flatMap((row) => data.matrix.releases.map((release) => ({ row, release, cell: row.cells[release] })));
  const found = places.find(({ cell }) => isWanted(cell));
  if (found === undefined) throw new Error('the data have no such place');
  const { row, release } = found;
  return `#/check?method=${row.method}&release=${release}&sharding=${row.sharding}&precision=${row.precision}&on=cpu-gloo-2`;
};

const inState =
  (state: string) =>
  (cell: SupportCell | undefined): boolean =>
    (cell?.state ?? 'unknown') === state;

describe('"will it work?"', { tags: ['browser'] }, () => {
  test.each([
    ['works', 'Yes, as far as it was run: every run passed'],
    ['partly', 'It depends: some runs passed, some did not'],
    ['fails', 'Not yet: every run failed'],
    ['not-offered', 'No: this release does not offer it'],
    ['unknown', 'Nobody knows: it was not run'],
  ])('answers what %s', async (state, headline) => {
    await using opened = await site.open(questionAbout(inState(state)));
    expect(await answerOf(opened.page)).toContain(headline);
    // Its files for what passed; the nearest for everything else.
    const headings = await opened.page.getByRole('heading', { level: 2 }).allInnerTexts();
    expect(headings.includes('The nearest that passed')).toBe(state !== 'works');
    expect(headings.includes('Files that say so')).toBe(state === 'works' || state === 'partly');
    expect(opened.troubles).toEqual([]);
  });

  test('gives files of a run that passed, and what is chosen stays through reload', async () => {
    await using opened = await site.open('#/check');
    const { page } = opened;
    await page.getByLabel('Method').selectOption('dora');
    await page.getByLabel('fsdp1', { exact: true }).check();
    await page.getByLabel('PEFT').selectOption('0.20.0');
    const hash = await page.evaluate('location.hash');
    expect(hash).toBe('#/check?method=dora&on=cpu-gloo-2&release=0.20.0&sharding=fsdp1');
    await expect
      .poll(() => page.getByLabel('the accelerate config', { exact: true }).innerText())
      .toContain('distributed_type: FSDP');
    expect(await page.getByLabel('the adapter config', { exact: true }).innerText()).toContain('"r": 4');
    const before = await answerOf(page);
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await page.getByLabel('Method').inputValue()).toBe('dora');
    expect(await answerOf(page)).toBe(before);
    expect(opened.troubles).toEqual([]);
  });

  test.each(['release=0.12.0', 'method=nothing', 'precision=int4', 'sharding=deepspeed', 'on=cuda-nccl-64'])(
    'answers nothing in the name of what is not here: %s',
    async (asked) => {
      await using opened = await site.open(`#/check?${asked}`);
      const { page } = opened;
      expect(await answerOf(page)).toContain('Nobody knows');
      expect(await page.locator('.answer').innerText()).toContain(`nothing of ${asked}`);
      await page.getByRole('button', { name: 'Leave it out' }).click();
      await expect.poll(() => page.evaluate('location.hash')).toBe('#/check');
      expect(await page.locator('.answer').innerText()).not.toContain('nothing of');
    },
  );

  test('takes a sharding back where the kind of evidence does not have it', async () => {
    await using opened = await site.open('#/check?on=cpu-gloo-2&sharding=fsdp1');
    await opened.page.getByLabel('CPU, one process', { exact: true }).check();
    await expect.poll(() => opened.page.evaluate('location.hash')).toBe('#/check?on=cpu');
    expect(await answerOf(opened.page)).not.toBe('');
  });

  test('goes from what failed to the nearest that passed', async () => {
    await using opened = await site.open(questionAbout(inState('fails')));
    const { page } = opened;
    await page.locator('h2:text("The nearest that passed") + ul a').first().click();
    await expect.poll(() => answerOf(page)).toMatch(/every run passed|some runs passed/u);
    await page.goBack();
    await expect.poll(() => answerOf(page)).toContain('Not yet');
  });

  test('answers further values by the runs that had them', async () => {
    const rankOne = data.matrix.configs.findIndex(({ rank }) => rank === 1);
    await using opened = await site.open(questionAbout((cell) => cell?.passed?.includes(rankOne) === true));
    const { page } = opened;
    await page.getByText('Further values').click();
    await page.getByRole('combobox', { name: 'rank' }).selectOption('1');
    await expect.poll(() => answerOf(page)).toContain('Yes: exactly this passed');
    expect(await page.evaluate('location.hash')).toContain('with.rank=1');
  });

  test('takes a sharding to where it was run, and the other way round', async () => {
    await using opened = await site.open('#/check?on=cpu&sharding=none');
    const { page } = opened;
    await page.getByLabel('ddp', { exact: true }).check();
    expect(await page.evaluate('location.hash')).toBe('#/check?on=cpu-gloo-2&sharding=ddp');
    await page.getByLabel('CPU, one process', { exact: true }).check();
    await expect.poll(() => page.getByLabel('none', { exact: true }).isChecked()).toBe(true);
  });
});
