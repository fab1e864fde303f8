import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { parseXml } from '../fixtures/parse-xml.ts';
import { visibleLine, visibleText } from '../text/visible-text.ts';
import { writeXml } from './write-xml.ts';

test('what was written is read back, whatever it is', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (attribute, content) => {
      const { attributes, text } = parseXml(writeXml({ name: 'a', attributes: { b: attribute }, content }));
      expect(attributes).toEqual({ b: visibleLine(attribute, 2_000) });
      expect(text).toBe(visibleText(content, 100_000));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['&xxe;', '&amp;xxe;'],
  ['&#0;', '&amp;#0;'],
  ['&amp;lt;', '&amp;amp;lt;'],
  ['a]]>b', 'a]]&gt;b'],
  ['<script>', '&lt;script&gt;'],
])('%s is text', (content, written) => {
  expect(writeXml({ name: 'a', content }, { declaration: false })).toBe(`<a>${written}</a>\n`);
});
