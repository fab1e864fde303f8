import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileReport } from '../fixtures/hostile.ts';
import { eventfulReport, failureOf, namedFailures, pinOf, quietReport } from '../fixtures/reports.ts';
import { renderMarkdown } from './render-markdown.ts';

test('a campaign with everything', () => {
  expect(renderMarkdown(eventfulReport)).toMatchInlineSnapshot(`
    "## peft-matrix: quick

    **1 pin could not be asked; 1 new failure; 1 stale expectation; 1 stale refusal** (exit 3)

    quick: 150 cells on 3 pins (140 run, 10 from the ledger) in 3:07; 124 pass; 1 new failure, 1 known; 380 of 380 possible pairs covered; local, cpu

    ### Pins

    | pin | cells | pass | new | known | flaky | unsupported | skipped | broken | versions |
    | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
    | \`peft-0.21.2\` | 75 | 58 | 5 | 7 | 1 | 3 | 1 | 0 |  |
    | \`peft-0.20.0\` | 75 | 66 | 0 | 7 | 0 | 0 | 0 | 2 |  |
    | \`peft-0.17.1\` | - | - | - | - | - | - | - | all |  |

    Everywhere: \`python 3.11.7, torch 2.13.0+cpu, transformers 5.23.0, accelerate 1.15.0\`

    Not covered: \`BarConfig (peft-0.21.2, peft-0.20.0), FooConfig (peft-0.21.2)\`

    ### Failures

    |  | id | property | phase | exception | minimal config | pins | cells |
    | --- | --- | --- | --- | --- | --- | --- | ---: |
    | **new** | \`3fa92c10b7de\` | \`runs\` | \`train\` | \`IndexError\` | \`adapter=dora sharding=fsdp1\` | \`peft-0.21.2\`, \`peft-0.20.0\` | 12 |
    | known | \`91c2de55aa01\` | \`runs\` | \`wrap\` | \`ValueError\` | \`adapter=lora sharding=fsdp1 use_orig_params=false wrap=transformer\` | \`peft-0.21.2\`, \`peft-0.20.0\` | 7 |

    #### \`3fa92c10b7de\` \`runs/train\`

    \`\`\`text
    IndexError: tuple index out of range
      in torch.eye(lora_A.weight.shape[1])
    \`\`\`

    - **new**: no expectation names it
    - minimal config: \`adapter=dora sharding=fsdp1\`
    - adapter alone: pass, sharding alone: fail (runs, matches-unsharded)
    - pins: \`peft-0.21.2\`, \`peft-0.20.0\` (12 cells)
    - at: \`peft/tuners/lora/dora.py:forward\`, from \`peft/tuners/lora/variants.py:forward\`
    - replay: \`npx peft-matrix replay 3fa92c10b7de\`

    #### \`91c2de55aa01\` \`runs/wrap\`

    \`\`\`text
    ValueError: Must flatten tensors with uniform \`requires_grad\` when \`use_orig_params=False\`
    \`\`\`

    - known (by-design) as \`fsdp1-flat-requires-grad\`: [FSDP1 cannot flatten frozen and trainable parameters together](<https://pytorch.org/docs/stable/fsdp.html>)
    - minimal config: \`adapter=lora sharding=fsdp1 use_orig_params=false wrap=transformer\`
    - fails in the same way with: \`adapter=dora or vera, wrap=none\`
    - adapter alone: pass, sharding alone: fail (runs, matches-unsharded)
    - pins: \`peft-0.21.2\`, \`peft-0.20.0\` (7 cells)
    - at: \`torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten\`
    - replay: \`npx peft-matrix replay 3fa92c10b7de\`

    ### Flaky

    - \`peft-0.21.2\` \`adapter=vera sharding=ddp\`: \`same-seed-same-run\` failed 1 of 3 times

    ### Stale expectations

    - \`vera-fsdp2\`: VeRA under FSDP2 loses its shared projections. It was put to the test and did not fail: remove it from \`known-issues.yaml\`.

    ### Stale refusals

    - \`dora-mixed-batch\`: DoRA takes one adapter a batch. PEFT did not refuse it.

    ### Could not be asked

    Pin \`peft-0.17.1\`:

    \`\`\`text
    × No solution found when resolving dependencies:
      ╰─▶ Because peft==0.17.1 depends on transformers<5 and you
          require transformers==5.23.0, your requirements are unsatisfiable.
    \`\`\`

    - 2 cells: \`the probe was killed by SIGKILL and nothing says why\`

    ### Not run

    - unsupported, 3 cells: \`\`VeRA has no target \`mlp\` for Conv1D before 0.13.0\`\`
    - skipped, 1 cell: \`fp16 needs a device that can train in it\`
    "
  `);
});

