import { expect, test } from 'vitest';
import { eventfulMatrix } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { parseRoute } from './route.ts';
import { titleOf } from './title.ts';

test.each([
  ['', 'Support matrix'],
  ['#/failures', 'Failures'],
  ['#/failure/f1', 'Failure f1'],
  ['#/failure/f2', 'Not here'],
  ['#/failure/constructor', 'Not here'],
  ['#/method/dora', 'Method dora'],
  ['#/method/nothing', 'Not here'],
  ['#/release/0.20.0', 'Release 0.20.0'],
  ['#/release/9.9.9', 'Not here'],
  ['#/night', 'The night'],
  ['#/nothing', 'Not here'],
])('the title of %s is %s', (address, title) => {
  expect(titleOf(indexOf(eventfulMatrix), parseRoute(address))).toBe(title);
});
