import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from './errors.ts';
import { formatLock, lockId, mismatch, parseLock, readLock } from './lock.ts';
import type { Lock } from './pin.ts';

const lock: Lock = {
  python: '3.11',
  device: 'cpu',
  platform: 'linux-x86_64',
  asOf: '2026-11-20',
  packages: { torch: '2.13.0', peft: '0.21.2' },
};

const anyLock: fc.Arbitrary<Lock> = fc.record(
  {
    python: fc.constantFrom('3.8', '3.11', '3.14'),
    device: fc.constantFrom('cpu', 'cuda'),
    platform: fc.constantFrom('linux-x86_64', 'macos-aarch64'),
    asOf: fc.constantFrom('2026-11-20', '2024-05-17T12:53:01.143463Z'),
    packages: fc.dictionary(
      fc.stringMatching(/^[a-z][a-z0-9]{0,8}(?:-[a-z0-9]{1,4})?$/),
      fc.stringMatching(/^\d{1,3}\.\d{1,3}$/),
      { noNullPrototype: true },
    ),
  },
  { requiredKeys: ['python', 'device', 'platform', 'packages'], noNullPrototype: true },
);

const forEveryLock = (law: (lock: Lock) => void): void => fc.assert(fc.property(anyLock, law), { seed: 42 });

describe('formatLock and parseLock', () => {
  test('give back the lock that was kept', () => {
    forEveryLock((kept) => {
      expect(parseLock(formatLock(kept), 'x.json')).toStrictEqual(kept);
    });
  });

  test('write packages in order, one a line', () => {
    expect(formatLock(lock).split('\n')).toContain('    "peft": "0.21.2",');
    expect(formatLock(lock).indexOf('peft')).toBeLessThan(formatLock(lock).indexOf('torch'));
  });

  test('say what is wrong with a file, all of it', () => {
    const text = JSON.stringify({ ...lock, python: 3.11, device: 'tpu', extra: 1 });
    expect(() => parseLock(text, 'matrices/locks/x.json')).toThrowErrorMatchingInlineSnapshot(`
      [InputError: matrices/locks/x.json: not a lock file
        python: Invalid input: expected string, received number
        device: Invalid option: expected one of "cpu"|"cuda"
        the file: Unrecognized key: "extra"
      Expected a lock as \`run\` and \`plan\` write it. One that they have written is resolved again when it is deleted.]
    `);
    expect(() => parseLock('{"python": ', 'x.json')).toThrow(InputError);
  });

  test('read nothing where there is no file', async () => {
    await expect(readLock('/nowhere/lock.json')).resolves.toBeUndefined();
  });
});

describe('lockId', () => {
  test('does not depend on the order of packages', () => {
    forEveryLock((kept) => {
      const reversed = { ...kept, packages: Object.fromEntries(Object.entries(kept.packages).toReversed()) };
      expect(lockId(reversed)).toBe(lockId(kept));
    });
  });

  test('is the same today as when environments were named by it', () => {
    expect(lockId(lock)).toMatchInlineSnapshot(`"cf989ee8eda2"`);
  });

  test('depends on what is installed, not on how it was found', () => {
    const { asOf: _, ...undated } = lock;
    expect(lockId(undated)).toBe(lockId(lock));
    expect(lockId({ ...lock, device: 'cuda' })).not.toBe(lockId(lock));
    expect(lockId({ ...lock, packages: { ...lock.packages, peft: '0.21.1' } })).not.toBe(lockId(lock));
  });
});

describe('mismatch', () => {
  const request = { ...lock, requirements: { peft: '==0.21.2', torch: '' } };

  test('finds none between a lock and the request that it answers', () => {
    expect(mismatch(lock, request)).toBeUndefined();
  });

  test.each([
    [{ python: '3.10' }, 'python is 3.11, not 3.10'],
    [{ platform: 'macos-aarch64' }, 'platform is linux-x86_64, not macos-aarch64'],
    [{ asOf: '2026-11-21' }, 'asOf is 2026-11-20, not 2026-11-21'],
    [{ requirements: { peft: '<0.21' } }, 'peft is 0.21.2, not <0.21'],
    [{ requirements: { bitsandbytes: '' } }, 'bitsandbytes is not in it'],
  ])('names %j', (change, words) => {
    expect(mismatch(lock, { ...request, ...change })).toBe(words);
  });
});

const folder = join(import.meta.dirname, 'locks');
const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));

test.each(files)('the committed lock %s is as we would write it', async (name) => {
  const text = await readFile(join(folder, name), 'utf8');
  const kept = parseLock(text, name);
  expect(formatLock(kept)).toBe(text);
  expect(name).toContain(`peft-${kept.packages['peft']}`);
});
