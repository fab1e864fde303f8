import { stripVTControlCharacters } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileReport } from '../fixtures/hostile.ts';
import { countsOf, eventfulReport, failureOf, namedFailures, pinOf, quietReport } from '../fixtures/reports.ts';
import { textWidth } from '../text/text-width.ts';
import { renderTerminal } from './render-terminal.ts';

test('a campaign with everything, on 100 columns', () => {
  expect(renderTerminal(eventfulReport, { colour: false, width: 100 })).toMatchInlineSnapshot(`
    "pin          cells  pass  new  known  flaky  unsupported  skipped  broken
    peft-0.21.2     75    58    5      7      1            3        1       0
    peft-0.20.0     75    66    0      7      0            0        0       2
    peft-0.17.1      -     -    -      -      -            -        -     all
    all            150   124    5     14      1            3        1       2
    everywhere: python 3.11.7, torch 2.13.0+cpu, transformers 5.23.0, accelerate 1.15.0
    not covered: BarConfig (peft-0.21.2, peft-0.20.0), FooConfig (peft-0.21.2)

    NEW    3fa92c10b7de  runs/train  IndexError: tuple index out of range
           config     adapter=dora sharding=fsdp1
           stages     adapter alone: pass, sharding alone: fail (runs, matches-unsharded)
           pins       peft-0.21.2, peft-0.20.0 (12 cells)
           at         peft/tuners/lora/dora.py:forward
           replay     npx peft-matrix replay 3fa92c10b7de

    KNOWN  91c2de55aa01  runs/wrap
           ValueError: Must flatten tensors with uniform \`requires_grad\` when \`use_orig_params=False\`
           config     adapter=lora sharding=fsdp1 use_orig_params=false wrap=transformer
           also with  adapter=dora or vera, wrap=none
           stages     adapter alone: pass, sharding alone: fail (runs, matches-unsharded)
           pins       peft-0.21.2, peft-0.20.0 (7 cells)
           at         torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten
           known as   fsdp1-flat-requires-grad (by-design): FSDP1 cannot flatten frozen and trainable
                      parameters together
           link       https://pytorch.org/docs/stable/fsdp.html
           replay     npx peft-matrix replay 3fa92c10b7de

    FLAKY  peft-0.21.2 adapter=vera sharding=ddp: same-seed-same-run failed 1 of 3 times

    STALE  vera-fsdp2: VeRA under FSDP2 loses its shared projections. It was put to the test and did not
           fail: remove it from known-issues.yaml.
    STALE  dora-mixed-batch: DoRA takes one adapter a batch. PEFT did not refuse it: mend refusals.yaml.

    BROKEN  peft-0.17.1 could not be asked:
            × No solution found when resolving dependencies:
              ╰─▶ Because peft==0.17.1 depends on transformers<5 and you
                  require transformers==5.23.0, your requirements are unsatisfiable.
    BROKEN  2 cells: the probe was killed by SIGKILL and nothing says why

    unsupported  3 cells: VeRA has no target \`mlp\` for Conv1D before 0.13.0
    skipped      1 cell: fp16 needs a device that can train in it

    quick: 150 cells on 3 pins (140 run, 10 from the ledger) in 3:07; 124 pass; 1 new failure, 1 known;
    380 of 380 possible pairs covered; local, cpu
    exit 3: 1 pin could not be asked; 1 new failure; 1 stale expectation; 1 stale refusal
    "
  `);
});

