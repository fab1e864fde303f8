import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { InfrastructureError } from '../../matrices/errors.ts';
import { formatLock, lockId } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { Telling } from '../telling.ts';
import { cacheLimitBytes, ensureEnvironment } from './build-environment.ts';
import { listEnvironments, pruneEnvironments, recordName, removeEnvironment } from './environment-store.ts';
import { searchAnyInterpreter } from './interpreters.ts';
import { hostPlatform } from './platform.ts';
import { findUv } from './uv.ts';

const { signal } = new AbortController();
const silent: Telling = { onStep: () => {}, onWarning: () => {} };

let cache: string;
let python: string;
let path: string;

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'environments-'));
  const { interpreter } = await searchAnyInterpreter(process.env, signal);
  python = interpreter?.version.split('.').slice(0, 2).join('.') ?? '';
  const uv = await findUv(process.env, silent, signal);
  path = [...(uv.path === 'uv' ? [] : [dirname(uv.path)]), process.env['PATH']].join(delimiter);
}, 120_000);

afterAll(() => remove(cache));

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', cache);
  vi.stubEnv('PATH', path);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await remove(store());
});

/** The installer of a builder that was killed may write on for a moment. */
const remove = (folder: string): Promise<void> =>
  rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

const lockOf = (packages: Readonly<Record<string, string>>): Lock => ({
  python,
  device: 'cpu',
  platform: hostPlatform(),
  packages,
});

const small = (): Lock => lockOf({ six: '1.16.0' });
const larger = (): Lock => lockOf({ six: '1.16.0', packaging: '24.0', idna: '3.7', pygments: '2.18.0', sympy: '1.12' });

const store = (): string => join(cache, 'peft-matrix', 'environments');
const visible = async (): Promise<readonly string[]> => (await readdir(store())).filter((name) => name !== '.locks');

const versionOf = async (executable: string, name: string): Promise<string> => {
  const script = `import importlib.metadata; print(importlib.metadata.version("${name}"))`;
  return (await execa(executable, ['-c', script])).stdout;
};

/** A process that asks for the environment, and is killed by the test. */
interface Builder {
  /** Waits for a line that begins with `start`; gives all lines until then. */
  until(start: string): Promise<readonly string[]>;
  kill(): Promise<void>;
}

