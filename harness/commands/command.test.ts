import { expect, test } from 'vitest';
import { terminalWidth } from './command.ts';

test.each([
  ['a terminal', { columns: 50 }, 50],
  ['a terminal that does not know its size', { columns: 0 }, 80],
  ['a file', {}, 100],
])('%s', (_, stream, width) => {
  expect(terminalWidth(stream)).toBe(width);
});
