import { expect, test } from 'vitest';
import type { ConfirmedFailure } from './confirm.ts';
import { findFailureRecords, placeOf, recordFailures } from './failure-record.ts';
import { hello, pinNamed } from './fixtures/cells.ts';
import { Ledger } from './ledger.ts';

const signature = { property: 'runs', phase: 'train', exception: 'ValueError', message: 'no', frames: [] } as const;
const minimal = { ready: { pin: pinNamed('some'), hello }, config: {}, signature, signatureId: '0a', detail: 'no' };
const pinLock = { python: '3.11', device: 'cpu', platform: 'linux-x86_64', packages: { peft: '0.12.0' } } as const;
const failure: ConfirmedFailure = { minimal, isProven: true, fails: {}, cells: [minimal], confirmed: 'yes' };

test.each([
  { executor: 'docker', baseImage: 'peft-matrix/base:{python}' },
  { executor: 'docker', memory: 1, pids: 64, cpus: 1.5, shm: 0.25 },
  { executor: 'docker' },
  { executor: 'local' },
] as const)('a failure is replayed where it was found: %o', (place) => {
  using ledger = new Ledger(':memory:');
  recordFailures(ledger, { failures: [failure], baselineOf: () => undefined }, place);
  expect(findFailureRecords(ledger, '').map(placeOf)).toEqual([place]);
});

test('what is said of containers has no part in a place without them', () => {
  expect(placeOf({ baseImage: 'some/image' })).toEqual({ executor: 'local' });
});

test.each([
  { kind: 'interpreter', path: '/some/python' },
  { kind: 'tree', package: 'peft', path: '/some/tree', lock: pinLock },
  { kind: 'tree', package: 'peft', path: '/some/tree', lock: pinLock, commit: 'a'.repeat(40) },
] as const)('a failure is kept with what its pin was made from: %o', (source) => {
  using ledger = new Ledger(':memory:');
  const pin = { ...pinNamed('some'), source };
  const here = { ...failure, minimal: { ...minimal, ready: { pin, hello } } };
  recordFailures(ledger, { failures: [here], baselineOf: () => undefined }, { executor: 'local' });
  expect(findFailureRecords(ledger, '').map((record) => record.pin)).toEqual([pin]);
});
