import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { hostileReport, hostileVerdicts } from '../fixtures/hostile.ts';
import { allElements, parseXml } from '../fixtures/parse-xml.ts';
import { eventfulReport, failureOf, namedFailures, pinOf, quietReport } from '../fixtures/reports.ts';
import { cellOf, eventfulVerdicts, verdictsOf } from '../fixtures/verdicts.ts';
import { renderJunit } from './render-junit.ts';

const validate = async (xml: string): Promise<readonly string[]> => {
  const schema = await readFile(join(import.meta.dirname, 'fixtures/jenkins-junit.xsd'), 'utf8');
  return (await validateXML({ xml, schema })).errors.map(({ message }) => message);
};

test('a campaign with everything', () => {
  expect(renderJunit(eventfulReport, eventfulVerdicts)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="peft-matrix 2026-11-22-7c1e" tests="11" failures="2" errors="2">
      <testsuite name="peft-0.21.2 (cpu)" tests="3" failures="0" errors="0" skipped="1" timestamp="2026-11-22T02:00:00">
        <properties>
          <property name="campaign" value="2026-11-22-7c1e"/>
          <property name="matrix" value="quick"/>
          <property name="executor" value="local"/>
          <property name="evidence" value="cpu"/>
          <property name="lock" value="0123456789ab"/>
          <property name="python" value="3.11.7"/>
          <property name="torch" value="2.13.0+cpu"/>
          <property name="peft" value="0.21.2"/>
          <property name="transformers" value="5.23.0"/>
          <property name="accelerate" value="1.15.0"/>
        </properties>
        <testcase classname="peft-0.21.2 cpu" name="adapter=lora"/>
        <testcase classname="peft-0.21.2 cpu" name="adapter=dora"/>
        <testcase classname="peft-0.21.2 cpu" name="adapter=lora precision=fp16">
          <skipped>skipped: the device cannot train in float16</skipped>
        </testcase>
      </testsuite>
      <testsuite name="peft-0.21.2 (cpu gloo 2 ranks)" tests="4" failures="2" errors="0" skipped="2" timestamp="2026-11-22T02:00:00">
        <properties>
          <property name="campaign" value="2026-11-22-7c1e"/>
          <property name="matrix" value="quick"/>
          <property name="executor" value="local"/>
          <property name="evidence" value="cpu gloo 2 ranks"/>
          <property name="lock" value="0123456789ab"/>
          <property name="python" value="3.11.7"/>
          <property name="torch" value="2.13.0+cpu"/>
          <property name="peft" value="0.21.2"/>
          <property name="transformers" value="5.23.0"/>
          <property name="accelerate" value="1.15.0"/>
        </properties>
        <testcase classname="peft-0.21.2 cpu gloo 2 ranks" name="adapter=dora sharding=fsdp1">
          <failure type="IndexError" message="3fa92c10b7de IndexError: tuple index out of range">3fa92c10b7de  runs/train  IndexError: tuple index out of range
    minimal config: adapter=dora sharding=fsdp1
    at peft/tuners/lora/dora.py:forward
    at peft/tuners/lora/variants.py:forward
    IndexError: tuple index out of range
      in torch.eye(lora_A.weight.shape[1])
    replay: npx peft-matrix replay 3fa92c10b7de</failure>
        </testcase>
        <testcase classname="peft-0.21.2 cpu gloo 2 ranks" name="adapter=dora sharding=fsdp1 precision=bf16">
          <failure type="IndexError" message="3fa92c10b7de IndexError: tuple index out of range">3fa92c10b7de: told above</failure>
        </testcase>
        <testcase classname="peft-0.21.2 cpu gloo 2 ranks" name="adapter=lora sharding=fsdp1 wrap=transformer">
          <skipped>known: 91c2de55aa01  runs/wrap  ValueError: Must flatten tensors with uniform \`requires_grad\` when \`use_orig_params=False\`
    minimal config: adapter=lora sharding=fsdp1 use_orig_params=false wrap=transformer
    known as fsdp1-flat-requires-grad (by-design): FSDP1 cannot flatten frozen and trainable parameters together https://pytorch.org/docs/stable/fsdp.html
    at torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten
    Must flatten tensors with uniform \`requires_grad\` when \`use_orig_params=False\`
    replay: npx peft-matrix replay 3fa92c10b7de</skipped>
        </testcase>
        <testcase classname="peft-0.21.2 cpu gloo 2 ranks" name="adapter=vera sharding=ddp">
          <skipped>flaky: two runs of the same seed disagree</skipped>
        </testcase>
      </testsuite>
      <testsuite name="peft-0.20.0 (cpu)" tests="3" failures="0" errors="1" skipped="1" timestamp="2026-11-22T02:00:00">
        <properties>
          <property name="campaign" value="2026-11-22-7c1e"/>
          <property name="matrix" value="quick"/>
          <property name="executor" value="local"/>
          <property name="evidence" value="cpu"/>
          <property name="lock" value="0123456789ab"/>
          <property name="python" value="3.11.7"/>
          <property name="torch" value="2.13.0+cpu"/>
          <property name="peft" value="0.20.0"/>
          <property name="transformers" value="5.23.0"/>
          <property name="accelerate" value="1.15.0"/>
        </properties>
        <testcase classname="peft-0.20.0 cpu" name="adapter=vera">
          <skipped>unsupported: VeRA takes target layers of several shapes since PEFT 0.12.0</skipped>
        </testcase>
        <testcase classname="peft-0.20.0 cpu" name="adapter=lora">
          <error type="Broken" message="the probe was killed by SIGKILL and nothing says why">the probe was killed by SIGKILL and nothing says why</error>
        </testcase>
        <testcase classname="peft-0.20.0 cpu" name="adapter=dora"/>
      </testsuite>
      <testsuite name="peft-0.17.1 (cpu)" tests="1" failures="0" errors="1" skipped="0" timestamp="2026-11-22T02:00:00">
        <properties>
          <property name="campaign" value="2026-11-22-7c1e"/>
          <property name="matrix" value="quick"/>
          <property name="executor" value="local"/>
          <property name="evidence" value="cpu"/>
          <property name="lock" value="0123456789ab"/>
        </properties>
        <testcase classname="peft-0.17.1" name="can be asked">
          <error type="Broken" message="× No solution found when resolving dependencies: ╰─▶ Because peft==0.17.1 depends on transformers&lt;5 and you require transformers==5.23.0, your requirements are unsatisfiable.">× No solution found when resolving dependencies:
      ╰─▶ Because peft==0.17.1 depends on transformers&lt;5 and you
          require transformers==5.23.0, your requirements are unsatisfiable.</error>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('it is what the schema of JUnit reports demands, and the schema refuses what is not', async () => {
  const xml = renderJunit(eventfulReport, eventfulVerdicts);
  expect(await validate(xml)).toEqual([]);
  expect(await validate(xml.replace('classname=', 'klassname='))).toHaveLength(1);
});

test('a hostile campaign is as well', async () => {
  const sample = fc.sample(
    hostileReport.chain((report) => hostileVerdicts(report).map((verdicts) => renderJunit(report, verdicts))),
    20,
  );
  // One document for all of them: the validator takes its time to start.
  const suites = sample.map((xml) => xml.replaceAll(/<\?xml[^>]*>|<\/?testsuites[^>]*>/gu, ''));
  expect(await validate(`<testsuites>${suites.join('')}</testsuites>`)).toEqual([]);
});

test('whatever cells say, there is an element for each and none of theirs', () => {
  fc.assert(
    fc.property(
      hostileReport.chain((report) => hostileVerdicts(report).map((verdicts) => ({ report, verdicts }))),
      ({ report, verdicts }) => {
        const elements = allElements(parseXml(renderJunit(report, verdicts)));
        const names = new Set(elements.map(({ name }) => name));
        const own = new Set([
          'testsuites',
          'testsuite',
          'properties',
          'property',
          'testcase',
          'failure',
          'error',
          'skipped',
        ]);
        expect([...names].filter((name) => !own.has(name))).toEqual([]);
        const asked = new Set(report.pins.filter(({ broken }) => broken === undefined).map(({ id }) => id));
        const cells = verdicts.cells.filter(({ pin }) => asked.has(pin)).length;
        expect(elements.filter(({ name }) => name === 'testcase').length).toBeGreaterThanOrEqual(cells);
      },
    ),
  );
});

test('ten megabytes of one message are cut, and told once', () => {
  const huge = `\u001B[2J${'<b>&]]>'.repeat(1_500_000)}`;
  const failures = [failureOf({ id: 'f', message: huge, detail: huge, exception: huge })];
  const cells = ['a', 'b', 'c'].map((adapter) => cellOf({ config: { adapter }, verdict: 'fail', failures: ['f'] }));
  const xml = renderJunit({ ...quietReport, failures }, verdictsOf({ cells }));
  expect(xml.length).toBeLessThan(60_000);
  expect(xml).toContain('more characters)');
  expect(xml.match(/told above/gu)).toHaveLength(2);
  expect(parseXml(xml).name).toBe('testsuites');
});

test('only what nobody has named is red', () => {
  const known = { id: 'k', kind: 'bug', title: 't', link: 'https://example.org' } as const;
  const failures = [failureOf({ id: 'new' }), failureOf({ id: 'old', known })];
  const fail = (...ids: readonly string[]): string => {
    const cells = [cellOf({ verdict: 'fail', failures: ids })];
    const [suite] = parseXml(renderJunit({ ...quietReport, failures }, verdictsOf({ cells }))).children;
    return (
      suite?.children
        .find(({ name }) => name === 'testcase')
        ?.children.map(({ name }) => name)
        .join() ?? ''
    );
  };
  expect(fail('new')).toBe('failure');
  expect(fail('old')).toBe('skipped');
  expect(fail('old', 'new')).toBe('failure');
});

test('what is known in part is red, and says what has no name', () => {
  const cells = [
    cellOf({ verdict: 'fail', failures: ['aaaaaaaa'] }),
    cellOf({ verdict: 'fail', failures: ['bbbbbbbb'] }),
  ];
  const xml = renderJunit({ ...quietReport, failures: namedFailures }, verdictsOf({ cells }));
  expect(xml).toMatch(/<skipped>known: aaaaaaaa[^<]*\nknown as of-dora [^<]*\nknown as of-hra /u);
  expect(xml).toMatch(
    /<failure [^>]*>bbbbbbbb[^<]*\nknown in part as of-dora [^<]*, but not adapter=hra on peft-0\.21\.2\n/u,
  );
});

test('a CPU with gloo and a GPU are suites of their own', () => {
  const pins = [pinOf({}), pinOf({ id: 'cuda', device: 'cuda' })];
  const cells = [cellOf(), cellOf({ config: { sharding: 'ddp' }, evidence: 1 }), cellOf({ pin: 'cuda', evidence: 2 })];
  const { children } = parseXml(renderJunit({ ...quietReport, pins }, verdictsOf({ cells })));
  expect(children.map(({ attributes }) => attributes['name'])).toEqual([
    'peft-0.21.2 (cpu)',
    'peft-0.21.2 (cpu gloo 2 ranks)',
    'cuda (cuda nccl 2 ranks)',
  ]);
});

test('a pin that cannot be imported is one failure', () => {
  const failures = [failureOf({ id: 'i', phase: 'import', pins: ['peft-0.21.2'] })];
  const xml = renderJunit({ ...quietReport, failures }, verdictsOf({}));
  expect(parseXml(xml).attributes).toMatchObject({ tests: '1', failures: '1' });
});
