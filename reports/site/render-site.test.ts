import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { siteDataOf, usualSize } from '../fixtures/site-data.ts';
import { buildApp } from './build-app.ts';
import { harmlessData } from './harmless-data.ts';
import { inlineData } from './inline-data.ts';
import { makePage } from './page.ts';
import { renderSite } from './render-site.ts';
import { siteTemplate } from './site-template.ts';

const dataIn = (html: string): unknown => {
  const [, type, text = ''] = /<script type="([^"]+)" id="data">([^<]*)<\/script>/u.exec(html) ?? [];
  return JSON.parse(type === 'application/gzip' ? gunzipSync(Buffer.from(text, 'base64')).toString() : text);
};

describe('the page', () => {
  test('is at most 150 kB without data', async () => {
    expect(Buffer.byteLength(await siteTemplate())).toBeLessThan(150_000);
  });

  test('loads nothing: it names no other file and no address but that of the SVG name space', async () => {
    const page = await siteTemplate();
    expect(page).not.toMatch(/<link|<img|<iframe|\ssrc=|@import|\burl\(|sourceMappingURL/u);
    const addresses = page.match(/https?:\/\/[^"'`\s]+/gu) ?? [];
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  });

  test('is the same whenever it is built', async () => {
    // The one that is kept may have been built by another process, in another environment.
    const page = makePage(await buildApp());
    expect(page).toBe(await siteTemplate());
    expect(page).not.toContain(import.meta.dirname);
  });

  test('carries the data that it was given', async () => {
    for (const size of [{ ...usualSize, releases: 3, methods: 3 }, usualSize]) {
      const data = siteDataOf(size);
      expect(dataIn(renderSite(data, await siteTemplate()))).toEqual(JSON.parse(JSON.stringify(data)));
    }
  });

  test('refuses data that are not what the schema promises', async () => {
    const data = siteDataOf({ ...usualSize, releases: 2, methods: 2 });
    const template = await siteTemplate();
    expect(() => renderSite({ ...data, nights: [], matrix: { ...data.matrix, asOf: 'yesterday' } }, template)).toThrow(
      'asOf',
    );
  });
});

test('what is inlined ends with its own element, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(hostileText), (texts) => {
      const html = inlineData({ texts });
      expect(html.match(/</gu)).toHaveLength(2);
      expect(html).not.toMatch(/[\u2028\u2029]/u);
      expect(dataIn(html)).toEqual(JSON.parse(JSON.stringify({ texts })));
    }),
  );
});

test('what is harmless is seen as it is, in every name and value, and nothing is longer than the limit', () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, fc.array(hostileText)), (data) => {
      const shown = JSON.stringify(harmlessData(data, 50));
      expect(shown).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/u);
      expect(shown).not.toMatch(/\\u00[01]|\\ud[89a-f]/u);
      for (const texts of Object.values(harmlessData(data, 50))) {
        for (const text of texts) expect(text.length).toBeLessThan(50 * 9 + 60);
      }
    }),
  );
});

test('references by name still fit when the names were changed', () => {
  const data = { failures: { 'a\u202E': 1 }, cells: [{ id: 'a\u202E' }] };
  const { failures, cells } = harmlessData(data);
  expect(Object.keys(failures)).toEqual(cells.map(({ id }) => id));
});
