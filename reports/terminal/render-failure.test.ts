import { expect, test } from 'vitest';
import { failureOf } from '../fixtures/reports.ts';
import { renderFailure } from './render-failure.ts';

const options = { colour: false, width: 100 };

test('frames are listed, innermost first, below their heading', () => {
  expect(renderFailure(failureOf({ frames: ['peft/a.py:forward', 'peft/b.py:forward'] }), options)).toContain(
    'innermost library frames\n  peft/a.py:forward\n  peft/b.py:forward\nmessage\n',
  );
});

test('no heading stands above nothing', () => {
  expect(renderFailure(failureOf({ frames: [] }), options)).not.toContain('innermost library frames');
});
