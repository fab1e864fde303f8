import { once } from 'node:events';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { interruptible, StoppedError } from './interruption.ts';

const strike = async (signal: 'SIGINT' | 'SIGTERM'): Promise<void> => {
  const struck = once(process, signal);
  process.kill(process.pid, signal);
  await struck;
};

test.each(['SIGINT', 'SIGTERM'] as const)('%s once stops, twice aborts, and is told once', async (signal) => {
  let told = 0;
  using interruption = interruptible(() => (told += 1));
  expect([interruption.stop.aborted, interruption.abort.aborted]).toEqual([false, false]);
  await strike(signal);
  expect([interruption.stop.aborted, interruption.abort.aborted]).toEqual([true, false]);
  expect(interruption.stop.reason).toBeInstanceOf(StoppedError);
  await strike(signal);
  await strike(signal);
  expect(interruption.abort.reason).toMatchObject({ reason: 'interrupted' });
  expect(told).toBe(1);
});

test('a signal is nobody else’s business once it is over', () => {
  const before = process.listenerCount('SIGINT');
  {
    using interruption = interruptible(() => {});
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    expect(interruption.stop.aborted).toBe(false);
  }
  expect(process.listenerCount('SIGINT')).toBe(before);
});

/** A process of its own that does what `script` says, with `interruptible` at hand. */
const interruptedProcess = (script: string) => {
  const source = JSON.stringify(new URL('interruption.ts', import.meta.url).href);
  const words = ['--input-type=module', '--eval', `import { interruptible } from ${source};${script}`];
  return execa(process.execPath, words, { reject: false });
};

test('a signal that comes after a stop and its clean-up does not kill the process', async () => {
  const script = `
    {
      using interruption = interruptible(() => (process.exitCode = 130));
      process.kill(process.pid, 'SIGINT');
      while (!interruption.stop.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    process.kill(process.pid, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 100));`;
  const { exitCode, signal } = await interruptedProcess(script);
  expect({ exitCode, signal }).toEqual({ exitCode: 130, signal: undefined });
});

test('signals that come until the process is gone do not kill it either', { timeout: 60_000 }, async () => {
  const script = `
    using interruption = interruptible(() => (process.exitCode = 130));
    process.stdout.write('ready');
    while (!interruption.stop.aborted) await new Promise((resolve) => setTimeout(resolve, 1));`;
  for (let time = 0; time < 5; time += 1) {
    const child = interruptedProcess(script);
    await once(child.stdout, 'data');
    const striking = setInterval(() => child.kill('SIGINT'), 0);
    const { exitCode, signal } = await child.finally(() => clearInterval(striking));
    expect({ exitCode, signal }).toEqual({ exitCode: 130, signal: undefined });
  }
});
