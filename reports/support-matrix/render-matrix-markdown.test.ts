import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileMatrix } from '../fixtures/hostile.ts';
import { eventfulMatrix } from '../fixtures/matrices.ts';
import { renderMatrixMarkdown } from './render-matrix-markdown.ts';

test('a matrix with every state', () => {
  expect(renderMatrixMarkdown(eventfulMatrix)).toMatchInlineSnapshot(`
    "## What works, by release of PEFT

    ✓ every run passed, ◐ some passed, or trained and failed afterwards, ✗ every run failed (passed/run),
    – not offered by the release, ? unknown: nothing was run.

    ### Not sharded: CPU, one process

    Precision: \`fp32\`, \`bf16\`.

    | method | 0.20.0 | 0.21.2 |
    | --- | --- | --- |
    | \`lora\` | ✓ 8 | ✓ 4 fp32<br>◐ 3/4 bf16 |
    | \`hra\` | – fp32 | ? |

    ### fsdp1: CPU, gloo, 2 ranks

    Precision: \`fp32\`.

    | method | 0.20.0 | 0.21.2 |
    | --- | --- | --- |
    | \`dora\` | ? | ✗ 0/2 |

    ### fsdp1: CUDA, NCCL, 2 ranks

    Precision: \`fp32\`.

    | method | 0.20.0 | 0.21.2 |
    | --- | --- | --- |
    | \`dora\` | ? | ✓ 4 |

    ### What fails

    - \`f1\` \`runs\`: \`IndexError: tuple index out of range\` with \`adapter=dora sharding=fsdp1\`, known (bug): [DoRA reads a flat shard](<https://example.org/1984>) (2 runs, 1 release)

    Evidence: 22 runs in 1 environment,
    on CPU, one process; CPU, gloo, 2 ranks; CUDA, NCCL, 2 ranks,
    by \`methods-12345678\`, the last of 2026-11-22.
    Other versions they were run with: \`python 3.11.7; torch 2.13.0+cpu; transformers 5.17.0\`.
    Models are tiny and train three steps: a pass is no proof.
    "
  `);
});

/** A code span ends at the next run of backticks of the same length. */
const withoutSpans = (text: string): string => text.replaceAll(/(?<![\\`])(?<run>`+)(?!`).*?(?<!`)\k<run>(?!`)/gu, '');

test('tables keep their columns, and outside code there is no HTML, mention or image of anybody else', () => {
  fc.assert(
    fc.property(hostileMatrix, (matrix) => {
      const text = renderMatrixMarkdown(matrix);
      const tables = text.split('\n').filter((line) => line.startsWith('|'));
      expect(tables.length).toBeGreaterThan(2);
      expect(tables.every((line) => line.split(/(?<!\\)\|/u).length - 2 === 3)).toBe(true);
      const outside = withoutSpans(text)
        .replaceAll(/\]\(<https?:[^<>\s]*>\)/gu, '')
        .replaceAll('<br>', '');
      expect(outside).not.toMatch(/[<>]|!\[|@(?!\u2060)/u);
      expect(text.match(/^#{1,6} /gmu)).toHaveLength(5);
    }),
  );
});