test('a campaign without failures says so', () => {
  expect(renderMarkdown(quietReport)).toContain('**as expected** (exit 0)');
  expect(renderMarkdown(quietReport)).toContain('No failures.');
});

test('methods that no adapter covers take one line, and none where there are none', () => {
  const pins = [pinOf({ id: 'peft-0.22.0', notCovered: ['BarConfig', 'FooConfig'] })];
  expect(renderMarkdown({ ...quietReport, pins })).toContain(
    '\nNot covered: `BarConfig (peft-0.22.0), FooConfig (peft-0.22.0)`\n',
  );
  expect(renderMarkdown(quietReport)).not.toContain('Not covered');
});

test('what names a failure is told, and what it does not name', () => {
  const text = renderMarkdown({ ...quietReport, failures: namedFailures });
  expect(text).toContain(
    '- known (bug) as `of-dora`: [what upstream should mend](<https://example.org/issues/1>)\n- known (bug) as `of-hra`',
  );
  expect(text).toMatch(
    /^- \*\*new\*\*: \(bug\) as `of-dora`: .* names it in part, but not `adapter=hra on peft-0\.21\.2`$/mu,
  );
});

test('a link that is none is shown as text', () => {
  const known = { id: 'k', kind: 'bug', title: 'see [here]', link: 'javascript:alert(1)' } as const;
  const text = renderMarkdown({ ...quietReport, failures: [failureOf({ known })] });
  expect(text).toContain(String.raw`see \[here\]`);
  expect(text).not.toContain('javascript');
});

test('tables keep their columns whatever is in them', () => {
  fc.assert(
    fc.property(hostileReport, (report) => {
      const tables = linesOutsideBlocks(renderMarkdown(report)).filter((line) => line.startsWith('|'));
      expect(tables.map(columns)).toEqual([10, 10, 10, 10, 8, 8, 8, 8]);
    }),
    { seed: 1 },
  );
});

test('outside code there is no HTML, no heading, no mention and no image of anybody else', () => {
  fc.assert(
    fc.property(hostileReport, (report) => {
      const text = linesOutsideBlocks(renderMarkdown(report)).map(withoutSpans).join('\n');
      expect(text.replaceAll(/\]\(<https:[^<>\s]*>\)/gu, '')).not.toMatch(/[<>]|!\[|@(?!\u2060)/u);
      expect(text.match(/^#{1,6} /gmu)).toHaveLength(10);
    }),
    { seed: 1 },
  );
});

test('its size is bounded', () => {
  fc.assert(
    fc.property(hostileReport, (report) => {
      expect(renderMarkdown(report).length).toBeLessThan(40_000);
    }),
    { seed: 1 },
  );
});

/** As GitHub reads it: a block of code ends at a fence that is at least as long as the one that began it. */
const linesOutsideBlocks = (markdown: string): readonly string[] => {
  let fence = '';
  return markdown.split('\n').filter((line) => {
    const run = /^`{3,}/u.exec(line)?.[0] ?? '';
    if (fence === '' && run !== '') fence = run;
    else if (fence !== '' && run.length >= fence.length && line === run) fence = '';
    else return fence === '';
    return false;
  });
};

/** A code span ends at the next run of backticks of the same length. */
const withoutSpans = (line: string): string => line.replaceAll(/(?<![\\`])(?<run>`+)(?!`).*?(?<!`)\k<run>(?!`)/gu, '');

/** The strictest and the laxest reader have to agree: a bar after any backslash is text, and no bar has two. */
const columns = (line: string): number => {
  expect(line).not.toMatch(/\\\\\|/u);
  return line.split(/(?<!\\)\|/u).length - 2;
};
