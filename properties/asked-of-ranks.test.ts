import { describe, expect, test } from 'vitest';
import { phases } from '../matrices/phase.ts';
import { allProperties } from './all.ts';
import { isAskedOf } from './asked-of-ranks.ts';
import { readCell } from './fixtures/cells.ts';
import { lifeOf } from './life.ts';

const ofRanks = [
  'lora-fp32-fsdp1',
  'lora-fp32-fsdp1-flat',
  'lora-bf16-fsdp2',
  'lora-autocast-ddp',
  'vera-fp32-noshard',
];

describe('what ranks that work together are asked', () => {
  test.each(['lora-fp32-usages', 'lora-fp32-fsdp1'])('is the phases that the life of %s has', (name) => {
    const { subject } = readCell(name);
    const { phases: trunk, usages } = lifeOf(subject);
    const asked = phases.filter((phase) => isAskedOf({ property: 'runs', phase }, String(subject.config['sharding'])));
    // Importing comes before a life; what is read was written by another cell.
    expect(new Set(['import', ...trunk, ...usages.flat()])).toEqual(new Set(asked).difference(new Set(['read'])));
  });

  test.each(allProperties.map(({ id, applies }) => [id, applies] as const))('is %s, if it is', (id, applies) => {
    const isAsked = ofRanks.some((name) => applies(readCell(name).subject));
    expect(isAskedOf({ property: id, phase: 'train' }, 'fsdp1')).toBe(isAsked);
    expect(isAskedOf({ property: id, phase: 'train' }, 'none')).toBe(true);
  });

  test('is nothing of a property that nobody knows any more but its phase', () => {
    expect(isAskedOf({ property: 'constructor', phase: 'train' }, 'ddp')).toBe(true);
    expect(isAskedOf({ property: 'constructor', phase: 'merge' }, 'ddp')).toBe(false);
  });
});
