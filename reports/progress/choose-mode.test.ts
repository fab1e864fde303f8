import { expect, test } from 'vitest';
import { chooseMode } from './choose-mode.ts';

const terminal = { json: false, quiet: false, isTerminal: true, variables: {} };

test.each([
  ['a terminal', terminal, 'live'],
  ['a pipe', { ...terminal, isTerminal: false }, 'plain'],
  ['a terminal in CI', { ...terminal, variables: { CI: 'true' } }, 'plain'],
  ['a terminal where CI is off', { ...terminal, variables: { CI: 'false' } }, 'live'],
  ['a terminal that cannot redraw', { ...terminal, variables: { TERM: 'dumb' } }, 'plain'],
  ['a terminal without colour', { ...terminal, variables: { NO_COLOR: '1' } }, 'live'],
  ['quiet', { ...terminal, quiet: true }, 'quiet'],
  ['json, also when quiet', { ...terminal, json: true, quiet: true }, 'json'],
])('%s', (_, surroundings, mode) => {
  expect(chooseMode(surroundings)).toBe(mode);
});
