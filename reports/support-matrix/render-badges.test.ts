import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { hostileMatrix } from '../fixtures/hostile.ts';
import { eventfulMatrix, matrixOf, rowOf, supportCellOf } from '../fixtures/matrices.ts';
import { allElements, parseXml } from '../fixtures/parse-xml.ts';
import { renderBadges } from './render-badges.ts';

/** https://shields.io/badges/endpoint-badge */
const endpoint = z.strictObject({
  schemaVersion: z.literal(1),
  label: z.string().min(1),
  message: z.string().min(1),
  color: z.string(),
});

const badgesOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(files)
      .filter(([name]) => name.endsWith('.json'))
      .map(([name, text]) => {
        const { label, message, color } = endpoint.parse(JSON.parse(text));
        return [name, `${label}: ${message} (${color})`];
      }),
  );

test('every method has one for each kind of evidence, which it names; and there is one of all', () => {
  expect(badgesOf(renderBadges(eventfulMatrix))).toMatchInlineSnapshot(`
    {
      "cpu-gloo-2/all.json": "PEFT methods (CPU, gloo, 2 ranks): 1 fail in 0.21.2 (red)",
      "cpu-gloo-2/dora.json": "PEFT dora (CPU, gloo, 2 ranks): fails, 0 of 2 runs in 0.21.2 (red)",
      "cpu/all.json": "PEFT methods (CPU, one process): 1 in part in 0.21.2 (yellow)",
      "cpu/hra.json": "PEFT hra (CPU, one process): unknown in 0.21.2 (lightgrey)",
      "cpu/lora.json": "PEFT lora (CPU, one process): works in part, 7 of 8 runs in 0.21.2 (yellow)",
      "cuda-nccl-2/all.json": "PEFT methods (CUDA, NCCL, 2 ranks): 1 work in 0.21.2 (brightgreen)",
      "cuda-nccl-2/dora.json": "PEFT dora (CUDA, NCCL, 2 ranks): works, 4 of 4 runs in 0.21.2 (brightgreen)",
    }
  `);
});

test('one that is not works is not green', () => {
  fc.assert(
    fc.property(fc.nat(3), fc.nat(3), fc.nat(3), (pass, fail, flaky) => {
      const state = pass + fail + flaky === 0 ? 'unknown' : 'partly';
      const cells = { '0.21.2': supportCellOf({ state, pass, fail, flaky }) };
      const badges = badgesOf(renderBadges(matrixOf({ rows: [rowOf({ cells })] })));
      const isGreen = pass > 0 && fail + flaky === 0;
      expect(badges['cpu/lora.json']?.includes('green')).toBe(isGreen);
      expect(badges['cpu/all.json']?.includes('green')).toBe(isGreen);
    }),
  );
});

test('pictures say what the endpoints say, and hold nothing else, whatever is in the matrix', () => {
  fc.assert(
    fc.property(hostileMatrix, (matrix) => {
      const files = renderBadges(matrix);
      expect(
        Object.keys(files).every((name) => /^(?:cpu|cuda)(?:-[a-z]+-\d)?\/[\w-]*\.(?:json|svg)$/u.test(name)),
      ).toBe(true);
      for (const [name, text] of Object.entries(files)) {
        if (!name.endsWith('.svg')) continue;
        const root = parseXml(text);
        const { label, message } = endpoint.parse(JSON.parse(files[name.replace(/svg$/u, 'json')] ?? ''));
        expect(root.attributes['aria-label']).toBe(`${label}: ${message}`);
        const names = allElements(root).map((element) => element.name);
        expect(names).toEqual(['svg', 'title', 'rect', 'rect', 'g', 'text', 'text']);
        const attributes = allElements(root).flatMap((element) => Object.keys(element.attributes));
        expect(attributes.filter((attribute) => attribute.startsWith('on') || attribute === 'href')).toEqual([]);
      }
    }),
  );
});