const inAnotherProcess = (lock: Lock): Builder => {
  const program = join(import.meta.dirname, 'fixtures', 'ensure-environment.ts');
  const child = spawn(process.execPath, [program, formatLock(lock)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    until: async (start) => {
      const lines: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        if (line.startsWith(start)) return lines;
      }
      throw new Error(`The process ended after\n${lines.join('\n')}`);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
};

describe('ensureEnvironment', () => {
  test('builds what the lock says, and finds it again', async () => {
    const steps: string[] = [];
    using first = await ensureEnvironment(small(), { ...silent, onStep: (step) => steps.push(step) }, signal);
    expect(steps.at(-1)).toBe('installing 1 packages');
    expect(first.id).toBe(lockId(small()));
    await expect(versionOf(first.python, 'six')).resolves.toBe('1.16.0');
    const again: string[] = [];
    using second = await ensureEnvironment(small(), { ...silent, onStep: (step) => again.push(step) }, signal);
    expect([second.python, again]).toStrictEqual([first.python, []]);
  });

  test('makes scripts that run where the environment ends up', async () => {
    using environment = await ensureEnvironment(larger(), silent, signal);
    const { stdout } = await execa(join(environment.path, 'bin', 'pygmentize'), ['-V']);
    expect(stdout).toContain('2.18.0');
  });

  test('builds one environment when two processes ask at once', async () => {
    const children = [inAnotherProcess(larger()), inAnotherProcess(larger())];
    const lines = await Promise.all(children.map((child) => child.until('ready')));
    await Promise.all(children.map((child) => child.kill()));
    expect(lines.map((said) => said.at(-1))).toStrictEqual(
      Array.from(children, () => `ready ${join(store(), lockId(larger()), 'bin', 'python')}`),
    );
    expect(lines.flat().filter((line) => line.startsWith('installing'))).toHaveLength(1);
    await expect(visible()).resolves.toStrictEqual([lockId(larger())]);
  });

  test.each(['making', 'installing'])('survives kill -9 of a builder while %s', async (step) => {
    const child = inAnotherProcess(larger());
    await child.until(step);
    await child.kill();
    using environment = await ensureEnvironment(larger(), silent, signal);
    await expect(versionOf(environment.python, 'sympy')).resolves.toBe('1.12');
    // The installer of the dead process may write on for a moment.
    const swept = async (): Promise<readonly string[]> => {
      await pruneEnvironments({}, process.env, signal);
      return visible();
    };
    await expect.poll(swept, { timeout: 20_000 }).toStrictEqual([environment.id]);
  });

  test('builds anew what has lost its record or its interpreter', async () => {
    const { path: folder, python: executable, ...first } = await ensureEnvironment(small(), silent, signal);
    first[Symbol.dispose]();
    await rm(join(folder, recordName));
    using second = await ensureEnvironment(small(), silent, signal);
    expect(existsSync(join(second.path, recordName))).toBe(true);
    await unlink(executable);
    await symlink('/nowhere/python', executable);
    using third = await ensureEnvironment(small(), silent, signal);
    await expect(versionOf(third.python, 'six')).resolves.toBe('1.16.0');
  });

  test('says in the words of the installer what cannot be installed, and leaves nothing', async () => {
    const refusal = ensureEnvironment(lockOf({ six: '99.0' }), silent, signal);
    await expect(refusal).rejects.toThrow(InfrastructureError);
    await expect(refusal).rejects.toThrow(/The packages of the lock cannot be installed:[^]*no version of six==99\.0/);
    await expect(visible()).resolves.toStrictEqual([]);
  });

  test('names everything that it looked at for a Python that is not there', async () => {
    const refusal = ensureEnvironment({ ...small(), python: '3.99' }, silent, signal);
    await expect(refusal).rejects.toThrow(/No Python 3\.99 was found on this machine\. Looked at:\n {2}\//);
  });

  test('refuses the lock of another platform', async () => {
    const foreign = ensureEnvironment({ ...small(), platform: 'plan9-mips' }, silent, signal);
    await expect(foreign).rejects.toThrow(/lock is for plan9-mips, this machine is /);
  });

  test('stops when its signal aborts, and leaves nothing', async () => {
    const stop = new AbortController();
    const building = ensureEnvironment(
      larger(),
      { ...silent, onStep: () => stop.abort(new Error('enough')) },
      stop.signal,
    );
    await expect(building).rejects.toThrow('enough');
    await expect(visible()).resolves.toStrictEqual([]);
  });

  test('says what to do when something is in the way of the cache', async () => {
    const file = join(cache, 'file');
    await writeFile(file, '');
    vi.stubEnv('XDG_CACHE_HOME', file);
    await expect(ensureEnvironment(small(), silent, signal)).rejects.toThrow(
      /no folder is in the way[^]*XDG_CACHE_HOME/,
    );
  });
});

/** Builds an environment, gives it up, and dates its last use. */
const used = async (lock: Lock, daysAgo: number): Promise<string> => {
  using environment = await ensureEnvironment(lock, silent, signal);
  const moment = new Date(Date.now() - daysAgo * 86_400_000);
  await utimes(join(environment.path, recordName), moment, moment);
  return environment.id;
};

describe('the store', () => {
  test('lists what there is, most recently used first, what is shared counted once', async () => {
    const old = await used(larger(), 2);
    using recent = await ensureEnvironment(lockOf({ ...larger().packages, six: '1.15.0' }), silent, signal);
    const listed = await listEnvironments(process.env, signal);
    expect(listed.map(({ id, inUse }) => [id, inUse])).toStrictEqual([
      [recent.id, true],
      [old, false],
    ]);
    expect(listed[1]?.lock).toStrictEqual(larger());
    expect(listed[0]?.sizeBytes).toBeGreaterThan(10 * (listed[1]?.sizeBytes ?? Infinity));
  });

  test('is pruned by age and by size, least recently used first, but never of what is in use', async () => {
    const old = await used(small(), 9);
    const older = await used(lockOf({ six: '1.15.0' }), 10);
    using current = await ensureEnvironment(lockOf({ six: '1.14.0' }), silent, signal);
    const byAge = await pruneEnvironments({ unusedForMs: 9.5 * 86_400_000 }, process.env, signal);
    expect(byAge.removed.map(({ id }) => id)).toStrictEqual([older]);
    const bySize = await pruneEnvironments({ limitBytes: 1 }, process.env, signal);
    expect(bySize.removed.map(({ id }) => id)).toStrictEqual([old]);
    expect(bySize.kept.map(({ id }) => id)).toStrictEqual([current.id]);
    await expect(removeEnvironment(current.id, process.env)).resolves.toBe(false);
    current[Symbol.dispose]();
    await expect(pruneEnvironments({ all: true }, process.env, signal)).resolves.toMatchObject({ kept: [] });
    await expect(visible()).resolves.toStrictEqual([]);
  });

  test('keeps itself to the limit that is set', async () => {
    await used(small(), 1);
    vi.stubEnv('PEFT_MATRIX_CACHE_LIMIT_GB', '0.000001');
    using current = await ensureEnvironment(lockOf({ six: '1.15.0' }), silent, signal);
    await expect(visible()).resolves.toStrictEqual([current.id]);
  });

  test('reads its limit in gigabytes', () => {
    expect(cacheLimitBytes('2.5')).toBe(2_500_000_000);
    expect(cacheLimitBytes('')).toBe(60_000_000_000);
    expect(() => cacheLimitBytes('lots')).toThrow('PEFT_MATRIX_CACHE_LIMIT_GB is "lots"');
  });
});
