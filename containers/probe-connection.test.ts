import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CellRequest } from './cell-request.ts';
import { someCell } from './fixtures/some-cell.ts';
import { startProbeProcess, type ProbeProcess } from './local/probe-process.ts';
import { ProbeConnection } from './probe-connection.ts';

const { signal } = new AbortController();
const started: ProbeProcess[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const probe of started.splice(0)) await probe[Symbol.asyncDispose]();
});

/** A real process that runs one of the programs in `fixtures/` in place of a probe. */
const start = (program: string): ProbeProcess => {
  const python = join(import.meta.dirname, 'fixtures', `${program}.py`);
  const probe = startProbeProcess({ python, device: 'cpu', mode: { kind: 'cold', hashSeed: 0 } });
  started.push(probe);
  return probe;
};

const cell = (config: CellRequest['config'] = {}): CellRequest => ({ ...someCell, config });

const observed = { kind: 'observed', observation: { phases: [], ranks: 1, backend: 'none' } };

const broken = (reason: string): { readonly kind: 'broken'; readonly reason: string } => ({ kind: 'broken', reason });

/** The connection to a probe that never says a word: no process, so that time may be made to pass. */
const silent = (): ProbeConnection =>
  new ProbeConnection({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });

const isRunning = (pid: number | undefined): boolean => {
  try {
    return process.kill(pid ?? 0, 0);
  } catch {
    return false;
  }
};

describe('a probe that behaves', () => {
  test('greets, answers every cell that is under way, and leaves when it is told', async () => {
    const probe = start('ok');
    await expect(probe.connection.greeting).resolves.toMatchObject({ kind: 'hello', hello: { semantics: 1 } });
    const results = await Promise.all([1, 2, 3].map(() => probe.connection.run(cell(), signal)));
    expect(results).toMatchObject([observed, observed, observed]);
    await probe[Symbol.asyncDispose]();
    expect(isRunning(probe.pid)).toBe(false);
  });

  test('cancels a cell when the signal aborts, and answers the next', async () => {
    const { connection } = start('ok');
    const controller = new AbortController();
    const cancelled = connection.run(cell({ wait: true }), controller.signal);
    controller.abort(new Error('enough'));
    await expect(cancelled).rejects.toThrow('enough');
    await expect(connection.run(cell(), signal)).resolves.toMatchObject(observed);
  });

  test('is not asked for a cell whose signal has aborted already', async () => {
    const { connection } = start('ok');
    await expect(connection.run(cell(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });

  test('may write a character in several pieces', async () => {
    const { connection } = start('in_pieces');
    await expect(connection.run(cell(), signal)).resolves.toMatchObject({ provenance: { note: 'löss ≈ 1 🤗' } });
  });

  test('may write 300,000 lines to stderr', async () => {
    const { connection } = start('floods_stderr');
    await expect(connection.run(cell(), signal)).resolves.toMatchObject(observed);
  });

  test('answers a cell that it cannot read with an error, which breaks that cell alone', async () => {
    const { connection } = start('answers_with_errors');
    const result = { kind: 'broken', reason: 'cannot read the request: no' };
    await expect(connection.run(cell(), signal)).resolves.toEqual(result);
    await expect(connection.run(cell(), signal)).resolves.toEqual(result);
  });
});

describe('a probe that is stuck', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('does not hold a cell that was called off', async () => {
    const controller = new AbortController();
    const result = silent().run(cell(), controller.signal);
    controller.abort(new Error('enough'));
    await Promise.all([expect(result).rejects.toThrow('enough'), vi.advanceTimersByTimeAsync(5_000)]);
  });

  test('does not hold a cell for ever', async () => {
    const result = silent().run(cell(), signal);
    await vi.advanceTimersByTimeAsync(602_000);
    await expect(result).resolves.toEqual({ kind: 'broken', reason: 'the probe is past every deadline of a cell' });
  });
});

describe('a probe that does not greet', () => {
  test.each([
    ['leaves_without_a_word', 'the probe ended with exit code 7; its last words: Traceback: no such thing'],
    ['greets_with_garbage', "the probe's first line is no greeting: Welcome to your environment!"],
  ])('%s', async (program, reason) => {
    const { connection } = start(program);
    await expect(connection.greeting).resolves.toEqual(broken(reason));
    await expect(connection.run(cell(), signal)).resolves.toEqual({ kind: 'broken', reason });
  });

  test('cannot be started', async () => {
    const { connection } = start('no_such_program');
    await expect(connection.greeting).resolves.toMatchObject({
      kind: 'broken',
      reason: expect.stringMatching(/^the probe could not be started: [^]*no_such_program\.py[^]*ENOENT/u),
    });
  });

  test('cannot import a library: a fact, not an accident', async () => {
    const { connection } = start('cannot_import');
    await expect(connection.greeting).resolves.toMatchObject({
      kind: 'import-failed',
      failure: { type: 'ModuleNotFoundError', message: "No module named 'torch'" },
    });
    await expect(connection.run(cell(), signal)).resolves.toEqual({
      kind: 'broken',
      reason: 'the probe ended with exit code 3',
    });
  });

  test('says nothing until it is given up; the first reason stays', async () => {
    const { connection } = start('never_greets');
    connection.fail('no greeting within 1 s');
    connection.fail('something else');
    await expect(connection.greeting).resolves.toEqual(broken('no greeting within 1 s'));
  });
});

describe('a probe that breaks off', () => {
  test.each([
    ['dies_after_hello', 'the probe was killed by SIGSEGV; its last words: about to die'],
    ['half_a_line', 'the probe ended with exit code 9'],
    ['broken_utf8', 'the probe wrote a line that is not UTF-8'],
    // Else it would take all memory.
    ['endless_line', 'the probe wrote a line of more than 16000000 bytes'],
    ['outlived', 'the probe ended with exit code 4'],
  ])('%s: every cell that is under way is broken, and every later one', async (program, reason) => {
    const probe = start(program);
    await expect(probe.connection.greeting).resolves.toMatchObject({ kind: 'hello' });
    const underWay = [probe.connection.run(cell(), signal), probe.connection.run(cell(), signal)];
    await expect(Promise.all(underWay)).resolves.toEqual([broken(reason), broken(reason)]);
    await expect(probe.connection.run(cell(), signal)).resolves.toEqual(broken(reason));
    await probe[Symbol.asyncDispose]();
    expect(isRunning(probe.pid)).toBe(false);
  });

  test('an error that belongs to no cell breaks all of them', async () => {
    const { connection } = start('answers_with_errors');
    const result = broken('cannot read the request: no');
    await expect(connection.run(cell({ fatal: true }), signal)).resolves.toEqual(result);
    await expect(connection.run(cell(), signal)).resolves.toEqual(result);
  });

  test('a probe that does not leave is killed', async () => {
    const probe = start('ignores_the_end');
    await probe.connection.greeting;
    await probe[Symbol.asyncDispose]();
    expect(isRunning(probe.pid)).toBe(false);
  });
});

test('a probe sees no token of ours', async () => {
  vi.stubEnv('HF_TOKEN', 'secret');
  vi.stubEnv('GITHUB_TOKEN', 'secret');
  vi.stubEnv('UV_DEFAULT_INDEX', 'https://me:secret@example.org');
  vi.stubEnv('CUDA_VISIBLE_DEVICES', '');
  const greeting = await start('knows_its_environment').connection.greeting;
  const seen = greeting.kind === 'hello' ? greeting.hello.machine : {};
  expect(JSON.stringify(seen)).not.toContain('secret');
  expect(seen).toMatchObject({ HOME: process.env['HOME'], CUDA_VISIBLE_DEVICES: '' });
});
