import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { RunningProbe } from '../open-probe.ts';
import { someCell } from '../fixtures/some-cell.ts';
import { deviceRequests } from './device-requests.ts';
import { answerLimitMs, connectEngine } from './engine.ts';
import { standIn } from './fixtures/stand-in.ts';
import { ownLabel, processLabel, processMark } from './labels.ts';
import { startProbeContainer } from './start-probe-container.ts';
import { sweepContainers } from './sweep-containers.ts';

const { signal } = new AbortController();
const started: RunningProbe[] = [];

afterEach(async () => {
  for (const probe of started.splice(0)) await probe[Symbol.asyncDispose]();
});

const start = async (program: string): Promise<RunningProbe> => {
  const probe = startProbeContainer(await connectEngine(), standIn(program));
  started.push(probe);
  return probe;
};

/** Containers that serve a process, in whatever state. */
const containersOf = async (mark: string): Promise<number> => {
  const engine = await connectEngine();
  return (await engine.listContainers({ all: true, filters: { label: [`${processLabel}=${mark}`] } })).length;
};

/** Containers that serve a process which may be gone. */
const containersWith = async (pid: number): Promise<number> => {
  const engine = await connectEngine();
  const all = await engine.listContainers({ all: true, filters: { label: [ownLabel] } });
  return all.filter(({ Labels }) => Labels[processLabel]?.split(' ')[1] === String(pid)).length;
};

const killHolderOf = async (program: string): Promise<number> => {
  const holder = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/hold-container.ts'), program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const { pid = 0 } = holder;
  expect(await containersWith(pid)).toBe(1);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  return pid;
};

describe('a probe in a container', { tags: ['docker'] }, () => {
  test('greets, answers and leaves; nothing is left of it', async () => {
    const probe = await start('ok');
    await expect(probe.connection.greeting).resolves.toMatchObject({ kind: 'hello' });
    expect(await containersOf(processMark())).toBe(1);
    await expect(probe.connection.run(someCell, signal)).resolves.toMatchObject({ kind: 'observed' });
    await probe[Symbol.asyncDispose]();
    expect(await containersOf(processMark())).toBe(0);
  });

  test.each([
    ['cannot_import', { kind: 'import-failed' }],
    [
      'leaves_without_a_word',
      { kind: 'broken', reason: expect.stringContaining('ended with exit code 7; its last words') },
    ],
    ['greets_with_garbage', { kind: 'broken', reason: expect.stringContaining('first line is no greeting') }],
  ])('%s is told in its own words', async (program, greeting) => {
    const probe = await start(program);
    await expect(probe.connection.greeting).resolves.toMatchObject(greeting);
  });

  test('an image that is not there is told in the words of the engine', async () => {
    const probe = startProbeContainer(await connectEngine(), { ...standIn('ok'), image: 'peft-matrix/none:0' });
    await expect(probe.connection.greeting).resolves.toMatchObject({
      kind: 'broken',
      reason: expect.stringMatching(/could not be started:.*peft-matrix\/none/su),
    });
    await probe[Symbol.asyncDispose]();
  });

  test('one that dies breaks its cell, in the words of the engine', async () => {
    const probe = await start('dies_after_hello');
    await probe.connection.greeting;
    await expect(probe.connection.run(someCell, signal)).resolves.toMatchObject({
      kind: 'broken',
      reason: expect.stringContaining('exit code 139'),
    });
  });

  test.each(['floods_stderr', 'writes_byte_by_byte'])('%s: its output harms nobody', async (program) => {
    const probe = await start(program);
    await probe.connection.greeting;
    await expect(probe.connection.run(someCell, signal)).resolves.toMatchObject({ kind: 'observed' });
    await expect(probe.connection.run(someCell, signal)).resolves.toMatchObject({ kind: 'observed' });
  });

  test('one that does not leave is killed', async () => {
    const probe = await start('ignores_the_end');
    await probe.connection.greeting;
    await probe[Symbol.asyncDispose]();
    expect(await containersOf(processMark())).toBe(0);
  });

  test('one that is gone keeps nobody from leaving', async () => {
    const user = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/use-container.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(user.stdout, 'data');
    const late = sleep(answerLimitMs / 3, 'still there', { ref: false });
    const end = await Promise.race([once(user, 'exit'), late]);
    user.kill();
    expect(end).toEqual([0, null]);
  });

  test('one that is wedged holds up nobody, and is gone all the same', async () => {
    const engine = await connectEngine();
    const probe = await start('ok');
    await probe.connection.greeting;
    const [container] = await engine.listContainers({
      all: true,
      filters: { label: [`${processLabel}=${processMark()}`] },
    });
    await engine.getContainer(container?.Id ?? '').pause();
    const controller = new AbortController();
    const running = probe.connection.run(someCell, controller.signal);
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    await probe[Symbol.asyncDispose]();
    expect(await containersOf(processMark())).toBe(0);
  });

  test('one that runs out of memory says so', async () => {
    const options = standIn('ok');
    const entrypoint = ['python3', '-c', 'x = bytearray(200 * 1024 ** 2)'];
    const limits = { ...options.limits, memoryBytes: 64 * 1024 ** 2, shmBytes: 1024 ** 2 };
    const probe = startProbeContainer(await connectEngine(), { ...options, entrypoint, limits });
    started.push(probe);
    await expect(probe.connection.greeting).resolves.toEqual({
      kind: 'broken',
      reason: "the probe's container ran out of memory",
    });
  });

  test('asks for every GPU in a way that an engine without a GPU runtime refuses', async () => {
    const probe = startProbeContainer(await connectEngine(), {
      ...standIn('ok'),
      deviceRequests: deviceRequests('cuda', { kind: 'all' }),
    });
    started.push(probe);
    await expect(probe.connection.greeting).resolves.toMatchObject({
      kind: 'broken',
      reason: expect.stringContaining('could not select device driver "nvidia" with capabilities: [[gpu]]'),
    });
    await probe[Symbol.asyncDispose]();
    expect(await containersOf(processMark())).toBe(0);
  });
});

describe('when the harness is killed', { tags: ['docker'] }, () => {
  test('a probe that waits is gone at once', async () => {
    const pid = await killHolderOf('ok');
    await vi.waitFor(async () => expect(await containersWith(pid)).toBe(0), { timeout: 10_000, interval: 50 });
  });

  test('one that computes is swept at the next start, and one of a living process is not', async () => {
    const living = await start('ok');
    await living.connection.greeting;
    const pid = await killHolderOf('computes');
    await expect(sweepContainers(await connectEngine(), () => {})).resolves.toBeGreaterThanOrEqual(1);
    await vi.waitFor(async () => expect(await containersWith(pid)).toBe(0), { timeout: 10_000, interval: 50 });
    expect(await containersOf(processMark())).toBe(1);
  });
});
