import { describe, expect, test } from 'vitest';
import { InfrastructureError } from '../../matrices/errors.ts';
import { mismatch, type LockRequest } from '../../matrices/lock.ts';
import { isAcceleratorPackage, resolveLock } from './resolve-lock.ts';

const { signal } = new AbortController();

/** The moment at which PEFT 0.11.1 came out. */
const request: LockRequest = {
  python: '3.11',
  device: 'cpu',
  platform: 'linux-x86_64',
  requirements: { peft: '==0.11.1' },
  asOf: '2024-05-17T12:53:01.143463Z',
};

const resolve = (change: Partial<LockRequest>): ReturnType<typeof resolveLock> =>
  resolveLock({ ...request, ...change }, { onStep: () => {}, onWarning: () => {} }, signal);

describe('resolveLock', () => {
  test('finds what was there when a release came out, the release itself included', async () => {
    const lock = await resolve({});
    expect(mismatch(lock, request)).toBeUndefined();
    expect(lock.packages).toMatchObject({
      peft: '0.11.1',
      torch: '2.3.0',
      transformers: '4.40.2',
      accelerate: '0.30.1',
      numpy: '1.26.4',
      setuptools: '69.5.1',
    });
    expect(Object.keys(lock.packages).filter(isAcceleratorPackage)).toStrictEqual([]);
  }, 60_000);

  test('counts the whole of a day, and nothing after it', async () => {
    const before = await resolve({ asOf: '2024-05-16', requirements: { peft: '', torch: '==2.2.2' } });
    const after = await resolve({ asOf: '2024-05-17', requirements: { peft: '', torch: '==2.2.2' } });
    expect([before.packages['peft'], after.packages['peft']]).toStrictEqual(['0.11.0', '0.11.1']);
  }, 60_000);

  test('takes nothing for old that lies in a folder and does not say since when it is out', async () => {
    const lock = await resolve({ requirements: { peft: '==0.18.0' }, asOf: '2025-11-13' });
    expect(lock.packages).toMatchObject({ torch: '2.9.1', transformers: '4.57.1' });
  }, 60_000);

  test('keeps numpy 2 away from a torch that does not know it', async () => {
    const lock = await resolve({ requirements: { peft: '==0.12.0', torch: '==2.2.2' }, asOf: '2024-12-01' });
    expect(lock.packages['numpy']).toMatch(/^1\./);
  }, 60_000);

  test('keeps the accelerator libraries of a CUDA pin', async () => {
    const lock = await resolve({ device: 'cuda' });
    expect(Object.keys(lock.packages)).toContain('nvidia-nccl-cu12');
  }, 60_000);

  test('says in the words of the resolver why there is no answer', async () => {
    const refusal = resolve({ python: '3.8', requirements: { peft: '==0.21.2' }, asOf: '2026-11-20' });
    await expect(refusal).rejects.toThrow(InfrastructureError);
    await expect(refusal).rejects.toThrow(
      /No set of packages answers peft==0\.21\.2, Python 3\.8 on linux-x86_64 as of 2026-11-20:\n[^]*does not satisfy Python>=3\.10/,
    );
  }, 60_000);
});
