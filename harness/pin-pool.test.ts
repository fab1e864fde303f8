import { expect, test } from 'vitest';
import type { OpenResult } from '../containers/executor.ts';
import { hello, pinNamed } from './fixtures/cells.ts';
import { firstAttempt } from './cell.ts';
import { diaryExecutor, type Behaviour, type DiaryExecutor } from './fixtures/executor.ts';
import { PinPool } from './pin-pool.ts';

const poolOf = (
  behaviour: Behaviour = {},
  signal = new AbortController().signal,
): { readonly pool: PinPool; readonly executor: DiaryExecutor; readonly told: string[] } => {
  const executor = diaryExecutor(behaviour);
  const told: string[] = [];
  const pool = new PinPool({
    executor,
    onStep: ({ id }, step) => told.push(`${id}: ${step}`),
    onWarning: (message) => told.push(message),
    onOpen: ({ id }) => told.push(`${id} is open`),
    signal,
  });
  return { pool, executor, told };
};

const kindOf = ({ kind }: OpenResult): Promise<string> => Promise.resolve(kind);

test('a pin is opened once for all its users, cold ones apart, and closed with the pool', async () => {
  const { pool, executor, told } = poolOf();
  await Promise.all([1, 2, 3].map(() => pool.withPin(pinNamed('a'), firstAttempt, kindOf)));
  await pool.withPin(pinNamed('a'), { number: 0, cold: true }, kindOf);
  expect(executor.diary).toEqual(['open a', 'open a cold']);
  expect(told).toEqual(['a is open']);
  await pool[Symbol.asyncDispose]();
  expect(executor.diary.slice(2).toSorted()).toEqual(['close a', 'close a cold']);
});

test('the least recently used of too many is closed, never one that is in use', async () => {
  const { pool, executor } = poolOf();
  const { promise, resolve } = Promise.withResolvers<void>();
  const inUse = pool.withPin(pinNamed('first'), firstAttempt, () => promise);
  for (const name of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) await pool.withPin(pinNamed(name), firstAttempt, kindOf);
  await pool.withPin(pinNamed('c'), firstAttempt, kindOf);
  await pool.withPin(pinNamed('i'), firstAttempt, kindOf);
  expect(executor.diary.filter((line) => line.startsWith('close'))).toContain('close b');
  expect(executor.diary).not.toContain('close first');
  expect(executor.diary).not.toContain('close c');
  resolve();
  await inUse;
  await pool[Symbol.asyncDispose]();
  expect(executor.diary).toContain('close first');
});

test('a pin that is forgotten is closed and opened anew, once', async () => {
  const { pool, executor } = poolOf();
  const opened = await pool.withPin(pinNamed('a'), firstAttempt, (result) => Promise.resolve(result));
  await Promise.all([
    pool.forget(pinNamed('a'), firstAttempt, opened),
    pool.forget(pinNamed('a'), firstAttempt, opened),
  ]);
  await pool.withPin(pinNamed('a'), firstAttempt, kindOf);
  await pool.forget(pinNamed('a'), firstAttempt, opened);
  await pool.withPin(pinNamed('a'), firstAttempt, kindOf);
  expect(executor.diary.filter((line) => line === 'open a')).toHaveLength(2);
  await pool[Symbol.asyncDispose]();
});

test('a pin that cannot be asked is a result, for every user', async () => {
  const { pool, told } = poolOf({ opening: () => Promise.resolve({ kind: 'broken', reason: 'no' }) });
  const kinds = [1, 2].map(() => pool.withPin(pinNamed('a'), firstAttempt, kindOf));
  expect(await Promise.all(kinds)).toEqual(['broken', 'broken']);
  expect(told).toEqual([]);
  await pool[Symbol.asyncDispose]();
});

test('an executor that throws does so for the one who asks, and closing the pool goes on', async () => {
  const { pool } = poolOf({ opening: () => Promise.reject(new Error('a defect')) });
  await expect(pool.withPin(pinNamed('a'), firstAttempt, kindOf)).rejects.toThrow('a defect');
  await expect(pool[Symbol.asyncDispose]()).resolves.toBeUndefined();
});

test('a probe that cannot be closed does not hide what the campaign found', async () => {
  const { pool } = poolOf({
    opening: () =>
      Promise.resolve({
        kind: 'open',
        pin: {
          hello,
          run: () => Promise.reject(new Error('not asked')),
          [Symbol.asyncDispose]: () => Promise.reject(new Error('will not end')),
        },
      }),
  });
  await pool.withPin(pinNamed('a'), firstAttempt, kindOf);
  await expect(pool[Symbol.asyncDispose]()).resolves.toBeUndefined();
});

test('opening ends when the signal aborts', async () => {
  const { pool } = poolOf({}, AbortSignal.abort(new Error('enough')));
  await expect(pool.withPin(pinNamed('a'), firstAttempt, kindOf)).rejects.toThrow('enough');
});
