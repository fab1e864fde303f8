import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { isRunning } from './fixtures/is-running.ts';
import { runCommand } from './run-command.ts';

const { signal } = new AbortController();

test('a failure is a result, and says why', async () => {
  const failing = await runCommand('sh', ['-c', 'echo out; echo why >&2; exit 3'], { variables: process.env }, signal);
  expect(failing).toEqual({ ok: false, stdout: 'out', stderr: 'why' });
  const { ok, stderr } = await runCommand('no-such-program', [], { variables: process.env }, signal);
  expect(ok).toBe(false);
  expect(stderr).toContain('no-such-program');
});

test.runIf(process.platform === 'linux')('a command does not outlive us, however we end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'run-command-'));
  const file = join(folder, 'pid');
  const script = [
    `const { runCommand } = await import('${import.meta.resolve('./run-command.ts')}');`,
    `const words = ['-c', 'echo $$ > "$0"; exec sleep 60', '${file}'];`,
    "await runCommand('sh', words, { variables: process.env }, new AbortController().signal);",
  ];
  const us = execa(process.execPath, ['--input-type=module', '--eval', script.join('\n')], { reject: false });
  const pid = await vi.waitFor(async () => Number.parseInt(await readFile(file, 'utf8')), { timeout: 20_000 });
  try {
    expect(isRunning(pid)).toBe(true);
    us.kill('SIGKILL');
    await us;
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 5_000 });
  } finally {
    if (isRunning(pid)) process.kill(pid);
    await rm(folder, { recursive: true });
  }
});
