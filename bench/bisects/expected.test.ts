import { describe, expect, test } from 'vitest';
import type { Sign } from '../score/signs.ts';
import { agrees, agreesWithEdge, edgeOf, expectedOf, type Direction, type Expected } from './expected.ts';

const releases = ['0.8.0', '0.9.0', '0.10.0', '0.11.0', '0.11.1', '0.12.0', '0.13.0'];

const expected = (shows: string, unsettled: string | undefined, peft: string, direction: Direction): Expected => {
  const sign: Sign = {
    shows: { peft: shows },
    verdict: 'fail',
    ...(unsettled === undefined ? {} : { unsettled: { peft: unsettled } }),
  };
  return expectedOf(sign, {}, releases, peft, direction);
};

describe('what the corpus says of the change points around a release', () => {
  test('is the first release that shows it, and the first that does not', () => {
    expect(expected('>=0.9,<0.12', undefined, '0.11.0', 'since')).toEqual({ kind: 'change', anyOf: ['0.9.0'] });
    expect(expected('>=0.9,<0.12', undefined, '0.11.0', 'fixed in')).toEqual({ kind: 'change', anyOf: ['0.12.0'] });
  });

  test('is nothing where all releases that way show it', () => {
    expect(expected('<0.12', undefined, '0.11.1', 'since')).toEqual({ kind: 'none' });
    expect(expected('>=0.9', undefined, '0.9.0', 'fixed in')).toEqual({ kind: 'none' });
    expect(expected('>=0.8', undefined, '0.8.0', 'since')).toEqual({ kind: 'none' });
  });

  test('is one of several where it does not speak of those in between', () => {
    expect(expected('>=0.11.1', '>=0.10,<0.11.1', '0.12.0', 'since')).toEqual({
      kind: 'change',
      anyOf: ['0.10.0', '0.11.0', '0.11.1'],
    });
    expect(expected('<0.10', '>=0.10,<0.12', '0.9.0', 'fixed in')).toEqual({
      kind: 'change',
      anyOf: ['0.10.0', '0.11.0', '0.11.1', '0.12.0'],
    });
    expect(expected('>=0.10', '<0.10', '0.12.0', 'since')).toEqual({ kind: 'unsettled' });
  });
});

test('a bisect agrees when it names that release, or skipped it', () => {
  const change: Expected = { kind: 'change', anyOf: ['0.11.0'] };
  const at = (version: string, skipped: readonly string[] = []): boolean | undefined =>
    agrees(change, { package: 'peft', version, skipped });
  expect([at('0.11.0'), at('0.11.1'), at('0.11.1', ['0.11.0']), agrees(change, undefined)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(agrees({ kind: 'none' }, undefined)).toBe(true);
  expect(agrees({ kind: 'none' }, { package: 'peft', version: '0.9.0' })).toBe(false);
  expect(agrees({ kind: 'unsettled' }, undefined)).toBeUndefined();
});

const answers = (...kinds: readonly ('good' | 'bad' | 'skip' | undefined)[]): Parameters<typeof edgeOf>[0] =>
  kinds.map((kind, index) => ({ version: `0.${8 + index}.0`, ...(kind === undefined ? {} : { answer: { kind } }) }));

describe('where a bug goes out of sight', () => {
  test('is the first release that shows it, among those that stop earlier', () => {
    expect(edgeOf(answers('skip', undefined, 'skip', 'bad', undefined), '0.13.0', 'since')).toBe('0.11.0');
    expect(edgeOf(answers('skip', 'skip'), '0.10.0', 'since')).toBe('0.10.0');
    expect(edgeOf(answers('bad', 'bad', 'skip', undefined), '0.7.0', 'fixed in')).toBe('0.10.0');
  });

  test('is nowhere when one is good, or all show it', () => {
    expect(edgeOf(answers('good', 'skip', 'bad'), '0.11.0', 'since')).toBeUndefined();
    expect(edgeOf(answers('bad', 'bad'), '0.10.0', 'since')).toBeUndefined();
  });

  test('can be where the corpus sees it come, and says nothing otherwise', () => {
    expect(agreesWithEdge({ kind: 'change', anyOf: ['0.12.0'] }, '0.12.0')).toBe(true);
    expect(agreesWithEdge({ kind: 'change', anyOf: ['0.12.0'] }, '0.13.0')).toBeUndefined();
    expect(agreesWithEdge({ kind: 'none' }, '0.13.0')).toBeUndefined();
  });
});
