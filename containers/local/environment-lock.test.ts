import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { InfrastructureError } from '../../matrices/errors.ts';
import { lockFile, tryLockFile } from './environment-lock.ts';

const { signal } = new AbortController();

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  file = join(folder, 'lock');
});

afterEach(() => rm(folder, { recursive: true }));

/** A process that holds the lock until it is killed. */
const holder = async (kind: 'shared' | 'exclusive'): Promise<() => Promise<void>> => {
  const program = join(import.meta.dirname, 'fixtures', 'hold-lock.ts');
  const child = spawn(process.execPath, [program, file, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(createInterface(child.stdout), 'line');
  return async () => {
    child.kill('SIGKILL');
    await exited;
  };
};

describe('lockFile', () => {
  test('is had by one alone, or shared by many', () => {
    using first = tryLockFile(file, 'shared');
    using second = tryLockFile(file, 'shared');
    expect([first, second]).not.toContain(undefined);
    expect(tryLockFile(file, 'exclusive')).toBeUndefined();
    first?.[Symbol.dispose]();
    second?.[Symbol.dispose]();
    using alone = tryLockFile(file, 'exclusive');
    expect(alone).toBeDefined();
    expect(tryLockFile(file, 'shared')).toBeUndefined();
  });

  test.each(['shared', 'exclusive'] as const)('of a process that is killed (%s) is free at once', async (kind) => {
    const kill = await holder(kind);
    expect(tryLockFile(file, 'exclusive')).toBeUndefined();
    await kill();
    using lock = tryLockFile(file, 'exclusive');
    expect(lock).toBeDefined();
  });

  test('waits, and says so once', async () => {
    const kill = await holder('exclusive');
    const waits: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = lockFile(file, 'exclusive', () => resolve(void waits.push('waiting')), signal);
    await promise;
    await kill();
    using lock = await waiting;
    expect(lock).toBeDefined();
    expect(waits).toStrictEqual(['waiting']);
  });

  test('stops waiting when its signal aborts', async () => {
    using lock = tryLockFile(file, 'exclusive');
    expect(lock).toBeDefined();
    const stop = new AbortController();
    const waiting = lockFile(file, 'exclusive', () => stop.abort(new Error('enough')), stop.signal);
    await expect(waiting).rejects.toThrow('enough');
  });

  test('that cannot be made says what to do', () => {
    expect(() => tryLockFile('/nowhere/lock', 'exclusive')).toThrow(InfrastructureError);
    expect(() => tryLockFile('/nowhere/lock', 'exclusive')).toThrow('XDG_CACHE_HOME');
  });
});
