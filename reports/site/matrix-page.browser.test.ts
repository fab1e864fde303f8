import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteDataOf, usualSize } from '../fixtures/site-data.ts';
import { combineCells } from '../support-matrix/combine-states.ts';
import { siteOnDisk, type SiteOnDisk } from './fixtures/browser.ts';
import { runsOf } from './model/words.ts';

const data = siteDataOf({ ...usualSize, releases: 8, methods: 12 });
const [newest = '', before = ''] = data.matrix.releases.toReversed();

let site: SiteOnDisk;

beforeAll(async () => {
  site = await siteOnDisk(data);
});

afterAll(() => site[Symbol.asyncDispose]());

const place = (page: Page, method: string, release: string): Locator =>
  page.locator(`button[data-line="${method}"][data-release="${release}"]`);

const address = (page: Page): Promise<string> => page.evaluate('decodeURIComponent(location.hash)');

describe('the matrix', { tags: ['browser'] }, () => {
  test('shows CPU and CUDA apart, and every place says its state in words', async () => {
    await using opened = await site.open('#/matrix?on=cpu-gloo-2');
    const { page } = opened;
    const row = data.matrix.rows.filter(({ evidence, method }) => evidence === 1 && method === 'lora');
    const passed = row.reduce((sum, { cells }) => sum + (cells[newest]?.pass ?? 0), 0);
    const runs = row.reduce((sum, { cells }) => sum + runsOf(combineCells([cells[newest]])), 0);
    const name = await place(page, 'lora', newest).getAttribute('aria-label');
    expect(name).toMatch(
      new RegExp(
        `^lora ${RegExp.escape(newest)} works( partly)?, ${passed}(/\\d+)? ${runs === 1 ? 'run' : 'runs'} passed$`,
        'u',
      ),
    );
    await page.getByLabel('CUDA, NCCL, 2 ranks', { exact: true }).check();
    expect(await address(page)).toContain('on=cuda-nccl-2');
    await expect.poll(() => place(page, 'lora', newest).getAttribute('aria-label')).not.toBe(name);
  });

  test('keeps filters in the address, through reload, back and forward', async () => {
    await using opened = await site.open('#/matrix');
    const { page } = opened;
    await page.getByLabel('fsdp1', { exact: true }).check();
    // One process is not sharded: the table moves to where it was.
    expect(await address(page)).toBe('#/matrix?on=cpu-gloo-2&sharding=fsdp1');
    await page.getByLabel('bf16', { exact: true }).check();
    await page.getByRole('searchbox', { name: 'Method' }).fill('ora');
    expect(await address(page)).toBe('#/matrix?on=cpu-gloo-2&precision=bf16&q=ora&sharding=fsdp1');
    const shown = data.matrix.methods.filter(({ name }) => name.includes('ora')).length;
    await expect.poll(() => page.locator('tbody tr').count()).toBe(shown);
    expect(await page.getByRole('status').first().textContent()).toMatch(new RegExp(`^${shown} methods`, 'u'));
    await page.reload();
    await page.locator('h1').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(shown);
    expect(await page.getByLabel('bf16').isChecked()).toBe(true);
    await page.goBack();
    await expect.poll(() => page.getByLabel('bf16').isChecked()).toBe(false);
    await page.goForward();
    await expect.poll(() => page.getByLabel('bf16').isChecked()).toBe(true);
    expect(await page.getByRole('searchbox', { name: 'Method' }).inputValue()).toBe('ora');
    expect(opened.troubles).toEqual([]);
  });

  test('shows methods with a release of a state', async () => {
    await using opened = await site.open('#/matrix?on=cpu-gloo-2&sharding=ddp&precision=bf16');
    const { page } = opened;
    await page.getByLabel('With a release that').selectOption('fails');
    expect(await address(page)).toContain('state=fails');
    await expect.poll(() => page.locator('tbody tr:not(:has(button.fails))').count()).toBe(0);
    expect(await page.locator('tbody tr').count()).toBeGreaterThan(0);
  });

  test('is one stop of the tab key, and arrow keys move in it', async () => {
    await using opened = await site.open('#/matrix?on=cpu-gloo-2');
    const { page } = opened;
    const stops = (): Promise<unknown> =>
      page.evaluate('document.querySelectorAll(\'[role="grid"] [tabindex="0"]\').length');
    const focused = (): Promise<unknown> =>
      page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent');
    expect(await stops()).toBe(1);
    await page.getByLabel('With a release that').focus();
    await page.keyboard.press('Tab');
    expect(await focused()).toMatch(new RegExp(`^none ${RegExp.escape(newest)} `, 'u'));
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toMatch(new RegExp(`^lora ${RegExp.escape(newest)} `, 'u'));
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toMatch(new RegExp(`^lora ${RegExp.escape(before)} `, 'u'));
    await page.keyboard.press('Home');
    expect(await focused()).toMatch(new RegExp(`^lora ${RegExp.escape(data.matrix.releases[0] ?? '')} `, 'u'));
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('lora');
    await page.keyboard.press('End');
    await page.keyboard.press('PageUp');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toBe(newest);
    await page.keyboard.press('Control+End');
    const last = data.matrix.methods.at(-1)?.name ?? '';
    expect(await focused()).toMatch(new RegExp(`^${last} ${RegExp.escape(newest)} `, 'u'));
    expect(await stops()).toBe(1);
    // Still one when the line that was the stop is filtered away.
    await page.getByRole('searchbox', { name: 'Method' }).fill('dora');
    await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
    expect(await stops()).toBe(1);
  });

  test('shows the evidence of a place with one press of a key, and gives the focus back', async () => {
    await using opened = await site.open('#/matrix?on=cpu-gloo-2');
    const { page } = opened;
    await place(page, 'dora', before).focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary');
    await panel.waitFor();
    expect(await address(page)).toBe(`#/matrix?cell=dora@${before}&on=cpu-gloo-2`);
    expect(await page.evaluate('document.activeElement.id')).toBe('evidence');
    const text = (await panel.textContent()) ?? '';
    for (const sharding of ['ddp, fp32', 'fsdp1, bf16']) expect(text).toContain(sharding);
    expect(text).toContain('Measured on CPU, gloo, 2 ranks');
    expect(text).toMatch(/\d+ of \d+ runs? passed/u);
    expect(text).toContain(`peft`);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.dataset.line')).toBe('dora');
  });

  test('names every failure of a place with its command', async () => {
    const failing = data.matrix.rows
      .filter(({ evidence }) => evidence === 1)
      .flatMap(({ method, cells }) =>
        Object.entries(cells).flatMap(([release, { failures = [] }]) =>
          failures.map(({ id }) => ({ method, release, id })),
        ),
      )[0];
    await using opened = await site.open('#/matrix?on=cpu-gloo-2');
    await place(opened.page, failing?.method ?? '', failing?.release ?? '').click();
    const panel = opened.page.getByRole('complementary');
    expect(await panel.textContent()).toContain(`npx peft-matrix replay ${failing?.id}`);
    await panel
      .getByRole('link', { name: failing?.id ?? '' })
      .first()
      .click();
    await opened.page.getByRole('heading', { level: 1, name: failing?.id ?? '' }).waitFor();
    expect(await opened.page.evaluate('document.activeElement.tagName')).toBe('H1');
    expect(opened.troubles).toEqual([]);
  });

  test('has a link that skips to the content, and leaves the address alone', async () => {
    await using opened = await site.open('#/matrix?on=cpu');
    await opened.page.keyboard.press('Tab');
    expect(await opened.page.evaluate('document.activeElement.textContent')).toBe('Skip to content');
    await opened.page.keyboard.press('Enter');
    expect(await opened.page.evaluate('document.activeElement.id')).toBe('main');
    expect(await address(opened.page)).toBe('#/matrix?on=cpu');
  });
});