test('a campaign with everything, on 60 columns', () => {
  expect(renderTerminal(eventfulReport, { colour: false, width: 60 })).toMatchInlineSnapshot(`
    "pin         cells pass new known flaky unsup skip broken
    peft-0.21.2    75   58   5     7     1     3    1      0
    peft-0.20.0    75   66   0     7     0     0    0      2
    peft-0.17.1     -    -   -     -     -     -    -    all
    all           150  124   5    14     1     3    1      2
    everywhere: python 3.11.7, torch 2.13.0+cpu, transformers
    5.23.0, accelerate 1.15.0
    not covered: BarConfig (peft-0.21.2, peft-0.20.0), FooConfig
    (peft-0.21.2)

    NEW    3fa92c10b7de  runs/train
           IndexError: tuple index out of range
           config     adapter=dora sharding=fsdp1
           stages     adapter alone: pass, sharding alone: fail
                      (runs, matches-unsharded)
           pins       peft-0.21.2, peft-0.20.0 (12 cells)
           at         peft/tuners/lora/dora.py:forward
           replay     npx peft-matrix replay 3fa92c10b7de

    KNOWN  91c2de55aa01  runs/wrap
           ValueError: Must flatten tensors with uniform
           \`requires_grad\` when \`use_orig_params=False\`
           config     adapter=lora sharding=fsdp1
                      use_orig_params=false wrap=transformer
           also with  adapter=dora or vera, wrap=none
           stages     adapter alone: pass, sharding alone: fail
                      (runs, matches-unsharded)
           pins       peft-0.21.2, peft-0.20.0 (7 cells)
           at         torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten
           known as   fsdp1-flat-requires-grad (by-design):
                      FSDP1 cannot flatten frozen and trainable
                      parameters together
           link       https://pytorch.org/docs/stable/fsdp.html
           replay     npx peft-matrix replay 3fa92c10b7de

    FLAKY  peft-0.21.2 adapter=vera sharding=ddp:
           same-seed-same-run failed 1 of 3 times

    STALE  vera-fsdp2: VeRA under FSDP2 loses its shared
           projections. It was put to the test and did not fail:
           remove it from known-issues.yaml.
    STALE  dora-mixed-batch: DoRA takes one adapter a batch.
           PEFT did not refuse it: mend refusals.yaml.

    BROKEN  peft-0.17.1 could not be asked:
            × No solution found when resolving dependencies:
              ╰─▶ Because peft==0.17.1 depends on transformers<5 and you
                  require transformers==5.23.0, your requirements are unsatisfiable.
    BROKEN  2 cells: the probe was killed by SIGKILL and nothing says why

    unsupported  3 cells: VeRA has no target \`mlp\` for Conv1D
                 before 0.13.0
    skipped      1 cell: fp16 needs a device that can train in
                 it

    quick: 150 cells on 3 pins (140 run, 10 from the ledger) in
    3:07; 124 pass; 1 new failure, 1 known; 380 of 380 possible
    pairs covered; local, cpu
    exit 3: 1 pin could not be asked; 1 new failure; 1 stale
    expectation; 1 stale refusal
    "
  `);
});

test('a campaign without failures', () => {
  expect(renderTerminal(quietReport, { colour: false, width: 100 })).toMatchInlineSnapshot(`
    "pin          cells  pass  new  known  flaky  unsupported  skipped  broken
    peft-0.21.2     75    75    0      0      0            0        0       0
    peft-0.21.2: python 3.11.7, torch 2.13.0+cpu, transformers 5.23.0, accelerate 1.15.0

    quick: 75 cells on 1 pin (140 run, 10 from the ledger) in 3:07; 75 pass; 0 new failures, 0 known;
    380 of 380 possible pairs covered; local, cpu
    exit 0: as expected
    "
  `);
});

test('methods that no adapter covers take one line, and none where there are none', () => {
  const pins = [
    pinOf({ id: 'peft-0.22.0', notCovered: ['BarConfig', 'FooConfig'] }),
    pinOf({ id: 'peft-0.21.2', notCovered: ['BarConfig'] }),
    pinOf({ id: 'old' }),
  ];
  const text = renderTerminal({ ...quietReport, pins }, { colour: false, width: 100 });
  expect(text).toContain('\nnot covered: BarConfig (peft-0.22.0, peft-0.21.2), FooConfig (peft-0.22.0)\n');
  expect(renderTerminal(quietReport, { colour: false, width: 100 })).not.toContain('not covered');
});

