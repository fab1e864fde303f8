import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeBaseImage } from './make-base-image.ts';

const { signal } = new AbortController();
const options = { onStep: (): void => {}, onLine: (): void => {} };
/** Nothing is asked of it here. */
const engine = new Dockerode({ socketPath: '/nowhere' });

describe('makeBaseImage', () => {
  test('refuses a Python that no release of Debian brings', async () => {
    await expect(makeBaseImage(engine, { ...options, python: '3.12' }, signal)).rejects.toThrow(
      "No base image can be made for Python 3.12: Debian's releases bring 3.11 (bookworm) and 3.13 (trixie). " +
        'For others, pull python:3.12-slim, or name an image of your own with --base-image.',
    );
  });

  test('says how to get debootstrap, or who may run it', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'no-tools-'));
    onTestFinished(() => rm(empty, { recursive: true }));
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('PATH', empty);
    await expect(makeBaseImage(engine, { ...options, python: '3.11' }, signal)).rejects.toThrow(
      process.getuid?.() === 0 ? 'apt-get install debootstrap' : 'sudo npm run base-image',
    );
  });
});
