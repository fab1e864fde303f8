import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readLock } from '../matrices/lock.ts';
import { ensureEnvironment } from './local/build-environment.ts';
import { sharedUv, type Uv } from './local/uv.ts';
import type { Telling } from './telling.ts';

const probe = join(import.meta.dirname, 'probe');
const lockFile = join(import.meta.dirname, '../matrices/locks/quick/peft-0.21.2.json');
const tools = ['pytest==9.2.0', 'ruff==0.17.6'];
const silent: Telling = { onStep: () => {}, onWarning: () => {} };
const never = new AbortController().signal;

let uv: Uv;
let python: string;
let folder: string;

/** pytest and ruff beside the environment, never in it: what is tested stays what its lock says. */
beforeAll(async () => {
  uv = await sharedUv(silent, never);
  const lock = await readLock(lockFile);
  if (lock === undefined) throw new Error(`${lockFile} is missing`);
  const environment = await ensureEnvironment(lock, silent, never);
  ({ python } = environment);
  environment[Symbol.dispose]();
  folder = await mkdtemp(join(tmpdir(), 'peft-matrix-tools-'));
  const installed = await uv.run(
    ['pip', 'install', '--quiet', '--python', python, '--target', folder, ...tools],
    { cwd: folder },
    never,
  );
  if (!installed.ok) throw new Error(installed.stderr);
}, 600_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const runTool = async (
  ...words: readonly string[]
): Promise<{ readonly all: string; readonly exitCode?: number | undefined }> =>
  execa(python, ['-m', ...words], {
    cwd: probe,
    env: { PYTHONPATH: `${folder}:${probe}`, PYTHONDONTWRITEBYTECODE: '1' },
    all: true,
    reject: false,
  });

describe('the probe', () => {
  test('is formatted', async () => {
    const { all, exitCode } = await runTool('ruff', 'format', '--check', '.');
    expect(exitCode, all).toBe(0);
  });

  test('has nothing that ruff objects to', async () => {
    const { all, exitCode } = await runTool('ruff', 'check', '.');
    expect(exitCode, all).toBe(0);
  });

  test('passes its own tests on real PEFT', { timeout: 900_000 }, async () => {
    const { all, exitCode } = await runTool('pytest', '-q', '-p', 'no:cacheprovider');
    expect(exitCode, all).toBe(0);
  });
});
