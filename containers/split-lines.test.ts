import { Readable } from 'node:stream';
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { splitLines } from './split-lines.ts';

/** What a reader is told of these chunks. */
const read = async (chunks: readonly Uint8Array[], longest = 1000): Promise<readonly string[]> => {
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  splitLines(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), longest, {
    onLine: (line) => told.push(line),
    onGarbage: (reason) => told.push(`garbage: ${reason}`),
    onEnd: resolve,
  });
  await promise;
  return told;
};

const bytes = (text: string): Uint8Array => Buffer.from(text);

test.prop([
  fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''))),
  fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
])('lines arrive whole, however they were cut into chunks', async (lines, sizes) => {
  const whole = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const chunks: Buffer[] = [];
  for (let start = 0, turn = 0; start < whole.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(whole.subarray(start, start + size));
    start += size;
  }
  expect(await read(chunks)).toEqual(lines);
});

test('half a line at the end is dropped', async () => {
  expect(await read([bytes('one\ntw')])).toEqual(['one']);
});

test('a line may be as long as the limit and no longer, ended or not', async () => {
  expect(await read([bytes('12345\n12345\n')], 5)).toEqual(['12345', '12345']);
  expect(await read([bytes('123456\nnext\n')], 5)).toEqual(['garbage: a line of more than 5 bytes']);
  expect(await read([bytes('123'), bytes('456')], 5)).toEqual(['garbage: a line of more than 5 bytes']);
});

test('nothing is read after what is not UTF-8', async () => {
  expect(await read([bytes('one\n'), Uint8Array.of(0xc3, 0x0a), bytes('two\n')])).toEqual([
    'one',
    'garbage: a line that is not UTF-8',
  ]);
});
