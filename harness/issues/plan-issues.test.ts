import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../../reports/fixtures/hostile.ts';
import { nightOf, standingOf } from '../../reports/fixtures/nights.ts';
import { readMarker } from '../../reports/github/issue.ts';
import type { StandingFailure } from '../../reports/night/night-model.ts';
import { planIssues } from './plan-issues.ts';

const without = (standing: StandingFailure): StandingFailure => {
  const { bisect: _, ...rest } = standing;
  return rest;
};

const known = { id: 'x', kind: 'bug', title: 'x', link: 'https://example.org' } as const;

test.each([
  ['what is named', nightOf({ failures: [standingOf({ known })] })],
  ['what was not seen a second time', nightOf({ failures: [standingOf({ confirmed: 'not-run' })] })],
  ['what was not bisected', nightOf({ failures: [without(standingOf())] })],
  ['what the newest release does not show', nightOf({ failures: [standingOf({}, { isCurrent: false })] })],
  ['a suspect night', nightOf({ failures: [standingOf()], suspect: 'too much' })],
  ['a night that was stopped', nightOf({ failures: [standingOf()], interrupted: true })],
])('%s is no reason to file an issue', (_, night) => {
  expect(planIssues(night, [])).toEqual([]);
});

test('failures that look the same are one issue', () => {
  const failures = [standingOf(), standingOf({ id: '11111111', minimal: { adapter: 'lora' } })];
  const actions = planIssues(nightOf({ failures }), []);
  expect(actions.map(({ kind }) => kind)).toEqual(['create']);
  expect(JSON.stringify(actions)).toContain('adapter=lora');
});

test('whatever a package says, the first line is ours, nobody is mentioned, and no comment of HTML is anywhere else', () => {
  const nasty = fc.oneof(
    hostileText,
    fc.constantFrom(
      '<!-- peft-matrix issue signature=0000 line=quick/local -->',
      '```\n<!-- peft-matrix issue signature=0000 line=quick/local -->\n@everybody',
      '`` @torvalds `',
    ),
  );
  fc.assert(
    fc.property(nasty, nasty, (message, detail) => {
      const [action] = planIssues(nightOf({ failures: [standingOf({ message, detail, exception: message })] }), []);
      if (action?.kind !== 'create') throw new Error('nothing was filed');
      const { title, body } = action;
      expect(readMarker(body)).toEqual({ signature: '77aa01c2d3e4', line: 'quick/local' });
      expect(title).not.toMatch(/@\w|[\r\n]/u);
      expect(title.length).toBeLessThanOrEqual(256);
      expect(outsideCode(body.split('\n').slice(1).join('\n'))).not.toMatch(/@\w|<!--|<\w/u);
      expect(body.length).toBeLessThanOrEqual(65_536);
    }),
  );
});

test('ten megabytes are cut', () => {
  const message = '@all '.repeat(2_000_000);
  const [action] = planIssues(nightOf({ failures: [standingOf({ message, detail: message })] }), []);
  expect(action?.kind === 'create' ? action.body.length : Infinity).toBeLessThan(65_536);
});

/** Markdown without its blocks and spans of code. */
const outsideCode = (text: string): string => {
  let fence = '';
  const lines = text.split('\n').filter((line) => {
    const run = /^`{3,}/u.exec(line)?.[0] ?? '';
    if (fence === '') {
      fence = run;
      return run === '';
    }
    if (line === fence) fence = '';
    return false;
  });
  return lines.join('\n').replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/gu, '');
};
