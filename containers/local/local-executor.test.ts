import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { OpenResult } from '../executor.ts';
import { isRunning } from './fixtures/is-running.ts';
import { searchAnyInterpreter } from './interpreters.ts';
import { localExecutor } from './local-executor.ts';

const { signal } = new AbortController();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executor-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const open = (path: string, until: AbortSignal = signal, steps: string[] = []): Promise<OpenResult> =>
  localExecutor().open(
    { id: 'some', device: 'cpu', source: { kind: 'interpreter', path } },
    { cold: true, hashSeed: 0, onStep: (step) => steps.push(step), onWarning: () => {} },
    until,
  );

/** An interpreter like any other, but for the probe: in its place it runs one of our programs. */
const interpreterWith = async (program: string): Promise<string> => {
  const python = join(folder, 'python');
  const file = join(import.meta.dirname, '../fixtures', `${program}.py`);
  const script = `#!/bin/sh\ncase "$1" in -I) exec python3 "$@" ;; *) exec python3 ${file} ;; esac\n`;
  await writeFile(python, script, { mode: 0o755 });
  return python;
};

test('an interpreter that is not there is broken, with what to do', async () => {
  await expect(open(join(folder, 'python'))).resolves.toEqual({
    kind: 'broken',
    reason: expect.stringMatching(/python: there is no such file\. Give the path of a Python executable/u),
  });
});

test('an environment without torch cannot be imported, in the words of its own interpreter', async () => {
  const { interpreter } = await searchAnyInterpreter(process.env, signal);
  await execa(interpreter?.path ?? '', ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
  await expect(open(join(folder, 'venv/bin/python'))).resolves.toMatchObject({
    kind: 'import-failed',
    failure: { type: 'ModuleNotFoundError', message: "No module named 'torch'" },
  });
});

test('a pin opens, runs cells and closes', async () => {
  const steps: string[] = [];
  const result = await open(await interpreterWith('ok'), signal, steps);
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  expect(steps).toEqual(['importing']);
  const { pid } = result.pin.hello.machine;
  expect(isRunning(pid)).toBe(true);
  await result.pin[Symbol.asyncDispose]();
  expect(isRunning(pid)).toBe(false);
});

test('a probe that does not greet is broken, and gone', async () => {
  await expect(open(await interpreterWith('greets_with_garbage'))).resolves.toEqual({
    kind: 'broken',
    reason: "the probe's first line is no greeting: Welcome to your environment!",
  });
});

test('a probe that is killed before it greets is started once more', async () => {
  const [python, ok] = [join(folder, 'python-that-is-killed'), await interpreterWith('ok')];
  const dies = `[ -e ${folder}/died ] || { touch ${folder}/died; kill -9 $$; }`;
  await writeFile(python, `#!/bin/sh\n[ "$1" = -I ] || ${dies}\nexec ${ok} "$@"\n`, { mode: 0o755 });
  const result = await open(python);
  expect(existsSync(join(folder, 'died'))).toBe(true);
  expect(result.kind).toBe('open');
  if (result.kind === 'open') await result.pin[Symbol.asyncDispose]();
});

test('opening ends when its signal aborts', async () => {
  const controller = new AbortController();
  const opening = open(await interpreterWith('never_greets'), controller.signal);
  controller.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
});

test('nothing is left of a probe whose harness was killed', async () => {
  const holder = spawn(
    process.execPath,
    [join(import.meta.dirname, 'fixtures/hold-executor.ts'), await interpreterWith('ok')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const told = await once(holder.stdout, 'data');
  const { pid } = z.object({ pid: z.int() }).parse(JSON.parse(String(told[0])));
  expect(isRunning(pid)).toBe(true);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000, interval: 50 });
});
