import { describe, expect, test } from 'vitest';
import { renderScore } from './render-score.ts';
import type { Recognised, Sign } from './signs.ts';
import { shareFound, tally, type Score, type Shrunk } from './tally.ts';

const sign: Sign = { shows: { peft: '>=0.12,<0.14' }, verdict: 'fail', properties: ['runs'] };
const entry: Recognised = { id: 'bug', signs: [sign] };
const asked = ['0.11.1', '0.12.0', '0.13.2', '0.14.0'].map((peft) => ({ peft }));

const seen = (peft: string, fields: Partial<Shrunk> = {}): Shrunk => ({
  bug: 'bug',
  sign,
  versions: { peft },
  config: { adapter: 'lora', rank: 8 },
  phase: 'train',
  what: 'runs: RuntimeError: no',
  cells: 2,
  ...fields,
});

const scoreOf = (recognised: Recognised, sightings: readonly Shrunk[]): Score | undefined =>
  tally([recognised], () => asked, sightings)[0];

describe('an entry', () => {
  test('is found when every release that was asked and must show it does', () => {
    const score = scoreOf(entry, [seen('0.12.0', { minimal: { rank: 8 } }), seen('0.13.2')]);
    expect(score).toMatchObject({ state: 'found', found: ['0.12.0', '0.13.2'], minimal: { rank: 8 }, alarms: [] });
  });

  test('is found in part when one of them does not', () => {
    expect(scoreOf(entry, [seen('0.13.2')])).toMatchObject({ state: 'partly', found: ['0.13.2'] });
  });

  test('is found, too, when a release that was not asked in all areas shows it besides', () => {
    const score = scoreOf(entry, [seen('0.12.0'), seen('0.13.0'), seen('0.13.2')]);
    expect(score).toMatchObject({ state: 'found', found: ['0.12.0', '0.13.2'] });
  });

  test('that chance shows is found when one of them does', () => {
    expect(scoreOf({ ...entry, byChance: true }, [seen('0.13.2')])).toMatchObject({ state: 'found' });
  });

  test('is missed when none does, and not asked where none was asked', () => {
    expect(scoreOf(entry, [])).toMatchObject({ state: 'missed', expected: ['0.12.0', '0.13.2'] });
    expect(tally([entry], () => [{ peft: '0.21.2' }], [])).toMatchObject([{ state: 'not-asked' }]);
  });

  test('is a false alarm on a release that must not show it', () => {
    const score = scoreOf(entry, [seen('0.12.0'), seen('0.13.2'), seen('0.14.0')]);
    expect(score).toMatchObject({ state: 'found', alarms: [{ versions: { peft: '0.14.0' } }] });
  });

  test('counts for nothing where the corpus does not speak', () => {
    const open: Sign = { ...sign, unsettled: { peft: '>=0.14' } };
    const score = scoreOf({ id: 'bug', signs: [open] }, [seen('0.14.0', { sign: open })]);
    expect(score).toMatchObject({ state: 'missed', found: [], alarms: [] });
  });
});

describe('the share', () => {
  const [found, missed] = tally([entry], () => asked, [seen('0.12.0'), seen('0.13.2')]).concat(
    tally([entry], () => asked, []),
  );
  const outside = tally([{ id: 'elsewhere', outOfScope: 'it takes two GPUs' }], () => asked, []);
  const blind = tally([{ id: 'unseen', blind: 'no model has grouped convolutions' }], () => asked, []);
  const alarmed = tally([entry], () => asked, [seen('0.12.0'), seen('0.13.2'), seen('0.14.0')]);

  test('leaves out what is out of scope, and counts the blind and the alarmed as misses', () => {
    const scores = [found, missed, ...outside, ...blind, ...alarmed].filter((score) => score !== undefined);
    expect(shareFound(scores)).toBe(1 / 4);
    const text = renderScore(scores, '_setting_');
    expect(text).toContain('**25 % of 4 entries');
    expect(text).toContain('- unseen: no model has grouped convolutions');
    expect(text).toContain('- bug: not seen on 0.12.0, 0.13.2');
    expect(text).toContain('- bug on 0.14.0: runs: RuntimeError: no (2 cells, e.g. `adapter=lora rank=8`)');
    expect(text).toContain('- elsewhere: it takes two GPUs');
  });
});
