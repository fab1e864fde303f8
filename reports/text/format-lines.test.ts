import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLines } from './format-lines.ts';

test('it is JSON that reads as what was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(JSON.parse(formatLines(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('items of lists and entries of records have a line each', () => {
  expect(
    formatLines({ version: 1, gone: undefined, list: [{ a: 1 }, { b: [2, 3] }], none: [], record: { x: { y: 1 } } }),
  ).toBe(
    `{
  "version": 1,
  "list": [
    {"a":1},
    {"b":[2,3]}
  ],
  "none": [],
  "record": {
    "x": {"y":1}
  }
}
`,
  );
});
