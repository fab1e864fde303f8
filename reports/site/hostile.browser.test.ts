import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { siteDataOf, usualSize } from '../fixtures/site-data.ts';
import { siteOnDisk, type SiteOnDisk } from './fixtures/browser.ts';
import { hostileSite } from './fixtures/hostile-site.ts';
import { harmlessData } from './harmless-data.ts';

const data = hostileSite(siteDataOf({ ...usualSize, releases: 4, methods: 4 }));
const method = data.matrix.methods[1]?.name ?? '';
const release = data.matrix.releases.at(-1) ?? '';
const failure = Object.keys(data.matrix.failures)[0] ?? '';

let site: SiteOnDisk;

beforeAll(async () => {
  site = await siteOnDisk(data);
});

afterAll(() => site[Symbol.asyncDispose]());

describe('data that wants to be more than text', { tags: ['browser'] }, () => {
  test('are text, on every page', async () => {
    for (const name of [method, release, failure]) expect(name).toContain('<img src=x onerror=');
    await using opened = await site.open('#/matrix');
    const { page } = opened;
    const places = page.locator('tbody tr:nth-child(2) button');
    // As it was given, but for what cannot be seen.
    expect(await places.first().getAttribute('data-line')).toBe(harmlessData(method));
    await places.first().click();
    await page.getByRole('complementary').waitFor();
    const pages = ['matrix', 'check', 'failures', 'night', 'map'].map((name) => `#/${name}`);
    const named = Object.entries({ method, release, failure }).map(
      ([name, id]) => `#/${name}/${encodeURIComponent(harmlessData(id))}`,
    );
    for (const hash of [...pages, ...named]) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })");
      expect(await page.locator('h1').count()).toBe(1);
      const foreign = await page.evaluate(
        "document.querySelectorAll('img, iframe, object, embed, script:not(body > script), [onerror], [onclick], style:not(head > style)').length",
      );
      expect(foreign).toBe(0);
      const links = await page.evaluate<string[]>(
        "[...document.querySelectorAll('a[href]')].map((each) => each.protocol)",
      );
      expect(links.filter((protocol) => protocol !== 'file:' && protocol !== 'https:')).toEqual([]);
      // Bidirectional overrides and escapes are seen, and do nothing.
      expect(
        await page.evaluate(String.raw`/[\u202A-\u202E\u2066-\u2069\u001B\u0000]/u.test(document.body.innerText)`),
      ).toBe(false);
    }
    expect(await page.evaluate('window.hacked')).toBe(undefined);
    expect(opened.troubles).toEqual([]);
  });

  test('even a message of ten megabytes', async () => {
    const huge = '<b>A</b>'.repeat(1_300_000);
    const [id = '', details] = Object.entries(data.failures)[0] ?? [];
    expect(details).toBeDefined();
    await using large = await siteOnDisk({
      ...data,
      failures: { ...data.failures, ...(details !== undefined && { [id]: { ...details, detail: huge } }) },
    });
    await using opened = await large.open('#/failures');
    expect(await opened.page.content()).toSatisfy((html: string) => html.length < 1_000_000);
    expect(opened.troubles).toEqual([]);
  });

  test('addresses, too', async () => {
    for (const hash of [
      '#/method/%3Cimg%20src=x%20onerror=alert(1)%3E',
      '#/failure/%',
      '#/failure/constructor',
      '#/matrix?cell=constructor%40toString',
      '#/check?method=constructor&with.constructor=1',
      '#/release/constructor',
      '#/matrix?cell=%22%5D%40<script>',
      '#//',
      '#/__proto__?on=constructor',
    ]) {
      await using opened = await site.open(hash);
      expect(await opened.page.locator('h1').count()).toBe(1);
      expect(opened.troubles).toEqual([]);
    }
  });
});

test('the policy of the page lets nothing in that somebody put there', { tags: ['browser'] }, async () => {
  await using opened = await site.open('#/matrix');
  const { page, troubles } = opened;
  await page.evaluate(`{
    const inline = document.createElement('script');
    inline.textContent = 'window.hacked = 1';
    document.body.append(inline);
    const image = document.createElement('img');
    image.src = 'https://example.org/x.png';
    document.body.append(image);
    document.body.insertAdjacentHTML('beforeend', '<button id="evil" onclick="window.hacked = 2">x</button>');
    document.querySelector('#evil').click();
  }`);
  expect(await page.evaluate('window.hacked')).toBe(undefined);
  await expect
    .poll(() => troubles.filter((trouble) => trouble.includes('Content Security Policy')).length)
    .toBeGreaterThan(2);
});
