import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRoute, parseRoute, type Route } from './route.ts';

const routes: fc.Arbitrary<Route> = fc.record({
  page: fc.constantFrom('matrix', 'map', 'check', 'failures', 'failure', 'method', 'release', 'night'),
  id: fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  params: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme', minLength: 1 })),
});

test('an address says the route that it was made of', () => {
  fc.assert(
    fc.property(routes, (route) => {
      expect(parseRoute(formatRoute(route))).toEqual({ ...route, params: { ...route.params } });
    }),
  );
});

test('the same choices have one address, in whatever order they were made', () => {
  const params = { sharding: 'fsdp1', on: 'cpu', q: '' };
  const route: Route = { page: 'matrix', id: '', params };
  expect(formatRoute(route)).toBe('#/matrix?on=cpu&sharding=fsdp1');
  expect(formatRoute({ ...route, params: { on: 'cpu', sharding: 'fsdp1' } })).toBe(formatRoute(route));
});

test('any address is some page', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseRoute(text).page).toMatch(/^[a-z]+$/u);
    }),
  );
  expect(parseRoute('#/failure/%E0%A4')).toEqual({ page: 'failure', id: '%E0%A4', params: {} });
  expect(parseRoute('')).toEqual({ page: 'matrix', id: '', params: {} });
});

test.each(['#/nothing', '#/nothing/of?q=a', '#/matrixx', '#/constructor'])('no page is %s', (address) => {
  const route = parseRoute(address);
  expect(route.page).toBe('nowhere');
  expect(formatRoute(route)).toBe(address);
});