test('what a narrow table has no room for is said to be zero', () => {
  const lines = renderTerminal(quietReport, { colour: false, width: 50 }).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'pin          cells  pass  new  known',
    'peft-0.21.2     75    75    0      0',
    '0 everywhere: flaky, unsupported, skipped, broken',
  ]);
});

test('quiet leaves out the table and the reasons, and no failure', () => {
  const text = renderTerminal(eventfulReport, { colour: false, width: 100, quiet: true });
  expect(text).not.toMatch(/unsupported {2}|^pin |^not covered/mu);
  for (const { id } of eventfulReport.failures) expect(text).toContain(id);
});

test('what is known in part is new, and what was met and is known takes one line', () => {
  const text = renderTerminal({ ...quietReport, failures: namedFailures }, { colour: false, width: 100 });
  const [first = '', second = '', third] = text.split('\n\n').filter((block) => /^(NEW|KNOWN|MET) /u.test(block));
  expect(first).toMatch(/^NEW    bbbbbbbb/u);
  expect(first).toContain('       in part    of-dora (bug): what upstream should mend\n');
  expect(first).toContain('       but not    adapter=hra on peft-0.21.2\n');
  expect(second).toMatch(/^KNOWN  aaaaaaaa[^]* known as   of-dora [^]* known as   of-hra /u);
  expect(third).toBe('MET    while shrinking, in no cell of the plan, and known: cccccccc of-vera');
  expect(text).toMatch(/1 new failure, 1 known, 1\smet while shrinking;/u);
});

test('a pin that cannot be imported fails for any config', () => {
  const failure = failureOf({ phase: 'import', minimal: {}, fails: {} });
  const text = renderTerminal({ ...quietReport, failures: [failure] }, { colour: false, width: 100 });
  expect(text).toContain('(any: nothing can be imported)');
});

test('a failure of the defaults says so, and a failure that was not confirmed too', () => {
  const failure = failureOf({ minimal: {}, fails: {}, confirmed: 'no' });
  const text = renderTerminal({ ...quietReport, failures: [failure] }, { colour: false, width: 100 });
  expect(text).toContain('(every axis at its default)');
  expect(text).toContain('it did not show again in a cold process');
});

test('versions that differ between pins stand beside them', () => {
  const pins = [
    pinOf({ id: 'a', versions: { torch: '2.3.0', python: '3.11' } }),
    pinOf({ id: 'b', versions: { torch: '2.3.1', python: '3.11' } }),
  ];
  const report = { ...quietReport, pins, counts: countsOf({ cells: 2, pass: 2 }) };
  expect(renderTerminal(report, { colour: false, width: 100 })).toMatch(/^a .*torch 2\.3\.0$/mu);
  expect(renderTerminal(report, { colour: false, width: 100 })).toContain('everywhere: python 3.11\n');
  expect(renderTerminal(report, { colour: false, width: 72 })).toContain('b: torch 2.3.1\n');
});

test('colours change nothing but colours', () => {
  const plain = renderTerminal(eventfulReport, { colour: false, width: 90 });
  const coloured = renderTerminal(eventfulReport, { colour: true, width: 90 });
  expect(coloured).not.toBe(plain);
  expect(stripVTControlCharacters(coloured)).toBe(plain);
});

test('hostile text cannot leave its place, nor hide a failure', () => {
  fc.assert(
    fc.property(hostileReport, fc.integer({ min: 0, max: 200 }), (report, width) => {
      const text = renderTerminal(report, { colour: false, width });
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u);
      expect(text.length).toBeLessThan(40_000);
      expect(text.match(/^NEW {4}3fa92c10b7de/gmu)).toHaveLength(1);
      expect(text.match(/^KNOWN {2}3fa92c10b7de/gmu)).toHaveLength(1);
    }),
    { seed: 1 },
  );
});

test('a message of a megabyte takes three lines', () => {
  const failure = failureOf({ message: 'word '.repeat(200_000) });
  const lines = renderTerminal({ ...quietReport, failures: [failure] }, { colour: false, width: 80 }).split('\n');
  expect(lines.filter((line) => line.includes('word'))).toHaveLength(3);
  expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(80);
});
