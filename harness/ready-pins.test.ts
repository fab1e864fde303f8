import { expect, test } from 'vitest';
import type { PinSource } from '../matrices/pin.ts';
import { handshakeKey } from './ready-pins.ts';

const lock = { python: '3.11', device: 'cpu', platform: 'linux-x86_64', packages: { peft: '0.12.0' } } as const;
const tree = { kind: 'tree', lock, package: 'peft', path: '/trees/a', commit: 'a'.repeat(40) } as const;

const keyOf = (source: PinSource, executor = 'local'): string | undefined =>
  handshakeKey({ id: 'some', device: 'cpu', source }, executor);

test('what a pin said is kept under what it is made from, and never for another', () => {
  const sources: readonly PinSource[] = [
    { kind: 'lock', lock },
    { kind: 'lock', lock: { ...lock, packages: { peft: '0.12.1' } } },
    tree,
    { ...tree, lock: { ...lock, python: '3.12' } },
    { ...tree, package: 'transformers' },
    { ...tree, path: '/trees/b' },
    { ...tree, commit: 'b'.repeat(40) },
  ];
  const keys = sources.flatMap((source) => [keyOf(source), keyOf(source, 'docker')]);
  expect(keys).not.toContain(undefined);
  expect(new Set(keys).size).toBe(2 * sources.length);
  expect(keyOf({ ...tree })).toBe(keyOf(tree));
});

test('what may have changed since is asked each time', () => {
  const { commit: _, ...folder } = tree;
  expect(keyOf(folder)).toBeUndefined();
  expect(keyOf({ kind: 'interpreter', path: '/x/python' })).toBeUndefined();
});

const told = (...watch: readonly string[]): string | undefined =>
  handshakeKey({ id: 'some', device: 'cpu', source: { kind: 'lock', lock }, watch }, 'local');

test('what else a pin tells has a part in it, but for what every pin tells', () => {
  expect(told('tokenizers')).not.toBe(told());
  expect(told('tokenizers', 'regex', 'torch')).toBe(told('regex', 'tokenizers'));
  expect(told('torch')).toBe(told());
});
